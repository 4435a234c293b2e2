//! Client certificates as the control plane keeps them, made ready to be presented.

use std::sync::Arc;

use definition::client_certificate::{ClientCertificate, ClientCertificateKey};
use execute_api::stage::{ClientIdentity, InvalidIdentity};

/// The identity of a certificate; what is wrong with it is logged, too.
pub(super) fn client_identity(
    certificate: &ClientCertificate,
    key: &ClientCertificateKey,
) -> Result<Arc<ClientIdentity>, InvalidIdentity> {
    let id = certificate.client_certificate_id.as_str();
    let identity = ClientIdentity::from_pem(id, &certificate.pem_encoded_certificate, &key.pem_encoded_private_key);
    if let Err(error) = &identity {
        tracing::error!(%error, client_certificate_id = id, "a client certificate cannot be presented");
    }
    identity.map(Arc::new)
}
