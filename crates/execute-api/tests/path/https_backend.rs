//! HTTPS backends: whose certificate is taken, and whose is not ("TlsConfig" of the API reference).

use std::{convert::Infallible, sync::Arc};

use bytes::Bytes;
use execute_api::{
    gateway::{BackendTls, Gateway},
    ports::Ports,
    stage::ClientIdentity,
};
use http_body_util::Full;
use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose,
    date_time_ymd,
};
use rustls::server::{WebPkiClientVerifier, danger::ClientCertVerifier};
use rustls::{
    RootCertStore, ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer},
};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::fixture::{self, Answer, Api, FakeFunctions, get};

/// An authority of the test's own.
struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).expect("no names");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let key = KeyPair::generate().expect("a key");
        Self { issuer: CertifiedIssuer::self_signed(params, key).expect("a certificate") }
    }

    fn certificate(&self) -> CertificateDer<'static> {
        self.issuer.der().clone()
    }

    /// Starts a backend that this authority vouches for under `name`, until the end of `last_year`, and tells its port.
    async fn backend(&self, name: &str, last_year: i32) -> u16 {
        self.backend_asking(name, last_year, WebPkiClientVerifier::no_client_auth()).await
    }

    /// Starts a backend for the clients that present this certificate.
    async fn backend_for(&self, client: &Client) -> u16 {
        let mut roots = RootCertStore::empty();
        roots.add(client.certificate.clone()).expect("a certificate");
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
        self.backend_asking("localhost", 2100, verifier.build().expect("a verifier")).await
    }

    async fn backend_asking(&self, name: &str, last_year: i32, clients: Arc<dyn ClientCertVerifier>) -> u16 {
        let mut params = CertificateParams::new([name.to_owned()]).expect("a name");
        params.not_after = date_time_ymd(last_year, 12, 31);
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate");
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_client_cert_verifier(clients)
            .with_single_cert(vec![certificate.der().clone()], PrivateKeyDer::Pkcs8(key.serialize_der().into()))
            .expect("a configuration");
        serve(TlsAcceptor::from(Arc::new(config))).await
    }
}

/// A client certificate, signed by itself as those of API Gateway are.
struct Client {
    certificate: CertificateDer<'static>,
    identity: Arc<ClientIdentity>,
}

impl Client {
    fn new(id: &str) -> Self {
        let key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::new(Vec::new()).expect("no names");
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        let certificate = params.self_signed(&key).expect("a certificate");
        let identity = ClientIdentity::from_pem(id, &certificate.pem(), &key.serialize_pem()).expect("an identity");
        Self { certificate: certificate.der().clone(), identity: Arc::new(identity) }
    }
}

async fn serve(acceptor: TlsAcceptor) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                // Clients that refuse the certificate break off here.
                let Ok(stream) = acceptor.accept(stream).await else { return };
                let answer = service_fn(|_| async {
                    Ok::<_, Infallible>(http::Response::new(Full::new(Bytes::from_static(b"over TLS"))))
                });
                let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), answer).await;
            });
        }
    });
    port
}

/// What a client gets from an HTTPS backend, through a gateway that trusts these authorities.
async fn answer(url: &str, trusted: &[CertificateDer<'static>], tls_config: Value) -> Answer {
    answer_to(None, url, trusted, tls_config).await
}

/// The same of a stage with a client certificate.
async fn answer_to(
    client: Option<&Client>,
    url: &str,
    trusted: &[CertificateDer<'static>],
    tls_config: Value,
) -> Answer {
    let mut integration = json!({"type": "HTTP_PROXY", "httpMethod": "GET", "uri": url});
    if !tls_config.is_null() {
        integration["tlsConfig"] = tls_config;
    }
    let mut api = Api::new().method("GET", "/x", integration, Value::Null);
    if let Some(client) = client {
        api.stage["clientCertificateId"] = json!("cert01");
        api.client_identity = Some(Arc::clone(&client.identity));
    }
    let stage = api.load();
    let tls = BackendTls::trusting(trusted.iter().cloned()).expect("TLS");
    let gateway = Gateway::new(Ports::new(FakeFunctions::never()), tls);
    fixture::Client { gateway, stage }.send(get("/prod/x")).await
}

#[track_caller]
fn check_refused(answer: &Answer) {
    let expected = (504, "{\"message\": \"Network error communicating with endpoint\"}");
    assert_eq!((answer.status, answer.text()), expected);
}

#[tokio::test]
async fn a_backend_is_believed_if_a_trusted_authority_vouches_for_its_name() {
    let authority = Authority::new();
    let url = format!("https://localhost:{}/", authority.backend("localhost", 2100).await);
    let trusted = answer(&url, &[authority.certificate()], Value::Null).await;
    assert_eq!((trusted.status, trusted.text()), (200, "over TLS"));
    let verified = answer(&url, &[authority.certificate()], json!({"insecureSkipVerification": false})).await;
    assert_eq!(verified.status, 200);
    check_refused(&answer(&url, &[], Value::Null).await);
    check_refused(&answer(&url, &[Authority::new().certificate()], Value::Null).await);
}

#[tokio::test]
async fn a_wrong_name_or_a_time_that_is_over_is_never_believed() {
    let authority = Authority::new();
    let trusted = [authority.certificate()];
    let cases = [("other.example", 2100), ("localhost", 2020)];
    for (name, last_year) in cases {
        let url = format!("https://localhost:{}/", authority.backend(name, last_year).await);
        check_refused(&answer(&url, &trusted, Value::Null).await);
        check_refused(&answer(&url, &trusted, json!({"insecureSkipVerification": true})).await);
    }
}

#[tokio::test]
async fn without_verification_any_authority_will_do() {
    let authority = Authority::new();
    let url = format!("https://localhost:{}/", authority.backend("localhost", 2100).await);
    let skipped = answer(&url, &[], json!({"insecureSkipVerification": true})).await;
    assert_eq!((skipped.status, skipped.text()), (200, "over TLS"));
}

#[tokio::test]
async fn a_backend_that_asks_for_it_is_shown_the_stages_certificate() {
    let (authority, client) = (Authority::new(), Client::new("cert01"));
    let trusted = [authority.certificate()];
    let url = format!("https://localhost:{}/", authority.backend_for(&client).await);
    for tls_config in [Value::Null, json!({"insecureSkipVerification": true})] {
        let shown = answer_to(Some(&client), &url, &trusted, tls_config.clone()).await;
        assert_eq!((shown.status, shown.text()), (200, "over TLS"));
        assert_ne!(answer(&url, &trusted, tls_config.clone()).await.status, 200);
        assert_ne!(answer_to(Some(&Client::new("cert01")), &url, &trusted, tls_config).await.status, 200);
    }
    let open = format!("https://localhost:{}/", authority.backend("localhost", 2100).await);
    assert_eq!(answer_to(Some(&client), &open, &trusted, Value::Null).await.status, 200);
}

#[test]
fn texts_that_are_no_certificate_with_its_key_are_refused() {
    let (key, other) = (KeyPair::generate().expect("a key"), KeyPair::generate().expect("a key"));
    let certificate = CertificateParams::new(Vec::new()).expect("no names").self_signed(&key).expect("a certificate");
    assert!(ClientIdentity::from_pem("x", &certificate.pem(), &key.serialize_pem()).is_ok());
    for (certificate, key) in [
        (certificate.pem(), other.serialize_pem()),
        (certificate.pem(), String::new()),
        (String::new(), key.serialize_pem()),
        (key.serialize_pem(), certificate.pem()),
    ] {
        assert!(ClientIdentity::from_pem("x", &certificate, &key).is_err());
    }
}

#[tokio::test]
async fn a_backend_that_speaks_no_tls_is_a_network_error() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("https://{}/", listener.local_addr().expect("an address"));
    let serving = async {
        let (stream, _) = listener.accept().await.expect("a connection");
        stream.try_write(b"HTTP/1.1 400 Bad Request\r\n\r\n").expect("a client");
        stream
    };
    let (told, _stream) = tokio::join!(answer(&url, &[], Value::Null), serving);
    check_refused(&told);
}
