use std::time::{Duration, SystemTime};

use bytes::Bytes;
use iam::sigv4::{Authorization, Expectation, Payload, SecretKey, VerificationKey, WireRequest};

use super::*;
use crate::{context::fixture::Carried, map_request::Mapped, ports::Credentials, stage::service_target};

/// 2026-01-02T03:04:05Z.
const NOW: Duration = Duration::from_secs(1_767_323_045);

/// The secret of the examples in AWS's documentation.
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

fn session() -> RoleSession {
    let credentials = Credentials::new("AKIAIOSFODNN7EXAMPLE", SECRET, Some("session-token".to_owned()), None, "test");
    RoleSession { credentials, now: SystemTime::UNIX_EPOCH + NOW }
}

fn sent(uri: &str, base: &str, path: &[(&str, &str)], body: &'static str) -> Box<HttpRequest> {
    let target = service_target(&format!("arn:aws:apigateway:eu-west-1:{uri}")).unwrap();
    let path = path.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let mapped = Mapped { path, body: Bytes::from_static(body.as_bytes()), ..Mapped::default() };
    let request = ServiceRequest::new(&Carried::default().exchange(), &target, mapped).unwrap();
    signed(&request, base, &session()).unwrap()
}

/// The request as it goes on the wire.
fn written(request: &HttpRequest) -> String {
    let mut text = format!("{}\n", request.url());
    for (name, value) in request.header_pairs() {
        text.extend([&name, ": ", &value, "\n"]);
    }
    text
}

/// Whether whoever knows the secret finds the signature right: `iam` verifies what `aws-sigv4` made.
fn verify(request: &HttpRequest, service: &str) {
    let uri: Uri = request.url().parse().unwrap();
    let pairs = request.header_pairs();
    let headers: Vec<(&str, &[u8])> = pairs.iter().map(|(name, value)| (&**name, value.as_bytes())).collect();
    let wire = WireRequest {
        method: "POST",
        path: uri.path(),
        query: uri.query().unwrap_or_default(),
        headers: &headers,
        payload: Payload::Bytes(&request.body()),
    };
    let claim = pairs.iter().find(|(name, _)| name == "authorization").map(|(_, value)| value.to_string());
    let key =
        VerificationKey { secret: SecretKey::new(SECRET), session_token: Some("session-token".into()), expires: None };
    let now = jiff::Timestamp::try_from(SystemTime::UNIX_EPOCH + NOW).unwrap();
    let expected = Expectation { service, region: Some("eu-west-1"), now };
    let claim = Authorization::from_header(&claim.unwrap()).unwrap();
    assert_eq!(iam::sigv4::verify(&wire, &claim, Some(&key), &expected), Ok(()), "{}", request.url());
}

/// The signature was made by botocore of the same request.
#[test]
fn a_call_is_signed_as_the_sdk_signs_it() {
    let base = "https://dynamodb.eu-west-1.amazonaws.com";
    let request = sent("dynamodb:action/PutItem", base, &[], r#"{"TableName":"t"}"#);
    let expected = [
        "https://dynamodb.eu-west-1.amazonaws.com/?Action=PutItem",
        "host: dynamodb.eu-west-1.amazonaws.com",
        "x-amzn-apigateway-api-id: abcdef1234",
        "accept: application/json",
        "user-agent: AmazonAPIGateway_abcdef1234",
        "content-type: application/x-amz-json-1.0",
        "x-amz-target: DynamoDB_20120810.PutItem",
        "x-amzn-trace-id: Root=1-67f66568-0123456789abcdef01234567",
        "x-amz-source-arn: arn:aws:execute-api:us-east-1:000000000000:a1b2c3d4e5/test/POST/items",
        "x-amz-date: 20260102T030405Z",
        "authorization: AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260102/eu-west-1/dynamodb/aws4_request, \
         SignedHeaders=content-type;host;x-amz-content-sha256;x-amz-date;x-amz-security-token;x-amz-source-arn;\
         x-amz-target;x-amzn-apigateway-api-id, \
         Signature=3b87b494e0236f668ea21441dcc06ecbe10b64fa3b8a377be6239a55f743a5a6",
        "x-amz-content-sha256: f28af92fc15f446717e10364e12f5128ef4611dfaeb8469b0ca93776dd9d3f5a",
        "x-amz-security-token: session-token",
        "",
    ];
    assert_eq!(written(&request), expected.join("\n"));
    verify(&request, "dynamodb");
}

#[test]
fn every_spelling_of_a_path_and_query_is_signed_as_it_is_sent() {
    for (uri, path) in [
        ("sqs:path/000000000000/{x}", "q"),
        ("sqs:path/000000000000/{x}", "a%20b%2Fc"),
        ("sqs:path//000000000000/q?Action={x}", "A%26B+C"),
        ("execute-api:path/test/{x}", "caf%C3%A9/=;,:@!$'()*"),
        ("lambda:path/2015-03-31/functions/{x}/policy", "arn:aws:lambda:eu-west-1:0:function:f"),
        ("sns:action/Publish&Message={x}", "a%20b+c%3D%C3%A9~"),
    ] {
        let service = uri.split(':').next().unwrap();
        let base = format!("http://127.0.0.1:5000/base/{service}");
        verify(&sent(uri, &base, &[("x", path)], "a body"), service);
    }
    for (path, spelled) in [
        ("folder/a%20b", "folder/a%20b"),
        ("a%2Fb", "a%2Fb"),
        ("../.././x", "../.././x"),
        ("a//b", "a//b"),
        ("%C3%A9+~", "%C3%A9%2B~"),
        ("a b=c", "a%20b%3Dc"),
        ("key?versionId=1&tagging", "key?versionId=1&tagging"),
    ] {
        let request = sent("s3:path/b/{x}", "https://s3.eu-west-1.amazonaws.com", &[("x", path)], "a body");
        assert_eq!(request.url(), format!("https://s3.eu-west-1.amazonaws.com/b/{spelled}"));
        verify(&request, "s3");
    }
}

#[test]
fn what_is_no_url_is_an_invalid_endpoint() {
    let target = service_target("arn:aws:apigateway:eu-west-1:sqs:path/1/{x}").unwrap();
    let path = vec![("x".to_owned(), "a b".to_owned())];
    let mapped = Mapped { path, ..Mapped::default() };
    let request = ServiceRequest::new(&Carried::default().exchange(), &target, mapped).unwrap();
    let failed = signed(&request, "https://sqs.eu-west-1.amazonaws.com", &session()).unwrap_err();
    assert_eq!(failed, Failure::configuration("Invalid endpoint address"));
}
