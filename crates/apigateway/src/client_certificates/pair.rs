//! A key and its certificate: RSA of 2048 bits, X.509, signed by itself. Developer Guide, "Generate and configure an SSL certificate
//! for backend authentication".

use std::time::Duration;

use rcgen::{
    CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, KeyPair, PKCS_RSA_SHA256, RsaKeySize,
    date_time_ymd,
};

use crate::failure::Result;

/// How long a certificate is valid.
const VALID_FOR: Duration = Duration::from_hours(365 * 24);

/// A key and its certificate, both in PEM.
pub(super) struct Pair {
    /// The certificate.
    pub(super) certificate: String,
    /// The key, PKCS #8.
    pub(super) private_key: String,
    /// The end of the certificate's validity, in seconds since 1970.
    pub(super) expires_at: i64,
}

/// Makes a key, which takes a good part of a second.
pub(super) fn generate(now: jiff::Timestamp) -> Result<Pair> {
    let key = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048)?;
    let since_1970 = Duration::from_secs(u64::try_from(now.as_second()).unwrap_or_default());
    let valid_until = since_1970 + VALID_FOR;
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::OrganizationName, "LambdaGate");
    params.distinguished_name.push(DnType::CommonName, "ApiGateway");
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    params.not_before = date_time_ymd(1970, 1, 1) + since_1970;
    params.not_after = date_time_ymd(1970, 1, 1) + valid_until;
    let certificate = params.self_signed(&key)?;
    Ok(Pair {
        certificate: certificate.pem(),
        private_key: key.serialize_pem(),
        expires_at: i64::try_from(valid_until.as_secs()).unwrap_or(i64::MAX),
    })
}
