use super::*;
use crate::{context::fixture::Carried, stage::service_target};

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// What the mappings of a request set.
#[derive(Default)]
struct Set<'a> {
    headers: &'a [(&'a str, &'a str)],
    query: &'a [(&'a str, &'a str)],
    path: &'a [(&'a str, &'a str)],
    body: &'static str,
}

impl Set<'_> {
    fn mapped(&self) -> Mapped<'_> {
        Mapped {
            headers: pairs(self.headers),
            query: pairs(self.query),
            path: pairs(self.path),
            body: Bytes::from_static(self.body.as_bytes()),
            ..Mapped::default()
        }
    }
}

/// The request of an integration with this URI, as it goes on the wire but for the headers that all of them have.
fn written(uri: &str, set: &Set<'_>) -> Result<String, Failure> {
    const OF_ALL: [&str; 4] = ["x-amzn-apigateway-api-id", "User-Agent", "X-Amzn-Trace-Id", "X-Amz-Source-Arn"];
    let target = service_target(&format!("arn:aws:apigateway:eu-west-1:{uri}"))?;
    let carried = Carried::default().header("Content-Type", "application/vnd.pets+json");
    let request = ServiceRequest::new(&carried.exchange(), &target, set.mapped())?;
    let mut text = format!("{} {}\n", request.method, request.path_and_query());
    for (name, value) in request.headers.iter().filter(|(name, _)| !OF_ALL.contains(&name.as_str())) {
        text.extend([name, ": ", value, "\n"]);
    }
    text.push_str(std::str::from_utf8(&request.body).unwrap());
    Ok(text)
}

fn check(uri: &str, set: &Set<'_>, expected: &[&str]) {
    assert_eq!(written(uri, set).unwrap(), expected.join("\n"), "{uri}");
}

#[test]
fn an_action_of_a_json_service_is_a_target() {
    check(
        "dynamodb:action/PutItem",
        &Set { body: r#"{"TableName":"t"}"#, ..Set::default() },
        &[
            "POST /?Action=PutItem",
            "Accept: application/json",
            "Content-Type: application/x-amz-json-1.0",
            "X-Amz-Target: DynamoDB_20120810.PutItem",
            r#"{"TableName":"t"}"#,
        ],
    );
    check(
        "events:action/PutEvents",
        &Set { headers: &[("content-type", "application/x-amz-json-9.9")], body: "{}", ..Set::default() },
        &[
            "POST /?Action=PutEvents",
            "Accept: application/json",
            "Content-Type: application/x-amz-json-9.9",
            "X-Amz-Target: AWSEvents.PutEvents",
            "{}",
        ],
    );
}

#[test]
fn an_action_of_a_query_service_has_parameters_and_a_version() {
    check(
        "sns:action/Publish&Subject=hi",
        &Set { query: &[("Message", "a b&c=1+1/é")], ..Set::default() },
        &[
            "POST /?Action=Publish&Subject=hi&Message=a%20b%26c%3D1%2B1%2F%C3%A9&Version=2010-03-31",
            "Accept: application/json",
            "Content-Type: application/vnd.pets+json",
            "",
        ],
    );
    check(
        "ec2:action/RunInstances",
        &Set { query: &[("Version", "2014-01-01")], ..Set::default() },
        &[
            "POST /?Action=RunInstances&Version=2014-01-01",
            "Accept: application/json",
            "Content-Type: application/vnd.pets+json",
            "",
        ],
    );
    check(
        "sqs:action/SendMessage",
        &Set { headers: &[("Content-Type", FORM)], body: "Version=2011-10-01&MessageBody=x", ..Set::default() },
        &[
            "POST /?Action=SendMessage",
            "Accept: application/json",
            "Content-Type: application/x-www-form-urlencoded",
            "Version=2011-10-01&MessageBody=x",
        ],
    );
}

#[test]
fn a_path_takes_raw_values() {
    check(
        "sqs:path/000000000000/{queue}",
        &Set {
            headers: &[("Content-Type", FORM), ("Accept", "text/xml")],
            path: &[("queue", "my-queue")],
            body: "Action=SendMessage",
            ..Set::default()
        },
        &[
            "POST /000000000000/my-queue",
            "Accept: text/xml",
            "Content-Type: application/x-www-form-urlencoded",
            "Action=SendMessage",
        ],
    );
    check(
        "s3:path//{bucket}/{key}?x-id=PutObject",
        &Set { path: &[("bucket", "b"), ("key", "a/../b%20c")], query: &[("tagging", "")], ..Set::default() },
        &[
            "POST /b/a/../b%20c?x-id=PutObject&tagging=",
            "Accept: application/json",
            "Content-Type: application/vnd.pets+json",
            "",
        ],
    );
}

#[test]
fn what_the_gateway_vouches_for_cannot_be_mapped() {
    let forged = [
        ("X-Amz-Source-Arn", "arn:aws:execute-api:forged"),
        ("authorization", "AWS4-HMAC-SHA256 forged"),
        ("X-Amz-Date", "20000101T000000Z"),
        ("X-Amz-Security-Token", "forged"),
        ("X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD"),
        ("X-Amzn-Trace-Id", "forged"),
        ("X-Amzn-Apigateway-Api-Id", "forged"),
        ("Host", "forged.example"),
        ("Content-Length", "1"),
        ("x-amz-acl", "private"),
    ];
    let target = service_target("arn:aws:apigateway:eu-west-1:s3:path/b/k").unwrap();
    let set = Set { headers: &forged, ..Set::default() };
    let request = ServiceRequest::new(&Carried::default().exchange(), &target, set.mapped()).unwrap();
    assert!(request.headers.iter().all(|(_, value)| !value.contains("forged")), "{:?}", request.headers);
    let names: Vec<&str> = request.headers.iter().map(|(name, _)| name.as_str()).collect();
    let expected = [
        "x-amzn-apigateway-api-id",
        "Accept",
        "User-Agent",
        "Content-Type",
        "X-Amzn-Trace-Id",
        "x-amz-acl",
        "X-Amz-Source-Arn",
    ];
    assert_eq!(names, expected);
    let source = "arn:aws:execute-api:us-east-1:000000000000:a1b2c3d4e5/test/POST/items";
    assert_eq!(request.header("x-amz-source-arn"), Some(source));
}

#[test]
fn what_names_no_action_or_leaves_its_path_is_an_invalid_endpoint() {
    for (uri, path) in [
        ("dynamodb:action/ GetItem", &[][..]),
        ("dynamodb:action/", &[]),
        ("dynamodb:action/{action}", &[]),
        ("dynamodb:action/{action}", &[("action", "Get-Item")]),
        ("sqs:path/1/{queue}", &[("queue", "..")]),
        ("sqs:path/1/{queue}", &[("queue", "%2e%2E")]),
        ("sqs:path/1/{queue}", &[("queue", "q%2F..%2F2%2Fq")]),
        ("sqs:path/./q", &[]),
        ("s3:path/{bucket}/key", &[("bucket", "")]),
        ("s3:path/{key}", &[("key", "/bucket/key")]),
    ] {
        let written = written(uri, &Set { path, ..Set::default() });
        assert_eq!(written, Err(Failure::configuration("Invalid endpoint address")), "{uri} {path:?}");
    }
}
