//! A registry that says what it was told to say, byte for byte, and keeps what it was sent.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// A request as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(key, _)| key == name);
        found.next().map(|(_, value)| value.as_str())
    }

    /// Method and target.
    pub(crate) fn line(&self) -> String {
        format!("{} {}", self.method, self.target)
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// What is done with one request.
pub(crate) enum Step {
    /// These bytes, then the end of the connection.
    Bytes(Vec<u8>),
    /// These bytes, and then nothing, for ever.
    Hang(Vec<u8>),
    /// These bytes, then one byte at a time, for ever.
    Drip(Vec<u8>),
}

/// An answer with a JSON content type and the right length.
pub(crate) fn json(status: u16, body: &str) -> Step {
    with(status, &[("content-type", "application/json")], body)
}

/// An answer with these headers and the right length.
pub(crate) fn with(status: u16, headers: &[(&str, &str)], body: &str) -> Step {
    let headers: String = headers
        .iter()
        .flat_map(|(name, value)| [name, ": ", value, "\r\n"])
        .collect();
    let length = body.len();
    let answer = format!(
        "HTTP/1.1 {status} Said\r\nconnection: close\r\n{headers}content-length: {length}\r\n\r\n{body}"
    );
    Step::Bytes(answer.into_bytes())
}

/// The connection is closed without a word.
pub(crate) fn close() -> Step {
    Step::Bytes(Vec::new())
}

pub(crate) struct Server {
    pub(crate) port: u16,
    script: Arc<Mutex<VecDeque<Step>>>,
    seen: Arc<Mutex<Vec<Seen>>>,
    raw: Arc<Mutex<Vec<u8>>>,
    task: JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    pub(crate) async fn start(script: impl IntoIterator<Item = Step>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let script = Arc::new(Mutex::new(script.into_iter().collect::<VecDeque<_>>()));
        let seen = Arc::new(Mutex::new(Vec::new()));
        let raw = Arc::new(Mutex::new(Vec::new()));
        let task = tokio::spawn({
            let (script, seen, raw) = (script.clone(), seen.clone(), raw.clone());
            async move {
                let mut open = tokio::task::JoinSet::new();
                while let Ok((stream, _)) = listener.accept().await {
                    open.spawn(serve(stream, script.clone(), seen.clone(), raw.clone()));
                }
            }
        });
        Self {
            port,
            script,
            seen,
            raw,
            task,
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/", self.port)
    }

    pub(crate) fn then(&self, step: Step) {
        self.script.lock().unwrap().push_back(step);
    }

    pub(crate) fn clear(&self) {
        self.script.lock().unwrap().clear();
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.seen().iter().map(Seen::line).collect()
    }

    /// Every byte that ever arrived.
    pub(crate) fn raw(&self) -> Vec<u8> {
        self.raw.lock().unwrap().clone()
    }
}

async fn serve(
    mut stream: TcpStream,
    script: Arc<Mutex<VecDeque<Step>>>,
    seen: Arc<Mutex<Vec<Seen>>>,
    raw: Arc<Mutex<Vec<u8>>>,
) {
    let mut bytes = Vec::new();
    let request = loop {
        let mut chunk = [0; 4096];
        let Ok(length @ 1..) = stream.read(&mut chunk).await else {
            return;
        };
        raw.lock().unwrap().extend_from_slice(&chunk[..length]);
        bytes.extend_from_slice(&chunk[..length]);
        if let Some(request) = parse(&bytes) {
            break request;
        }
    };
    seen.lock().unwrap().push(request);
    let step = script.lock().unwrap().pop_front();
    // A client that has read enough goes away while this still writes.
    match step {
        Some(Step::Bytes(answer)) => {
            let _ = stream.write_all(&answer).await;
            let _ = stream.shutdown().await;
        }
        Some(Step::Hang(answer)) => {
            let _ = stream.write_all(&answer).await;
            std::future::pending::<()>().await;
        }
        Some(Step::Drip(answer)) => {
            let _ = stream.write_all(&answer).await;
            let mut tick = tokio::time::interval(std::time::Duration::from_millis(5));
            while stream.write_all(b" ").await.is_ok() {
                tick.tick().await;
            }
        }
        None => {
            let _ = stream
                .write_all(
                    b"HTTP/1.1 599 Unscripted\r\nconnection: close\r\ncontent-length: 0\r\n\r\n",
                )
                .await;
        }
    }
}

/// The request, once all of it is there.
fn parse(bytes: &[u8]) -> Option<Seen> {
    let text = String::from_utf8_lossy(bytes);
    let (head, body) = text.split_once("\r\n\r\n")?;
    let mut lines = head.lines();
    let mut first = lines.next()?.split(' ');
    let (method, target) = (first.next()?.to_owned(), first.next()?.to_owned());
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let length = headers
        .iter()
        .find(|(name, _)| name == "content-length")
        .map_or(0, |(_, value)| value.parse().unwrap());
    (body.len() >= length).then(|| Seen {
        method,
        target,
        headers,
        body: body.to_owned(),
    })
}
