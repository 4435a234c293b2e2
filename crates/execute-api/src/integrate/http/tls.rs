//! TLS towards HTTP backends.

use std::{path::Path, sync::Arc};

use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
    client::Resumption,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    client::verify_server_name,
    crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature},
    pki_types::{
        CertificateDer, ServerName, UnixTime,
        pem::{self, PemObject as _},
    },
    server::ParsedCertificate,
};
use tokio_rustls::TlsConnector;

use self::validity::Validity;
use crate::stage::{BackendSecurity, CertificateVerification};

mod validity;

/// How HTTPS backends are trusted. Made once per process and shared: reading the system's authorities takes a while.
#[derive(Clone)]
pub struct BackendTls {
    full: TlsConnector,
    any_authority: TlsConnector,
}

/// A certificate whose owner may vouch for HTTPS backends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authority(CertificateDer<'static>);

/// A file that holds no authorities.
#[derive(Debug, thiserror::Error)]
pub enum InvalidAuthorities {
    /// It cannot be read, or is not PEM.
    #[error("the certificates cannot be read")]
    Unreadable(#[from] pem::Error),
    /// A certificate in it is none that could vouch for others.
    #[error("a certificate cannot be an authority")]
    Unusable(#[from] Error),
    /// There is no certificate in it.
    #[error("the file holds no certificate in PEM")]
    Empty,
}

impl Authority {
    /// All certificates of a PEM file.
    ///
    /// # Errors
    /// The file cannot be read, or holds something else.
    pub fn read_all(path: &Path) -> Result<Vec<Self>, InvalidAuthorities> {
        let mut roots = RootCertStore::empty();
        let mut authorities = Vec::new();
        for certificate in CertificateDer::pem_file_iter(path)? {
            let certificate = certificate?;
            roots.add(certificate.clone())?;
            authorities.push(Self(certificate));
        }
        if authorities.is_empty() { Err(InvalidAuthorities::Empty) } else { Ok(authorities) }
    }
}

impl std::fmt::Debug for BackendTls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("BackendTls")
    }
}

impl BackendTls {
    /// Trusts the authorities that the system trusts, and these. Without any, every HTTPS backend is refused.
    ///
    /// # Errors
    /// The cryptography library offers nothing that TLS could run on.
    pub fn from_system_and(authorities: &[Authority]) -> Result<Self, Error> {
        let found = rustls_native_certs::load_native_certs();
        for error in &found.errors {
            tracing::warn!(%error, "a trusted authority of the system cannot be read");
        }
        Self::trusting(found.certs.into_iter().chain(authorities.iter().map(|authority| authority.0.clone())))
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
        let verifier = Arc::new(AnyAuthority { provider: Arc::clone(&provider) });
        let builder =
            || ClientConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions();
        let full = builder()?.with_root_certificates(roots).with_no_client_auth();
        let any_authority = builder()?.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth();
        Ok(Self { full: connector(full), any_authority: connector(any_authority) })
    }

    /// What opens a connection that is secured so.
    pub(super) fn connector(&self, security: &BackendSecurity) -> TlsConnector {
        let connector = match security.verification {
            CertificateVerification::Full => &self.full,
            CertificateVerification::AnyAuthority => &self.any_authority,
        };
        let Some(identity) = &security.identity else { return connector.clone() };
        let mut config = ClientConfig::clone(connector.config());
        config.client_auth_cert_resolver = identity.resolver();
        // A session that began with one certificate must not be resumed with another, or with none.
        config.resumption = Resumption::disabled();
        Arc::new(config).into()
    }
}

fn connector(mut config: ClientConfig) -> TlsConnector {
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Arc::new(config).into()
}

/// `tlsConfig.insecureSkipVerification`: who issued the certificate does not matter; its time, its name and the possession of its
/// key do ("TlsConfig" of the API reference).
#[derive(Debug)]
struct AnyAuthority {
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for AnyAuthority {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        verify_server_name(&ParsedCertificate::try_from(end_entity)?, server_name)?;
        let validity = Validity::of(end_entity).ok_or(CertificateError::BadEncoding)?;
        validity.check(now)?;
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
