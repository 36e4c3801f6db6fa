//! Https, against a server whose authority is one of this test's own. Its key is in the repository and good for nothing.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use npm_warden::registry::http::HttpRegistry;
use npm_warden::registry::{Error, Registry as _, Sent};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::client::{TOKEN, plain, setup};

const CA: &[u8] = include_bytes!("tls/ca.pem");
const CERTIFICATE: &[u8] = include_bytes!("tls/server.pem");
const KEY: &[u8] = include_bytes!("tls/server.key");

/// A server for one connection: what arrived inside of the encryption, or why nothing did.
fn serve() -> (u16, JoinHandle<Result<String, String>>) {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![CertificateDer::from_pem_slice(CERTIFICATE).unwrap()],
            PrivateKeyDer::from_pem_slice(KEY).unwrap(),
        )
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let thread = std::thread::spawn(move || {
        let (socket, _) = listener.accept().unwrap();
        let connection = rustls::ServerConnection::new(Arc::new(config)).unwrap();
        let mut stream = rustls::StreamOwned::new(connection, socket);
        let mut request = Vec::new();
        while !request.ends_with(b"\r\n\r\n") {
            let mut chunk = [0; 1024];
            match stream.read(&mut chunk) {
                Ok(0) => return Err("closed".to_owned()),
                Ok(length) => request.extend_from_slice(&chunk[..length]),
                Err(error) => return Err(error.to_string()),
            }
        }
        let body = r#"{"username":"alice"}"#;
        let head = format!(
            "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all((head + body).as_bytes()).unwrap();
        stream.conn.send_close_notify();
        stream.flush().unwrap();
        Ok(String::from_utf8(request).unwrap())
    });
    (port, thread)
}

#[tokio::test]
async fn p23_a_configured_authority_is_trusted() {
    for host in ["localhost", "127.0.0.1"] {
        let (port, server) = serve();
        let mut setup = setup(&format!("https://{host}:{port}/"));
        setup.network.ca = vec![CA.to_vec()];
        let client = HttpRegistry::new(setup).unwrap();
        assert_eq!(client.whoami(plain()).await.unwrap().as_str(), "alice");
        let request = server.join().unwrap().unwrap();
        assert!(
            request.starts_with("GET /-/whoami HTTP/1.1\r\n"),
            "{request}"
        );
        assert!(request.contains(TOKEN));
    }
}

#[tokio::test]
async fn p23_an_additional_authority_is_trusted_beside_the_systems() {
    let (port, server) = serve();
    let mut setup = setup(&format!("https://localhost:{port}/"));
    setup.network.extra_ca = vec![CA.to_vec()];
    let client = HttpRegistry::new(setup).unwrap();
    assert_eq!(client.whoami(plain()).await.unwrap().as_str(), "alice");
    assert!(server.join().unwrap().is_ok());
}

#[tokio::test]
async fn p23_an_authority_that_nobody_named_is_not_trusted() {
    let (port, server) = serve();
    let client = HttpRegistry::new(setup(&format!("https://localhost:{port}/"))).unwrap();
    let error = client.whoami(plain()).await.unwrap_err();
    let Error::Network {
        sent: Sent::No,
        why,
    } = &error
    else {
        panic!("{error:?}")
    };
    assert!(why.as_str().contains("certificate"), "{why}");
    // The thread ends after one connection: a second attempt would have been refused instead.
    assert!(server.join().unwrap().is_err(), "no request went out");
}

#[tokio::test]
async fn p21_nothing_is_sent_in_the_clear_to_a_server_that_speaks_no_tls() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let bytes = Arc::new(Mutex::new(Vec::new()));
    let server = std::thread::spawn({
        let bytes = bytes.clone();
        move || {
            for _ in 0..3 {
                let (mut socket, _) = listener.accept().unwrap();
                let mut chunk = [0; 4096];
                let length = socket.read(&mut chunk).unwrap();
                bytes.lock().unwrap().extend_from_slice(&chunk[..length]);
                socket.write_all(b"HTTP/1.1 400 Bad\r\n\r\n").unwrap();
            }
        }
    });
    let client = HttpRegistry::new(setup(&format!("https://127.0.0.1:{port}/"))).unwrap();
    let error = client.whoami(plain()).await.unwrap_err();
    assert!(
        matches!(error, Error::Network { sent: Sent::No, .. }),
        "{error:?}"
    );
    server.join().unwrap();
    let bytes = bytes.lock().unwrap();
    assert_eq!(bytes[0], 0x16, "a TLS handshake");
    assert!(!String::from_utf8_lossy(&bytes).contains(TOKEN));
}

#[tokio::test]
async fn p23_a_certificate_that_is_none_is_said_before_anything_is_sent() {
    for pem in [
        &b"nonsense"[..],
        b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    ] {
        let mut setup = setup("https://registry.test/");
        setup.network.ca = vec![pem.to_vec()];
        let failure = HttpRegistry::new(setup).unwrap_err();
        assert!(failure.what.as_str().contains("certificate"), "{failure}");
    }
}
