//! The certificate by which a stage's HTTP backends know the gateway, with its key. Developer Guide, "Generate and configure an SSL
//! certificate for backend authentication".

use std::{
    fmt,
    hash::{Hash, Hasher},
    sync::Arc,
};

use rustls::{
    Error,
    client::ResolvesClientCert,
    pki_types::{
        CertificateDer, PrivateKeyDer,
        pem::{self, PemObject as _},
    },
    sign::{CertifiedKey, SingleCertAndKey},
};

/// A certificate with its key, ready to be presented. Two with the same certificate are the same.
pub struct ClientIdentity {
    id: Box<str>,
    certificate: CertificateDer<'static>,
    resolver: Arc<SingleCertAndKey>,
}

/// Texts that are no certificate with its key.
#[derive(Debug, thiserror::Error)]
pub enum InvalidIdentity {
    /// One of them is not PEM.
    #[error("the certificate or its key is not PEM")]
    Pem(#[from] pem::Error),
    /// The key is none, or another certificate's.
    #[error("the key cannot be used with the certificate")]
    Key(#[from] Error),
}

impl ClientIdentity {
    /// The identity of the client certificate `id`, from certificate and key in PEM.
    ///
    /// # Errors
    /// The texts are no certificate with its key.
    pub fn from_pem(id: &str, certificate: &str, private_key: &str) -> Result<Self, InvalidIdentity> {
        let certificate = CertificateDer::from_pem_slice(certificate.as_bytes())?;
        let key = PrivateKeyDer::from_pem_slice(private_key.as_bytes())?;
        let provider = rustls::crypto::aws_lc_rs::default_provider();
        let certified = CertifiedKey::from_der(vec![certificate.clone()], key, &provider)?;
        Ok(Self { id: id.into(), certificate, resolver: Arc::new(SingleCertAndKey::from(certified)) })
    }

    /// What a connection asks for it.
    pub(crate) fn resolver(&self) -> Arc<dyn ResolvesClientCert> {
        Arc::clone(&self.resolver) as Arc<dyn ResolvesClientCert>
    }
}

impl fmt::Debug for ClientIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientIdentity").field("id", &self.id).finish_non_exhaustive()
    }
}

impl PartialEq for ClientIdentity {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id && self.certificate == other.certificate
    }
}

impl Eq for ClientIdentity {}

impl Hash for ClientIdentity {
    fn hash<H: Hasher>(&self, state: &mut H) {
        // Short, and as good as unique: the certificate is left to the comparison.
        self.id.hash(state);
    }
}
