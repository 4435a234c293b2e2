//! TLS towards HTTP backends.

use std::sync::Arc;

use rustls::{
    ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    client::verify_server_name,
    crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime},
    server::ParsedCertificate,
};
use tokio_rustls::TlsConnector;

use crate::stage::CertificateVerification;

/// How HTTPS backends are trusted. Made once per process and shared: reading the system's authorities takes a while.
#[derive(Clone)]
pub struct BackendTls {
    full: TlsConnector,
    name_only: TlsConnector,
}

impl std::fmt::Debug for BackendTls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("BackendTls")
    }
}

impl BackendTls {
    /// Trusts the authorities that the system trusts. Without any, every HTTPS backend is refused.
    ///
    /// # Errors
    /// The cryptography library offers nothing that TLS could run on.
    pub fn from_system() -> Result<Self, Error> {
        let found = rustls_native_certs::load_native_certs();
        for error in &found.errors {
            tracing::warn!(%error, "a trusted authority of the system cannot be read");
        }
        Self::trusting(found.certs)
    }

    /// Trusts these authorities and no others.
    ///
    /// # Errors
    /// As [`BackendTls::from_system`].
    pub fn trusting(authorities: impl IntoIterator<Item = CertificateDer<'static>>) -> Result<Self, Error> {
        let mut roots = RootCertStore::empty();
        let (_, refused) = roots.add_parsable_certificates(authorities);
        if refused > 0 {
            tracing::debug!(refused, "some trusted authorities are not understood");
        }
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let verifier = Arc::new(NameOnly { provider: Arc::clone(&provider) });
        let builder =
            || ClientConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions();
        let full = builder()?.with_root_certificates(roots).with_no_client_auth();
        let name_only = builder()?.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth();
        Ok(Self { full: connector(full), name_only: connector(name_only) })
    }

    pub(super) fn connector(&self, verification: CertificateVerification) -> &TlsConnector {
        match verification {
            CertificateVerification::Full => &self.full,
            CertificateVerification::NameOnly => &self.name_only,
        }
    }
}

fn connector(mut config: ClientConfig) -> TlsConnector {
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Arc::new(config).into()
}

/// `tlsConfig.insecureSkipVerification`: the chain is not verified, the name and the key's possession are.
#[derive(Debug)]
struct NameOnly {
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for NameOnly {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        verify_server_name(&ParsedCertificate::try_from(end_entity)?, server_name)?;
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
