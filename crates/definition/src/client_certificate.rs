//! Client certificates: by which HTTP backends know the gateway ("ClientCertificate" of the API reference).

use std::fmt;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use crate::{id::ClientCertificateId, time::EpochSeconds};

/// A client certificate as its owner may see it. Its key is a record of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ClientCertificate {
    /// The id, which stages name.
    pub client_certificate_id: ClientCertificateId,
    /// A free text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The certificate, X.509 in PEM.
    pub pem_encoded_certificate: String,
    /// When it was made.
    pub created_date: EpochSeconds,
    /// Until when it is valid.
    pub expiration_date: EpochSeconds,
    /// Tags, in the order given.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub tags: IndexMap<String, String>,
}

/// The private key of a client certificate, which no operation shows.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ClientCertificateKey {
    /// The key, PKCS #8 in PEM.
    pub pem_encoded_private_key: String,
}

impl fmt::Debug for ClientCertificateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientCertificateKey")
    }
}
