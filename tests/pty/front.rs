//! npm's default registry, as the program sees it: a proxy on this machine that answers by TLS in its name, and passes
//! what is asked on to the embedded registry. Its certificate is made by `openssl` for the one test.

use std::io::{Read, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use npm_warden::domain::identity::DEFAULT_REGISTRY;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::missing::missing;

/// Whether `openssl` is here; where it is not, that is said, and in the checks it is a failure.
pub fn works() -> bool {
    let mut openssl = Command::new("openssl");
    openssl.arg("version").stdout(Stdio::null());
    let there = openssl.status().is_ok_and(|status| status.success());
    if !there {
        missing(
            "a certificate of the day",
            "there is no openssl on this machine",
            "install openssl",
        );
    }
    there
}

/// The proxy. It ends when it is dropped.
pub struct Front {
    port: u16,
    authority: PathBuf,
    over: Arc<AtomicBool>,
}

impl Front {
    /// A proxy to the registry at `url`, with its files in this folder.
    pub fn of(url: &str, folder: &Path) -> Self {
        let host = DEFAULT_REGISTRY.trim_start_matches("https://");
        let host = host.trim_end_matches('/');
        let (certificate, key) = certified(host, folder);
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![CertificateDer::from_pem_file(&certificate).unwrap()],
                PrivateKeyDer::from_pem_file(key).unwrap(),
            )
            .unwrap();
        let config = Arc::new(config);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let over = Arc::new(AtomicBool::new(false));
        let ends = Arc::clone(&over);
        let registry = url.trim_start_matches("http://").trim_end_matches('/');
        let registry = registry.to_owned();
        std::thread::spawn(move || {
            for client in listener.incoming() {
                if ends.load(Ordering::SeqCst) {
                    return;
                }
                let (config, registry) = (Arc::clone(&config), registry.clone());
                // Who goes away in the middle leaves nothing to pass on.
                std::thread::spawn(move || drop(pass(client.unwrap(), config, &registry)));
            }
        });
        Self {
            port,
            authority: certificate,
            over,
        }
    }

    /// The lines of the npm configuration that lead here.
    pub fn npmrc(&self) -> String {
        format!(
            "https-proxy=http://127.0.0.1:{}\ncafile={}\n",
            self.port,
            self.authority.display()
        )
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
        // Wakes the one who accepts.
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

/// A certificate for this host, and its key.
fn certified(host: &str, folder: &Path) -> (PathBuf, PathBuf) {
    let (config, certificate, key) = (
        folder.join("front.cnf"),
        folder.join("front.pem"),
        folder.join("front.key"),
    );
    let request = format!(
        "[req]\ndistinguished_name=dn\nx509_extensions=ext\nprompt=no\n[dn]\nCN=of a test\n\
         [ext]\nsubjectAltName=DNS:{host}\nbasicConstraints=critical,CA:FALSE\n"
    );
    std::fs::write(&config, request).unwrap();
    let made = Command::new("openssl")
        .args(["req", "-x509", "-nodes", "-days", "2", "-newkey", "ec"])
        .args(["-pkeyopt", "ec_paramgen_curve:prime256v1", "-config"])
        .arg(config)
        .arg("-out")
        .arg(&certificate)
        .arg("-keyout")
        .arg(&key)
        .output()
        .unwrap();
    assert!(made.status.success(), "{made:?}");
    (certificate, key)
}

/// One connection with one request: what is asked, and the whole answer.
fn pass(mut client: TcpStream, config: Arc<ServerConfig>, registry: &str) -> std::io::Result<()> {
    let (asked, _) = message(&mut client)?;
    assert!(asked.starts_with("CONNECT "), "{asked}");
    client.write_all(b"HTTP/1.1 200 OK\r\n\r\n")?;
    let connection = ServerConnection::new(config).map_err(std::io::Error::other)?;
    let mut client = StreamOwned::new(connection, client);
    let (head, body) = message(&mut client)?;
    let lines = head.trim_end().lines();
    let kept = lines.filter(|line| {
        let line = line.to_ascii_lowercase();
        !line.starts_with("host:") && !line.starts_with("connection:")
    });
    let kept = kept.collect::<Vec<_>>().join("\r\n");
    let head = format!("{kept}\r\nhost: {registry}\r\nconnection: close\r\n\r\n");
    let mut server = TcpStream::connect(registry)?;
    server.write_all(head.as_bytes())?;
    server.write_all(&body)?;
    let mut answer = Vec::new();
    server.read_to_end(&mut answer)?;
    client.write_all(&answer)?;
    client.conn.send_close_notify();
    client.flush()
}

/// The head of a request, and its body.
fn message(from: &mut impl Read) -> std::io::Result<(String, Vec<u8>)> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        from.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).map_err(std::io::Error::other)?;
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length")
            .then(|| value.trim().parse().ok())?
    });
    let mut body = vec![0; length.unwrap_or(0)];
    from.read_exact(&mut body)?;
    Ok((head, body))
}
