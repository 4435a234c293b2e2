//! Signatures that AWS published: the General Reference's test suite and `ListUsers` example, and the examples of
//! "Authenticating Requests" in the S3 API reference.

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::{
    Authorization, CredentialScope, Expectation, Parameter, Payload, Rejection, SecretKey, Signer, VerificationKey,
    WireRequest, sign, verify,
};

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const S3_SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const EMPTY_SHA256: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// The time of the test suite and of the `ListUsers` example.
fn suite_time() -> Timestamp {
    "2015-08-30T12:36:00Z".parse().unwrap()
}

fn s3_time() -> Timestamp {
    "2013-05-24T00:00:00Z".parse().unwrap()
}

fn request<'a>(method: &'a str, target: &'a str, headers: &'a [(&'a str, &'a [u8])]) -> WireRequest<'a> {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    WireRequest { method, path, query, headers, payload: Payload::Bytes(b"") }
}

fn key(secret: &str) -> VerificationKey {
    VerificationKey { secret: SecretKey::new(secret), session_token: None, expires: None }
}

/// Signs, compares with the published signature, and verifies what was signed.
#[track_caller]
fn check(request: WireRequest<'_>, service: &str, signature: &str) {
    let s3 = service == "s3";
    let now = if s3 { s3_time() } else { suite_time() };
    let secret = if s3 { S3_SECRET } else { SECRET };
    let access_key_id = if s3 { "AKIAIOSFODNN7EXAMPLE" } else { "AKIDEXAMPLE" };
    let credentials =
        Signer { access_key_id, secret: &SecretKey::new(secret), session_token: None, region: "us-east-1", service };
    let signed = sign(&request, &credentials, now);
    assert_eq!(signed.authorization.rsplit_once("Signature=").unwrap().1, signature, "{signed:?}");

    let mut headers = request.headers.to_vec();
    headers.push(("Authorization", signed.authorization.as_bytes()));
    headers.push(("X-Amz-Date", signed.date.as_bytes()));
    let request = WireRequest { headers: &headers, ..request };
    let authorization = Authorization::of(&request).unwrap();
    let expected = Expectation { service, region: Some("us-east-1"), now };
    assert_eq!(verify(&request, &authorization, Some(&key(secret)), &expected), Ok(()));
}

const HOST: (&str, &[u8]) = ("Host", b"example.amazonaws.com");

#[test]
fn get_vanilla_and_its_spellings() {
    let vanilla = "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31";
    for path in ["/", "//", "/./", "/example/..", "/example1/example2/../.."] {
        check(request("GET", path, &[HOST]), "service", vanilla);
    }
}

#[test]
fn post_vanilla() {
    let signature = "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b";
    check(request("POST", "/", &[HOST]), "service", signature);
}

#[test]
fn get_vanilla_query_order_key_case() {
    let signature = "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500";
    check(request("GET", "/?Param2=value2&Param1=value1", &[HOST]), "service", signature);
}

#[test]
fn get_unreserved() {
    let signature = "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f";
    let path = "/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    check(request("GET", path, &[HOST]), "service", signature);
}

#[test]
fn get_utf8() {
    let signature = "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85";
    check(request("GET", "/ሴ", &[HOST]), "service", signature);
}

#[test]
fn get_space() {
    let signature = "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741";
    check(request("GET", "/example space/", &[HOST]), "service", signature);
}

#[test]
fn get_header_value_trim() {
    let signature = "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736";
    let headers: [(&str, &[u8]); 3] = [HOST, ("My-Header1", b" value1"), ("My-Header2", b" \"a   b   c\"")];
    check(request("GET", "/", &headers), "service", signature);
}

#[test]
fn get_header_key_duplicate() {
    let signature = "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea";
    let headers: [(&str, &[u8]); 4] =
        [HOST, ("My-Header1", b"value2"), ("My-Header1", b"value2"), ("My-Header1", b"value1")];
    check(request("GET", "/", &headers), "service", signature);
}

#[test]
fn post_header_key_sort() {
    let signature = "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c";
    let headers: [(&str, &[u8]); 2] = [HOST, ("My-Header1", b"value1")];
    check(request("POST", "/", &headers), "service", signature);
}

#[test]
fn post_x_www_form_urlencoded() {
    let signature = "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a";
    let headers: [(&str, &[u8]); 2] = [HOST, ("Content-Type", b"application/x-www-form-urlencoded")];
    let request = WireRequest { payload: Payload::Bytes(b"Param1=value1"), ..request("POST", "/", &headers) };
    check(request, "service", signature);
}

#[test]
fn the_list_users_example() {
    let signature = "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7";
    let headers: [(&str, &[u8]); 2] =
        [("Host", b"iam.amazonaws.com"), ("Content-Type", b"application/x-www-form-urlencoded; charset=utf-8")];
    check(request("GET", "/?Action=ListUsers&Version=2010-05-08", &headers), "iam", signature);
}

#[test]
fn the_s3_examples_with_a_header() {
    let host: (&str, &[u8]) = ("Host", b"examplebucket.s3.amazonaws.com");
    let hash: (&str, &[u8]) = ("x-amz-content-sha256", EMPTY_SHA256.as_bytes());
    let range: (&str, &[u8]) = ("Range", b"bytes=0-9");
    let get_object = "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41";
    check(request("GET", "/test.txt", &[host, hash, range]), "s3", get_object);
    let lifecycle = "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543";
    check(request("GET", "/?lifecycle", &[host, hash]), "s3", lifecycle);
    let list_objects = "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7";
    check(request("GET", "/?max-keys=2&prefix=J", &[host, hash]), "s3", list_objects);
}

const PRESIGNED: &str = "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256\
    &X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z\
    &X-Amz-Expires=86400&X-Amz-SignedHeaders=host\
    &X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";

fn verify_presigned(target: &str, now: Timestamp) -> Result<(), Rejection> {
    let headers: [(&str, &[u8]); 1] = [("host", b"examplebucket.s3.amazonaws.com")];
    let request = request("GET", target, &headers);
    let authorization = Authorization::of(&request)?;
    verify(&request, &authorization, Some(&key(S3_SECRET)), &Expectation { service: "s3", region: None, now })
}

#[test]
fn the_s3_example_of_a_presigned_url() {
    let after = |seconds| s3_time() + SignedDuration::from_secs(seconds);
    assert_eq!(verify_presigned(PRESIGNED, after(0)), Ok(()));
    assert_eq!(verify_presigned(PRESIGNED, after(86_400)), Ok(()));
    assert!(matches!(verify_presigned(PRESIGNED, after(86_401)), Err(Rejection::Expired { .. })));
    assert!(matches!(verify_presigned(PRESIGNED, after(-301)), Err(Rejection::NotYetCurrent { .. })));
    let longer = PRESIGNED.replace("Expires=86400", "Expires=86401");
    assert!(matches!(verify_presigned(&longer, after(0)), Err(Rejection::SignatureMismatch { .. })));
}

#[test]
fn a_presigned_query_is_complete_or_refused() {
    let check = |query: &str, expected: Rejection| assert_eq!(Authorization::from_query(query), Err(expected));
    let missing = |parameters: &[Parameter]| Rejection::IncompleteQuery { missing: parameters.to_vec() };
    let algorithm = "X-Amz-Algorithm=AWS4-HMAC-SHA256";
    let fields = "X-Amz-Credential=A/20130524/r/s/aws4_request&X-Amz-SignedHeaders=host&X-Amz-Signature=0";
    assert_eq!(Authorization::from_query("a=b"), Ok(None));
    check(
        "X-Amz-Algorithm=AWS4-ECDSA-P256-SHA256",
        Rejection::UnsupportedAlgorithm { algorithm: "AWS4-ECDSA-P256-SHA256".to_owned() },
    );
    check(algorithm, missing(&[Parameter::Credential, Parameter::Signature, Parameter::SignedHeaders]));
    check(&format!("{algorithm}&{fields}"), missing(&[Parameter::Date]));
    check(&format!("{algorithm}&{fields}&X-Amz-Date=1"), missing(&[Parameter::Expires]));
    for text in ["0", "604801", "-1", "a"] {
        check(
            &format!("{algorithm}&{fields}&X-Amz-Date=1&X-Amz-Expires={text}"),
            Rejection::InvalidExpiry { text: text.to_owned() },
        );
    }
}

#[test]
fn the_scope_of_a_header_is_read() {
    let authorization = Authorization::from_header(
        "AWS4-HMAC-SHA256 Credential=AKID/20260101/us-east-1/apigateway/aws4_request,SignedHeaders=x-amz-date;Host, \
         Signature=abc",
    )
    .unwrap();
    let scope = authorization.scope();
    assert_eq!(
        [scope.access_key_id(), scope.date(), scope.region(), scope.service()],
        ["AKID", "20260101", "us-east-1", "apigateway"]
    );
    assert_eq!(authorization.signed_headers(), ["host".into(), "x-amz-date".into()]);
    assert_eq!(authorization.signature(), "abc");
}

#[test]
fn an_unreadable_header_gets_the_words_of_aws() {
    let check = |header: &str, expected: &str| {
        let rejection = Authorization::from_header(header).unwrap_err();
        assert_eq!(rejection.error_type(), "IncompleteSignatureException");
        assert_eq!(rejection.to_string(), expected);
    };
    // SHA-256 of "allow", in Base64.
    check(
        "allow",
        "Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and encoded with \
         Base64): 'QQCDc1c1oQ5lihnt0XBOYGyd0RLiJYJbY/r+3tdmyLk='.",
    );
    let incomplete = Authorization::from_header("AWS4-HMAC-SHA256 Credential=a").unwrap_err().to_string();
    assert!(
        incomplete.starts_with(
            "Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' \
             parameter. (Hashed with SHA-256 and encoded with Base64) Authorization="
        ),
        "{incomplete}"
    );
    check(
        "AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host, Signature=0",
        "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got 'a/b'",
    );
    let wrong_end = "AWS4-HMAC-SHA256 Credential=a/20260101/r/s/aws5, SignedHeaders=host, Signature=0";
    assert_eq!(Authorization::from_header(wrong_end).unwrap_err().error_type(), "InvalidSignatureException");
}

/// A signed request to Lambda, with whatever a test changes.
struct Signed {
    headers: Vec<(String, Vec<u8>)>,
    path: String,
    body: Vec<u8>,
    key: Option<VerificationKey>,
    service: &'static str,
    region: &'static str,
    now: Timestamp,
}

impl Signed {
    fn new(session_token: Option<&str>) -> Self {
        let path = "/2015-03-31/functions/arn%3Aaws%3Alambda%3Aus-east-1%3A123456789012%3Afunction%3Af/invocations";
        let headers: [(&str, &[u8]); 1] = [("host", b"127.0.0.1:4566")];
        let request = WireRequest { payload: Payload::Bytes(b"{}"), ..request("POST", path, &headers) };
        let secret = SecretKey::new(SECRET);
        let credentials = Signer {
            access_key_id: "AKIDEXAMPLE",
            secret: &secret,
            session_token,
            region: "us-east-1",
            service: "lambda",
        };
        let signed = sign(&request, &credentials, suite_time());
        let mut headers = vec![
            ("host".to_owned(), b"127.0.0.1:4566".to_vec()),
            ("x-amz-date".to_owned(), signed.date.into_bytes()),
            ("authorization".to_owned(), signed.authorization.into_bytes()),
        ];
        headers.extend(signed.security_token.map(|token| ("x-amz-security-token".to_owned(), token.into_bytes())));
        Self {
            headers,
            path: path.to_owned(),
            body: b"{}".to_vec(),
            key: Some(VerificationKey { session_token: session_token.map(Into::into), ..key(SECRET) }),
            service: "lambda",
            region: "us-east-1",
            now: suite_time(),
        }
    }

    fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    fn header(&mut self, name: &str) -> &mut Vec<u8> {
        &mut self.headers.iter_mut().find(|(known, _)| known == name).unwrap().1
    }

    fn verify(&self) -> Result<(), Rejection> {
        let headers: Vec<(&str, &[u8])> =
            self.headers.iter().map(|(name, value)| (name.as_str(), value.as_slice())).collect();
        let request = WireRequest { payload: Payload::Bytes(&self.body), ..request("POST", &self.path, &headers) };
        let expected = Expectation { service: self.service, region: Some(self.region), now: self.now };
        verify(&request, &Authorization::of(&request)?, self.key.as_ref(), &expected)
    }
}

#[test]
fn what_was_signed_is_accepted_for_five_minutes() {
    let at = |seconds| Signed::new(None).with(|signed| signed.now += SignedDuration::from_secs(seconds)).verify();
    assert_eq!(at(0), Ok(()));
    assert_eq!(at(300), Ok(()));
    assert_eq!(at(-300), Ok(()));
    assert_eq!(
        at(301).unwrap_err().to_string(),
        "Signature expired: 20150830T123600Z is now earlier than 20150830T123601Z (20150830T124101Z - 5 min.)"
    );
    assert_eq!(
        at(-301).unwrap_err().to_string(),
        "Signature not yet current: 20150830T123600Z is still later than 20150830T123559Z (20150830T123059Z + 5 min.)"
    );
}

#[test]
fn whatever_is_changed_after_signing_is_noticed() {
    let check = |change: fn(&mut Signed), error_type: &str| {
        let rejection = Signed::new(None).with(change).verify().unwrap_err();
        assert_eq!(rejection.error_type(), error_type, "{rejection}");
    };
    check(|signed| signed.headers.retain(|(name, _)| name != "authorization"), "MissingAuthenticationTokenException");
    check(|signed| signed.headers.retain(|(name, _)| name != "x-amz-date"), "IncompleteSignatureException");
    check(|signed| *signed.header("x-amz-date") = b"yesterday".to_vec(), "IncompleteSignatureException");
    check(|signed| *signed.header("x-amz-date") = b"20150831T123600Z".to_vec(), "InvalidSignatureException");
    check(|signed| *signed.header("x-amz-date") = b"20150830T123601Z".to_vec(), "InvalidSignatureException");
    check(|signed| *signed.header("host") = b"elsewhere".to_vec(), "InvalidSignatureException");
    check(|signed| signed.path.push('x'), "InvalidSignatureException");
    check(|signed| signed.path = signed.path.replace("%3A", ":"), "InvalidSignatureException");
    check(|signed| signed.body.push(b' '), "InvalidSignatureException");
    check(|signed| signed.header("authorization").truncate(180), "InvalidSignatureException");
    check(|signed| signed.service = "apigateway", "InvalidSignatureException");
    check(|signed| signed.region = "eu-west-1", "InvalidSignatureException");
    check(|signed| signed.key = None, "UnrecognizedClientException");
    check(|signed| signed.key = Some(key("another")), "InvalidSignatureException");
}

#[test]
fn a_signature_over_anything_but_the_host_is_refused() {
    let rejection = Signed::new(None)
        .with(|signed| {
            let text = String::from_utf8(signed.header("authorization").clone()).unwrap();
            *signed.header("authorization") = text.replace("host;", "").into_bytes();
        })
        .verify();
    assert_eq!(rejection, Err(Rejection::UnsignedHost));
}

#[test]
fn a_date_header_serves_where_x_amz_date_is_absent() {
    let mut signed = Signed::new(None);
    signed.headers.retain(|(name, _)| name != "x-amz-date");
    signed.headers.push(("date".to_owned(), b"Sun, 30 Aug 2015 12:36:00 GMT".to_vec()));
    // The time is understood; the signature covered another header.
    assert!(matches!(signed.verify(), Err(Rejection::SignatureMismatch { .. })));
    *signed.header("date") = b"Sun, 30 Aug 2015 12:30:00 GMT".to_vec();
    assert!(matches!(signed.verify(), Err(Rejection::Expired { .. })));
}

#[test]
fn temporary_credentials_need_their_token_and_end() {
    let expires = |seconds: i64| {
        move |signed: &mut Signed| {
            let end = signed.now + SignedDuration::from_secs(seconds);
            signed.key = signed.key.take().map(|key| VerificationKey { expires: Some(end), ..key });
        }
    };
    assert_eq!(Signed::new(Some("token")).with(expires(1)).verify(), Ok(()));
    assert_eq!(Signed::new(Some("token")).with(expires(0)).verify(), Err(Rejection::ExpiredToken));
    let other_token = |signed: &mut Signed| *signed.header("x-amz-security-token") = b"other".to_vec();
    assert_eq!(Signed::new(Some("token")).with(other_token).verify(), Err(Rejection::UnknownKey));
    let no_token = |signed: &mut Signed| signed.headers.retain(|(name, _)| name != "x-amz-security-token");
    assert_eq!(Signed::new(Some("token")).with(no_token).verify(), Err(Rejection::UnknownKey));
    let long_lived = |signed: &mut Signed| signed.key = Some(key(SECRET));
    assert_eq!(Signed::new(Some("token")).with(long_lived).verify(), Err(Rejection::UnknownKey));
}

#[test]
fn a_payload_may_stay_unsigned_but_not_be_signed_in_chunks() {
    let sent = |declared: &'static [u8]| {
        let headers: [(&str, &[u8]); 2] = [("host", b"h"), ("x-amz-content-sha256", declared)];
        let unsigned = WireRequest { payload: Payload::Bytes(b"signed"), ..request("PUT", "/", &headers) };
        let secret = SecretKey::new(SECRET);
        let credentials =
            Signer { access_key_id: "A", secret: &secret, session_token: None, region: "r", service: "lambda" };
        let signed = sign(&unsigned, &credentials, suite_time());
        let mut headers = headers.to_vec();
        headers.push(("authorization", signed.authorization.as_bytes()));
        headers.push(("x-amz-date", signed.date.as_bytes()));
        let request = WireRequest { payload: Payload::Bytes(b"sent"), headers: &headers, ..unsigned };
        let expected = Expectation { service: "lambda", region: None, now: suite_time() };
        verify(&request, &Authorization::of(&request)?, Some(&key(SECRET)), &expected)
    };
    assert_eq!(sent(b"UNSIGNED-PAYLOAD"), Ok(()));
    assert!(matches!(sent(EMPTY_SHA256.as_bytes()), Err(Rejection::SignatureMismatch { .. })));
    assert!(matches!(sent(b"STREAMING-AWS4-HMAC-SHA256-PAYLOAD"), Err(Rejection::UnsupportedPayload { .. })));
}

#[test]
fn secrets_do_not_print() {
    let secret = SecretKey::new(SECRET);
    assert_eq!(format!("{secret:?}"), "SecretKey(…)");
    assert!(!format!("{:?}", key(SECRET)).contains(SECRET));
}

proptest! {
    #[test]
    fn any_claim_is_read_without_harm(header in "(AWS4-HMAC-SHA256 )?[ -~é=,/]{0,80}", query in "[ -~é&=%+]{0,80}") {
        let _ = Authorization::from_header(&header);
        let _ = Authorization::from_query(&query);
        let _ = Authorization::from_query(&format!("X-Amz-Algorithm=AWS4-HMAC-SHA256&{query}"));
    }

    #[test]
    fn a_scope_prints_as_it_was(id in "[A-Z0-9]{1,8}", date in "[0-9]{8}", region in "[a-z0-9-]{1,8}", service in "[a-z-]{1,8}") {
        let text = format!("{id}/{date}/{region}/{service}/aws4_request");
        let scope = CredentialScope::parse(&text).unwrap();
        prop_assert_eq!(format!("{}/{scope}", scope.access_key_id()), text);
    }

    #[test]
    fn what_is_signed_verifies(
        path in "/[ -~é]{0,30}",
        query in "[!-~]{0,30}",
        value in prop::collection::vec(any::<u8>(), 0..20),
        body in prop::collection::vec(any::<u8>(), 0..20),
    ) {
        prop_assume!(!query.contains("X-Amz"));
        let headers: [(&str, &[u8]); 2] = [("host", b"h"), ("x-value", &value)];
        let request =
            WireRequest { method: "PUT", path: &path, query: &query, headers: &headers, payload: Payload::Bytes(&body) };
        let secret = SecretKey::new(SECRET);
        let credentials = Signer { access_key_id: "A", secret: &secret, session_token: None, region: "r", service: "s" };
        let signed = sign(&request, &credentials, suite_time());
        let mut headers = headers.to_vec();
        headers.push(("authorization", signed.authorization.as_bytes()));
        headers.push(("x-amz-date", signed.date.as_bytes()));
        let request = WireRequest { headers: &headers, ..request };
        let authorization = Authorization::of(&request).unwrap();
        let expected = Expectation { service: "s", region: Some("r"), now: suite_time() };
        prop_assert_eq!(verify(&request, &authorization, Some(&key(SECRET)), &expected), Ok(()));
    }
}
