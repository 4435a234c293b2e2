//! IAM and STS through the query protocol: requests in, whole responses out.
#![allow(clippy::unwrap_used, reason = "tests say so when something is not as it should be")]

use account::{Account, Service};
use bytes::Bytes;
use definition::{Caller, Scope};
use http::{Request, StatusCode};
use jiff::Timestamp;
use store::Store;

const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"apigateway.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
const INVOKE: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"lambda:InvokeFunction","Resource":"*"}]}"#;
const LAMBDA_ROLE: &str = "arn:aws:iam::aws:policy/service-role/AWSLambdaRole";

/// The services over an empty store, called by one account's root.
struct Services {
    account: Account,
    caller: Caller,
}

/// An answer, its request id replaced by `…`.
struct Answer {
    status: StatusCode,
    body: String,
}

impl Services {
    fn new() -> Self {
        let caller = Caller {
            scope: Scope { account: "123456789012".to_owned(), region: "eu-west-1".to_owned() },
            access_key: Some("AKIAIOSFODNN7EXAMPLE".to_owned()),
            user_arn: "arn:aws:iam::123456789012:root".to_owned(),
            user_id: "123456789012".to_owned(),
        };
        Self { account: Account::new(Store::in_memory().unwrap()), caller }
    }

    /// Sends a form to a service as it is.
    async fn send(&self, service: Service, form: String) -> Answer {
        self.answer(service, Request::post("/").body(Bytes::from(form)).unwrap()).await
    }

    async fn answer(&self, service: Service, request: Request<Bytes>) -> Answer {
        let now: Timestamp = "2026-01-31T12:00:00.75Z".parse().unwrap();
        let response = self.account.handle(service, &self.caller, request, now).await;
        assert_eq!(response.headers()["content-type"], "text/xml");
        let request_id = response.headers()["x-amzn-requestid"].to_str().unwrap();
        let body = std::str::from_utf8(response.body()).unwrap().replace(request_id, "…");
        Answer { status: response.status(), body }
    }

    /// Calls an operation of IAM.
    async fn iam(&self, action: &str, parameters: &[(&str, &str)]) -> Answer {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("Action", action).append_pair("Version", "2010-05-08").extend_pairs(parameters);
        self.send(Service::Iam, form.finish()).await
    }

    /// Calls an operation that succeeds; the inside of its result.
    async fn ok(&self, action: &str, parameters: &[(&str, &str)]) -> String {
        let answer = self.iam(action, parameters).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        let start = format!(r#"<{action}Response xmlns="https://iam.amazonaws.com/doc/2010-05-08/">"#);
        let end = format!("<ResponseMetadata><RequestId>…</RequestId></ResponseMetadata></{action}Response>");
        let result = answer.body.strip_prefix(&start).and_then(|rest| rest.strip_suffix(&end)).unwrap();
        let result = result.strip_prefix(&format!("<{action}Result>")).unwrap_or(result);
        result.strip_suffix(&format!("</{action}Result>")).unwrap_or(result).to_owned()
    }

    /// Calls an operation that fails as told.
    async fn fails(&self, action: &str, parameters: &[(&str, &str)], status: u16, code: &str, message: &str) {
        let answer = self.iam(action, parameters).await;
        let expected = format!(
            r#"<ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error><RequestId>…</RequestId></ErrorResponse>"#
        );
        assert_eq!((answer.status.as_u16(), answer.body), (status, expected));
    }

    async fn create(&self, name: &str) -> String {
        self.ok("CreateRole", &[("RoleName", name), ("AssumeRolePolicyDocument", TRUST)]).await
    }
}

/// The text of the first element of this name.
fn text<'x>(xml: &'x str, name: &str) -> &'x str {
    let (_, rest) = xml.split_once(&format!("<{name}>")).unwrap();
    rest.split_once(&format!("</{name}>")).unwrap().0
}

/// The texts of all elements of this name.
fn texts<'x>(xml: &'x str, name: &str) -> Vec<&'x str> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    xml.split(&open).skip(1).map(|rest| rest.split_once(&close).unwrap().0).collect()
}

#[tokio::test]
async fn the_caller_learns_who_they_are() {
    let services = Services::new();
    let form = "Action=GetCallerIdentity&Version=2011-06-15".to_owned();
    let answer = services.send(Service::Sts, form).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(
        answer.body,
        "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult>\
         <Arn>arn:aws:iam::123456789012:root</Arn><UserId>123456789012</UserId><Account>123456789012</Account>\
         </GetCallerIdentityResult><ResponseMetadata><RequestId>…</RequestId></ResponseMetadata>\
         </GetCallerIdentityResponse>"
    );
}

/// What integrations with AWS services send: parameters in the URL, and whatever the client's body was.
#[tokio::test]
async fn parameters_may_stand_in_the_url_of_a_post() {
    let services = Services::new();
    let target = "/?Action=GetCallerIdentity&Version=2011-06-15";
    let request = Request::post(target).body(Bytes::from_static(b"{}")).unwrap();
    let answer = services.answer(Service::Sts, request).await;
    assert_eq!((answer.status, text(&answer.body, "Account")), (StatusCode::OK, "123456789012"));
}

#[tokio::test]
async fn a_created_role_is_shown_in_full() {
    let services = Services::new();
    let parameters = [
        ("RoleName", "invoker"),
        ("Path", "/service/"),
        ("AssumeRolePolicyDocument", TRUST),
        ("Description", "calls <functions> & more"),
        ("MaxSessionDuration", "7200"),
        ("Tags.member.1.Key", "stage"),
        ("Tags.member.1.Value", "test"),
        ("Tags.member.2.Key", "empty"),
    ];
    let created = services.ok("CreateRole", &parameters).await;
    let id = text(&created, "RoleId");
    assert!(id.len() == 21 && id.starts_with("AROA") && id.bytes().all(|b| b.is_ascii_alphanumeric()), "{id}");
    let expected = format!(
        "<Role><Path>/service/</Path><RoleName>invoker</RoleName><RoleId>{id}</RoleId>\
         <Arn>arn:aws:iam::123456789012:role/service/invoker</Arn><CreateDate>2026-01-31T12:00:00Z</CreateDate>\
         <AssumeRolePolicyDocument>%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22\
         %2C%22Principal%22%3A%7B%22Service%22%3A%22apigateway.amazonaws.com%22%7D%2C%22Action%22%3A%22sts%3AAssumeRole%22\
         %7D%5D%7D</AssumeRolePolicyDocument><Description>calls &lt;functions&gt; &amp; more</Description>\
         <MaxSessionDuration>7200</MaxSessionDuration><Tags><member><Key>stage</Key><Value>test</Value></member>\
         <member><Key>empty</Key><Value></Value></member></Tags></Role>"
    );
    assert_eq!(created, expected);
    let shown = services.ok("GetRole", &[("RoleName", "invoker")]).await;
    assert_eq!(shown, expected.replace("</Role>", "<RoleLastUsed></RoleLastUsed></Role>"));
    let listed = services.ok("ListRoles", &[]).await;
    let (before_tags, _) = expected.split_once("<Tags>").unwrap();
    let inside = before_tags.strip_prefix("<Role>").unwrap();
    assert_eq!(listed, format!("<IsTruncated>false</IsTruncated><Roles><member>{inside}</member></Roles>"));
}

#[tokio::test]
async fn a_role_that_is_not_there_is_not_found() {
    let services = Services::new();
    let message = "The role with name ghost cannot be found.";
    let name = ("RoleName", "ghost");
    let policy = ("PolicyName", "p");
    let arn = ("PolicyArn", LAMBDA_ROLE);
    for (action, parameters) in [
        ("GetRole", vec![name]),
        ("DeleteRole", vec![name]),
        ("UpdateAssumeRolePolicy", vec![name, ("PolicyDocument", TRUST)]),
        ("PutRolePolicy", vec![name, policy, ("PolicyDocument", INVOKE)]),
        ("GetRolePolicy", vec![name, policy]),
        ("ListRolePolicies", vec![name]),
        ("DeleteRolePolicy", vec![name, policy]),
        ("AttachRolePolicy", vec![name, arn]),
        ("DetachRolePolicy", vec![name, arn]),
        ("ListAttachedRolePolicies", vec![name]),
        ("TagRole", vec![name]),
        ("UntagRole", vec![name]),
        ("ListRoleTags", vec![name]),
    ] {
        services.fails(action, &parameters, 404, "NoSuchEntity", message).await;
    }
}

#[tokio::test]
async fn names_that_differ_only_in_case_are_one_name() {
    let services = Services::new();
    services.create("Invoker").await;
    for name in ["Invoker", "invoker"] {
        let message = format!("Role with name {name} already exists.");
        let parameters = [("RoleName", name), ("AssumeRolePolicyDocument", TRUST)];
        services.fails("CreateRole", &parameters, 409, "EntityAlreadyExists", &message).await;
    }
}

#[tokio::test]
async fn bad_members_are_refused() {
    let services = Services::new();
    let long = "x".repeat(65);
    let invalid_name = "The specified value for roleName is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-";
    let too_long = format!(
        "1 validation error detected: Value '{long}' at 'roleName' failed to satisfy constraint: Member must have length less than or equal to 64"
    );
    let null =
        "1 validation error detected: Value null at 'roleName' failed to satisfy constraint: Member must not be null";
    let no_policy = "1 validation error detected: Value null at 'assumeRolePolicyDocument' failed to satisfy constraint: Member must not be null";
    let path = r"1 validation error detected: Value 'a/' at 'path' failed to satisfy constraint: Member must satisfy regular expression pattern: (\u002F)|(\u002F[\u0021-\u007F]+\u002F)";
    let session = "1 validation error detected: Value '60' at 'maxSessionDuration' failed to satisfy constraint: Member must have value greater than or equal to 3600";
    let trust = ("AssumeRolePolicyDocument", TRUST);
    for (parameters, message) in [
        (vec![trust], null),
        (vec![("RoleName", "a b"), trust], invalid_name),
        (vec![("RoleName", &long), trust], &too_long),
        (vec![("RoleName", "r")], no_policy),
        (vec![("RoleName", "r"), ("Path", "a/"), trust], path),
        (vec![("RoleName", "r"), ("MaxSessionDuration", "60"), trust], session),
    ] {
        services.fails("CreateRole", &parameters, 400, "ValidationError", message).await;
    }
    assert_eq!(texts(&services.ok("ListRoles", &[]).await, "RoleName"), [""; 0]);
}

#[tokio::test]
async fn bad_policies_are_refused_where_they_are_given() {
    let services = Services::new();
    services.create("r").await;
    let name = ("RoleName", "r");
    for (action, parameters) in [
        ("CreateRole", vec![("RoleName", "s"), ("AssumeRolePolicyDocument", "{}")]),
        ("CreateRole", vec![("RoleName", "s"), ("AssumeRolePolicyDocument", INVOKE)]),
        ("UpdateAssumeRolePolicy", vec![name, ("PolicyDocument", "not JSON")]),
        ("PutRolePolicy", vec![name, ("PolicyName", "p"), ("PolicyDocument", TRUST)]),
        ("PutRolePolicy", vec![name, ("PolicyName", "p"), ("PolicyDocument", "{\"Version\":\"2012-10-17\"}")]),
    ] {
        let answer = services.iam(action, &parameters).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{action} {parameters:?}");
        assert_eq!(text(&answer.body, "Code"), "MalformedPolicyDocument", "{action} {parameters:?}");
    }
}

#[tokio::test]
async fn inline_policies_come_and_go() {
    let services = Services::new();
    services.create("r").await;
    let (role, policy) = (("RoleName", "r"), ("PolicyName", "invoke"));
    services.ok("PutRolePolicy", &[role, policy, ("PolicyDocument", INVOKE)]).await;
    let shown = services.ok("GetRolePolicy", &[role, policy]).await;
    assert_eq!(text(&shown, "RoleName"), "r");
    assert_eq!(text(&shown, "PolicyName"), "invoke");
    let document = percent_encoding::percent_decode_str(text(&shown, "PolicyDocument")).decode_utf8().unwrap();
    assert_eq!(document, INVOKE);
    let listed = services.ok("ListRolePolicies", &[role]).await;
    assert_eq!(listed, "<PolicyNames><member>invoke</member></PolicyNames><IsTruncated>false</IsTruncated>");

    let message = "Cannot delete entity, must delete policies first.";
    services.fails("DeleteRole", &[role], 409, "DeleteConflict", message).await;
    services.ok("DeleteRolePolicy", &[role, policy]).await;
    let message = "The role policy with name invoke cannot be found.";
    services.fails("DeleteRolePolicy", &[role, policy], 404, "NoSuchEntity", message).await;
    services.fails("GetRolePolicy", &[role, policy], 404, "NoSuchEntity", message).await;
    services.ok("DeleteRole", &[role]).await;
    services.fails("GetRole", &[role], 404, "NoSuchEntity", "The role with name r cannot be found.").await;
}

#[tokio::test]
async fn managed_policies_are_attached_and_detached() {
    let services = Services::new();
    services.create("r").await;
    let (role, policy) = (("RoleName", "r"), ("PolicyArn", LAMBDA_ROLE));
    for _ in 0..2 {
        services.ok("AttachRolePolicy", &[role, policy]).await;
    }
    services.ok("AttachRolePolicy", &[role, ("PolicyArn", "arn:aws:iam::aws:policy/AWSLambda_FullAccess")]).await;
    let listed = services.ok("ListAttachedRolePolicies", &[role, ("PathPrefix", "/service-role/")]).await;
    assert_eq!(
        listed,
        format!(
            "<AttachedPolicies><member><PolicyName>AWSLambdaRole</PolicyName><PolicyArn>{LAMBDA_ROLE}</PolicyArn></member>\
             </AttachedPolicies><IsTruncated>false</IsTruncated>"
        )
    );
    let listed = services.ok("ListAttachedRolePolicies", &[role]).await;
    assert_eq!(texts(&listed, "PolicyName"), ["AWSLambda_FullAccess", "AWSLambdaRole"]);

    let message = "Cannot delete entity, must detach all policies first.";
    services.fails("DeleteRole", &[role], 409, "DeleteConflict", message).await;
    services.ok("DetachRolePolicy", &[role, policy]).await;
    let message = format!("Policy {LAMBDA_ROLE} was not found.");
    services.fails("DetachRolePolicy", &[role, policy], 404, "NoSuchEntity", &message).await;

    for (arn, status, code, message) in [
        ("nonsense", 400, "InvalidInput", "ARN nonsense is not valid."),
        (
            "arn:aws:iam::123456789012:policy/mine",
            404,
            "NoSuchEntity",
            "Policy arn:aws:iam::123456789012:policy/mine does not exist or is not attachable.",
        ),
        (
            "arn:aws:iam::aws:role/r",
            404,
            "NoSuchEntity",
            "Policy arn:aws:iam::aws:role/r does not exist or is not attachable.",
        ),
    ] {
        services.fails("AttachRolePolicy", &[role, ("PolicyArn", arn)], status, code, message).await;
    }
}

#[tokio::test]
async fn tags_are_told_apart_without_regard_to_case() {
    let services = Services::new();
    services.create("r").await;
    let role = ("RoleName", "r");
    let two = [
        role,
        ("Tags.member.1.Key", "Stage"),
        ("Tags.member.1.Value", "one"),
        ("Tags.member.2.Key", "team"),
        ("Tags.member.2.Value", "a&b"),
    ];
    services.ok("TagRole", &two).await;
    services.ok("TagRole", &[role, ("Tags.member.1.Key", "stage"), ("Tags.member.1.Value", "two")]).await;
    let listed = services.ok("ListRoleTags", &[role]).await;
    assert_eq!(texts(&listed, "Key"), ["Stage", "team"]);
    assert_eq!(texts(&listed, "Value"), ["two", "a&amp;b"]);
    services.ok("UntagRole", &[role, ("TagKeys.member.1", "STAGE")]).await;
    assert_eq!(texts(&services.ok("ListRoleTags", &[role]).await, "Key"), ["team"]);
    let twice = [role, ("Tags.member.1.Key", "a"), ("Tags.member.2.Key", "A")];
    let message = "Duplicate tag keys found. Please note that Tag keys are case insensitive.";
    services.fails("TagRole", &twice, 400, "InvalidInput", message).await;
}

#[tokio::test]
async fn pages_lead_through_all_roles() {
    let services = Services::new();
    for name in ["delta", "Alpha", "charlie", "Bravo", "echo"] {
        services.create(name).await;
    }
    let mut names: Vec<String> = Vec::new();
    let mut marker: Option<String> = None;
    for page in 1..=3 {
        let mut parameters = vec![("MaxItems", "2")];
        parameters.extend(marker.as_deref().map(|marker| ("Marker", marker)));
        let listed = services.ok("ListRoles", &parameters).await;
        names.extend(texts(&listed, "RoleName").into_iter().map(str::to_owned));
        assert_eq!(text(&listed, "IsTruncated"), if page == 3 { "false" } else { "true" });
        marker = (page < 3).then(|| text(&listed, "Marker").to_owned());
    }
    assert_eq!(names, ["Alpha", "Bravo", "charlie", "delta", "echo"]);
    let none = services.ok("ListRoles", &[("PathPrefix", "/service/")]).await;
    assert_eq!(none, "<IsTruncated>false</IsTruncated><Roles></Roles>");
}

#[tokio::test]
async fn quotas_hold() {
    let services = Services::new();
    services.create("r").await;
    let role = ("RoleName", "r");
    for number in 0..10 {
        let arn = format!("arn:aws:iam::aws:policy/P{number}");
        services.ok("AttachRolePolicy", &[role, ("PolicyArn", &arn)]).await;
    }
    let message = "Cannot exceed quota for PoliciesPerRole: 10";
    let eleventh = [role, ("PolicyArn", LAMBDA_ROLE)];
    services.fails("AttachRolePolicy", &eleventh, 409, "LimitExceeded", message).await;

    // Each policy fits, also in its place once more; two do not. White space is not counted.
    let long = INVOKE.replace('*', &format!("arn:aws:lambda:*:*:function:{}", "f".repeat(5000)));
    let spacious = format!("{}{long}", " ".repeat(10_000));
    for document in [&long, &spacious] {
        services.ok("PutRolePolicy", &[role, ("PolicyName", "a"), ("PolicyDocument", document)]).await;
    }
    let message = "Maximum policy size of 10240 bytes exceeded for role r";
    let second = [role, ("PolicyName", "b"), ("PolicyDocument", &long)];
    services.fails("PutRolePolicy", &second, 409, "LimitExceeded", message).await;
}

#[tokio::test]
async fn what_is_no_operation_is_refused() {
    let services = Services::new();
    services
        .fails("CreateUser", &[], 400, "InvalidAction", "Could not find operation CreateUser for version 2010-05-08")
        .await;
    for (form, code) in [
        ("", "MissingAction"),
        ("Version=2010-05-08", "MissingAction"),
        ("Action=ListRoles", "InvalidAction"),
        ("Action=ListRoles&Version=2011-06-15", "InvalidAction"),
        ("Action=%FF%00%3Cx&Version=2010-05-08", "InvalidAction"),
    ] {
        let answer = services.send(Service::Iam, form.to_owned()).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{form}");
        assert_eq!(text(&answer.body, "Code"), code, "{form}");
    }
    let large = format!("Action=ListRoles&x={}", "x".repeat(account::REQUEST_BYTES_MAX));
    assert_eq!(services.send(Service::Iam, large).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn accounts_do_not_see_each_others_roles() {
    let mut services = Services::new();
    services.create("r").await;
    services.caller.scope.region = "us-east-1".to_owned();
    assert_eq!(texts(&services.ok("ListRoles", &[]).await, "RoleName"), ["r"]);
    services.caller.scope.account = "210987654321".to_owned();
    assert_eq!(texts(&services.ok("ListRoles", &[]).await, "RoleName"), [""; 0]);
}
