//! Signature Version 4 for what goes out.
//!
//! API Gateway signs the payload's hash with every call and says it in `X-Amz-Content-Sha256`, to whichever service. AWS page:
//! "Create a signed AWS API request".

use aws_sigv4::{
    http_request::{
        PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningSettings,
        UriPathNormalizationMode, sign,
    },
    sign::v4,
};
use http::{HeaderMap, HeaderName, HeaderValue, Uri, header};

use super::request::ServiceRequest;
use crate::{Failure, integrate::http::HttpRequest, ports::RoleSession};

/// The request, signed for its service's endpoint: `base` is scheme, host and perhaps a path, without a slash at its end.
pub(super) fn signed(
    request: &ServiceRequest<'_>,
    base: &str,
    session: &RoleSession,
) -> Result<Box<HttpRequest>, Failure> {
    let url = format!("{base}{}", request.path_and_query());
    let uri: Uri = url.parse().map_err(|_| Failure::invalid_endpoint())?;
    let host = uri.authority().ok_or_else(Failure::invalid_endpoint)?.as_str();
    let mut headers = HeaderMap::with_capacity(request.headers.len() + 6);
    headers.insert(header::HOST, HeaderValue::from_str(host).map_err(|_| Failure::invalid_endpoint())?);
    for (name, value) in &request.headers {
        // A value that no header can hold is left out, as it is for HTTP backends.
        if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(value)) {
            // A map that is full, after some ten thousand fields set by a template, takes no more.
            let _ = headers.try_insert(name, value);
        }
    }
    let identity = session.credentials.clone().into();
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region(&request.target.region)
        .name(&request.target.service.signing_name)
        .time(session.now)
        .settings(settings(request.target.service.is_s3()))
        .build();
    let params = params.map_err(|error| failure(&error))?.into();
    let instructions = {
        let signed = headers.iter().filter(|(name, _)| is_signed(name));
        let signed = signed.filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
        let body = SignableBody::Bytes(&request.body);
        let signable = SignableRequest::new(request.method.as_str(), url.as_str(), signed, body);
        sign(signable.map_err(|error| failure(&error))?, &params).map_err(|error| failure(&error))?.into_parts().0
    };
    for (name, value) in instructions.headers() {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|error| failure(&error))?;
        headers.insert(name, HeaderValue::from_str(value).map_err(|error| failure(&error))?);
    }
    HttpRequest::complete(request.method.clone(), url, headers, request.body.clone())
}

/// S3 signs paths as they are; all other services sign them encoded once more and without `.` and `..`.
fn settings(is_s3: bool) -> SigningSettings {
    let mut settings = SigningSettings::default();
    settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
    if is_s3 {
        settings.percent_encoding_mode = PercentEncodingMode::Single;
        settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
    }
    settings
}

/// What names the call is signed; what describes the sender is left to proxies on the way.
fn is_signed(name: &HeaderName) -> bool {
    *name == header::HOST
        || *name == header::CONTENT_TYPE
        || name.as_str() == "x-amzn-apigateway-api-id"
        || name.as_str().starts_with("x-amz-")
}

/// The failure of a request that cannot be signed. The cause may quote the request, but never the credentials.
fn failure(error: &(dyn std::error::Error + 'static)) -> Failure {
    tracing::debug!(error, "a call of an AWS service cannot be signed");
    Failure::configuration("Invalid endpoint address: the request cannot be signed")
}

#[cfg(test)]
mod tests;
