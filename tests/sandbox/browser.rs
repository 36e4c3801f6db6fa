//! A browser without script: it follows a form, keeps one page's cookie, and checks what every page must have.

use reqwest::header::HeaderMap;
use reqwest::{Client, redirect::Policy};

use crate::site::client;

/// A browser that looks at one page.
pub struct Browser {
    url: String,
    cookie: Option<String>,
    client: Client,
    /// The page that is shown.
    pub page: Shown,
}

/// A page.
#[derive(Debug)]
pub struct Shown {
    pub status: u16,
    pub headers: HeaderMap,
    pub html: String,
}

impl Shown {
    /// The one heading.
    pub fn heading(&self) -> &str {
        between(&self.html, "<h1>", "</h1>").unwrap()
    }

    /// The text of the problem, which belongs to the fields that name it.
    pub fn problem(&self) -> Option<&str> {
        between(
            &self.html,
            r#"<p class="error" id="problem" role="alert">Problem: "#,
            "</p>",
        )
    }

    /// The fields of the form, hidden ones included, with what is in them.
    pub fn fields(&self) -> Vec<(String, String)> {
        self.html
            .split("<input ")
            .skip(1)
            .map(|input| {
                let get = |name: &str| between(input, &format!(" {name}=\""), "\"");
                let name = get("name").unwrap().to_owned();
                (name, get("value").unwrap_or_default().to_owned())
            })
            .collect()
    }

    pub fn has(&self, name: &str) -> bool {
        self.fields().iter().any(|(field, _)| field == name)
    }

    /// The tag of a field.
    pub fn tag(&self, name: &str) -> &str {
        between(&self.html, &format!("<input id=\"{name}\""), ">").unwrap()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

pub fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(before)?;
    rest.split_once(after).map(|(found, _)| found)
}

impl Browser {
    pub async fn open(url: &str) -> Self {
        client();
        let client = Client::builder()
            .no_proxy()
            .redirect(Policy::none())
            .build()
            .unwrap();
        let mut browser = Self {
            url: url.to_owned(),
            cookie: None,
            client,
            page: Shown {
                status: 0,
                headers: HeaderMap::new(),
                html: String::new(),
            },
        };
        browser.reload().await;
        browser
    }

    pub async fn reload(&mut self) -> &Shown {
        self.send(self.client.get(&self.url)).await;
        &self.page
    }

    /// Fills the form in, presses a button, and goes where that leads.
    pub async fn press(&mut self, button: &str, filled: &[(&str, &str)]) -> &Shown {
        self.submit(button, filled, &[]).await
    }

    /// The same with headers.
    pub async fn submit(
        &mut self,
        button: &str,
        filled: &[(&str, &str)],
        headers: &[(&str, &str)],
    ) -> &Shown {
        let mut fields = self.page.fields();
        for (name, value) in filled {
            let field = fields.iter_mut().find(|(field, _)| field == name);
            let (_, field) = field.unwrap_or_else(|| panic!("no {name}"));
            (*value).clone_into(field);
        }
        fields.push(("answer".to_owned(), button.to_owned()));
        self.post(&fields, headers).await
    }

    pub async fn post(&mut self, fields: &[(String, String)], headers: &[(&str, &str)]) -> &Shown {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        let mut request = self
            .client
            .post(&self.url)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request).await;
        if self.page.status == 303 {
            let to = self.page.header("location").unwrap();
            assert!(self.url.ends_with(to), "{to} is another page");
            self.reload().await;
        }
        &self.page
    }

    /// Another browser's cookie, or none.
    pub fn with_cookie(&mut self, cookie: Option<String>) {
        self.cookie = cookie;
    }

    pub fn cookie(&self) -> Option<String> {
        self.cookie.clone()
    }

    /// Signs in by password, and by a code where there is one.
    pub async fn sign_in(&mut self, name: &str, password: &str, code: Option<&str>) -> &Shown {
        self.press("go", &[("username", name), ("password", password)])
            .await;
        if let Some(code) = code {
            self.press("go", &[("code", code)]).await;
        }
        &self.page
    }

    async fn send(&mut self, mut request: reqwest::RequestBuilder) {
        if let Some(cookie) = &self.cookie {
            request = request.header("cookie", format!("other=1; {cookie}"));
        }
        let response = request.send().await.unwrap();
        self.page = Shown {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            html: response.text().await.unwrap(),
        };
        let path = format!("/{}", self.url.splitn(4, '/').nth(3).unwrap());
        if let Some(set) = self.page.header("set-cookie") {
            let (pair, rest) = set.split_once(';').unwrap();
            let wanted = format!(" Path={path}; Max-Age=600; HttpOnly; SameSite=Strict");
            assert_eq!(rest, wanted);
            self.cookie = Some(pair.to_owned());
        }
        self.check();
    }

    /// What every page must have.
    fn check(&self) {
        let page = &self.page;
        for (name, value) in [
            ("cache-control", "no-store"),
            ("content-type", "text/html; charset=utf-8"),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            (
                "content-security-policy",
                "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'",
            ),
        ] {
            assert_eq!(page.header(name), Some(value), "{page:?}");
        }
        if page.status == 303 {
            return;
        }
        let html = &page.html;
        assert!(html.starts_with("<!doctype html>\n<html lang=\"en\">"));
        assert_eq!(html.matches("<h1>").count(), 1);
        assert_eq!(html.matches("<main>").count(), 1);
        assert!(html.contains("<meta name=\"viewport\""));
        assert!(html.contains("color-scheme:light dark"));
        for never in ["<script", "src=", "http:", "https:", "onclick", "url("] {
            assert!(!html.contains(never), "{never} in {html}");
        }
        // The one other page that is led to.
        for link in html.split("href=\"").skip(1) {
            let to = link.split('"').next().unwrap();
            assert!(to.starts_with('/') && to.ends_with("/-/inbox"), "{to}");
        }
        // Each field that is seen has a label, and what describes it is there.
        for input in html.split("<input ").skip(1) {
            let tag = input.split('>').next().unwrap();
            if tag.contains("type=\"hidden\"") {
                continue;
            }
            let id = between(tag, "id=\"", "\"").unwrap();
            assert!(html.contains(&format!("<label for=\"{id}\">")), "{id}");
            assert!(tag.contains(" autocomplete=\""), "{tag}");
            let described = between(tag, "aria-describedby=\"", "\"").unwrap_or_default();
            for id in described.split_whitespace() {
                assert_eq!(html.matches(&format!("id=\"{id}\"")).count(), 1, "{id}");
            }
        }
        assert!(html.matches(" autofocus").count() <= 1);
    }
}
