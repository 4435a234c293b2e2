use bytes::Bytes;

use super::*;
use crate::{context::fixture::Carried, map_request::Mapped, stage::service_target};

const FORM: &[(&str, &str)] = &[("Content-Type", "application/x-www-form-urlencoded")];

/// The permissions that a call to `destination` needs, as `action resource`.
fn needs(
    uri: &str,
    http_method: &str,
    headers: &[(&str, &str)],
    body: &'static str,
    destination: Destination,
) -> Vec<String> {
    let mut target = service_target(&format!("arn:aws:apigateway:eu-west-1:{uri}")).unwrap();
    target.http_method = Some(http_method.parse().unwrap());
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let mapped = Mapped { headers, body: Bytes::from_static(body.as_bytes()), ..Mapped::default() };
    let request = ServiceRequest::new(&Carried::default().exchange(), &target, mapped).unwrap();
    let text = |permission: Permission| match permission.resource {
        Some(resource) => format!("{} {resource}", permission.action),
        None => permission.action,
    };
    needed(&request, destination).unwrap().into_iter().map(text).collect()
}

fn check(uri: &str, http_method: &str, headers: &[(&str, &str)], body: &'static str, expected: &[&str]) {
    let found = needs(uri, http_method, headers, body, Destination::Configured);
    assert_eq!(found, expected, "{http_method} {uri} {headers:?} {body}");
}

#[test]
fn an_action_is_named_in_the_uri_the_target_or_the_parameters() {
    let queue = "arn:aws:sqs:eu-west-1:111122223333:q";
    let send = format!("sqs:SendMessage {queue}");
    check("sqs:path/111122223333/q", "POST", FORM, "Action=SendMessage&MessageBody=x", &[&send]);
    check("sqs:path/111122223333/q?Action=SendMessage", "GET", &[], "", &[&send]);
    let target = [("X-Amz-Target", "AmazonSQS.SendMessageBatch")];
    check("sqs:path/111122223333/q", "POST", &target, "{}", &[&send]);
    check("sqs:action/ListQueues", "POST", &[], "", &["sqs:ListQueues"]);
    check("monitoring:action/PutMetricData", "POST", &[], "", &["cloudwatch:PutMetricData"]);
    check("email:action/SendEmail", "POST", &[], "", &["ses:SendEmail"]);
    check("iot:path/things", "GET", &[], "", &[]);
}

#[test]
fn what_is_said_twice_is_asked_for_twice() {
    let queue = "arn:aws:sqs:eu-west-1:1:q";
    let (send, purge) = (format!("sqs:SendMessage {queue}"), format!("sqs:PurgeQueue {queue}"));
    check("sqs:path/1/q?Action=SendMessage", "POST", FORM, "Action=PurgeQueue", &[&send, &purge]);
    let own = "dynamodb:PutItem arn:aws:dynamodb:eu-west-1:000000000000:table/own";
    let other = "dynamodb:PutItem arn:aws:dynamodb:eu-west-1:000000000000:table/other";
    check("dynamodb:action/PutItem", "POST", &[], r#"{"TableName":"own","TableName":"other"}"#, &[own, other]);
    let urls = "QueueUrl=http://127.0.0.1/1/other";
    let other = "sqs:SendMessage arn:aws:sqs:eu-west-1:1:other";
    check("sqs:path/1/q?Action=SendMessage", "POST", FORM, urls, &[other, &send]);
}

#[test]
fn what_is_said_too_often_is_not_asked_at_all() {
    let refused = |content_type: &'static str, body: String| {
        let target = service_target("arn:aws:apigateway:eu-west-1:dynamodb:path/").unwrap();
        let headers = [("Content-Type", content_type), ("X-Amz-Target", "DynamoDB_20120810.Query")];
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        let mapped = Mapped { headers, body: body.into(), ..Mapped::default() };
        let request = ServiceRequest::new(&Carried::default().exchange(), &target, mapped).unwrap();
        needed(&request, Destination::Configured).is_err()
    };
    let json = |member: &str, times: usize| {
        let members: Vec<String> = (0..times).map(|number| format!(r#""{member}":"{number}""#)).collect();
        format!("{{{}}}", members.join(","))
    };
    for member in ["TableName", "IndexName"] {
        assert!(!refused("application/json", json(member, NAMED_MAX)), "{member}");
        assert!(refused("application/json", json(member, NAMED_MAX + 1)), "{member}");
    }
    let form: Vec<String> = (0..NAMED_MAX).map(|number| format!("Action=A{number}")).collect();
    assert!(refused("application/x-www-form-urlencoded", form.join("&")));
    let same = r#""TableName":"t","IndexName":"i","#.repeat(100_000);
    assert!(!refused("application/json", format!(r#"{{{same}"TableName":"t"}}"#)));
}

#[test]
fn only_what_reads_an_index_is_asked_of_the_index() {
    let table = "arn:aws:dynamodb:eu-west-1:000000000000:table/t";
    let body = r#"{"TableName":"t","IndexName":"by-date"}"#;
    check("dynamodb:action/Scan", "POST", &[], body, &[&format!("dynamodb:Scan {table}/index/by-date")]);
    check("dynamodb:action/GetItem", "POST", &[], body, &[&format!("dynamodb:GetItem {table}")]);
    let twice = r#"{"TableName":"t","IndexName":"a","IndexName":"b"}"#;
    let both = ["a", "b"].map(|index| format!("dynamodb:Query {table}/index/{index}"));
    check("dynamodb:action/Query", "POST", &[], twice, &both.each_ref().map(String::as_str));
    let forged = [("X-Amz-Target", "DynamoDB_20120810.DeleteItem")];
    let all = ["DeleteItem", "Query"]
        .map(|action| [format!("dynamodb:{action} {table}"), format!("dynamodb:{action} {table}/index/by-date")]);
    let all: Vec<&str> = all.iter().flatten().map(String::as_str).collect();
    check("dynamodb:action/Query", "POST", &forged, body, &all);
}

#[test]
fn a_resource_is_named_by_name_or_by_arn() {
    let table = "arn:aws:dynamodb:eu-west-1:000000000000:table/t";
    let query = format!("dynamodb:Query {table}/index/by-date");
    check("dynamodb:action/Query", "POST", &[], r#"{"TableName":"t","IndexName":"by-date"}"#, &[&query]);
    let body = r#"{"TableName":"arn:aws:dynamodb:us-east-1:222222222222:table/t"}"#;
    check(
        "dynamodb:action/GetItem",
        "POST",
        &[],
        body,
        &["dynamodb:GetItem arn:aws:dynamodb:us-east-1:222222222222:table/t"],
    );
    check("dynamodb:action/GetItem", "POST", &[], "no JSON", &["dynamodb:GetItem"]);
    check("dynamodb:action/TransactGetItems", "POST", &[], "{}", &["dynamodb:GetItem"]);
    check("dynamodb:action/TransactWriteItems", "POST", &[], "{}", &[]);
    let machine = "arn:aws:states:eu-west-1:000000000000:stateMachine:m";
    let start = format!("states:StartExecution {machine}");
    let body = r#"{"input":"{}","stateMachineArn":"arn:aws:states:eu-west-1:000000000000:stateMachine:m"}"#;
    check("states:action/StartExecution", "POST", &[], body, &[&start]);
    let parameter = "ssm:GetParameter arn:aws:ssm:eu-west-1:000000000000:parameter/a/b";
    check("ssm:action/GetParameter", "POST", &[], r#"{"Name":"/a/b"}"#, &[parameter]);
    let publish = "sns:Publish arn:aws:sns:eu-west-1:000000000000:t";
    check("sns:action/Publish&TopicArn=arn:aws:sns:eu-west-1:000000000000:t", "POST", &[], "", &[publish]);
}

#[test]
fn objects_and_buckets_are_known_by_method_and_path() {
    for (uri, http_method, expected) in [
        ("s3:path/b/a%20folder/k", "GET", &["s3:GetObject arn:aws:s3:::b/a folder/k"][..]),
        ("b.s3:path/folder/k", "HEAD", &["s3:GetObject arn:aws:s3:::b/folder/k"]),
        ("s3:path/b/k", "PUT", &["s3:PutObject arn:aws:s3:::b/k"]),
        ("s3:path/b/k", "DELETE", &["s3:DeleteObject arn:aws:s3:::b/k"]),
        ("s3:path/b/?list-type=2&prefix=x", "GET", &["s3:ListBucket arn:aws:s3:::b"]),
        ("s3:path/", "GET", &["s3:ListAllMyBuckets"]),
        ("s3:path/b/k?acl", "GET", &[]),
        ("s3:path/b?delete", "POST", &[]),
    ] {
        check(uri, http_method, &[], "", expected);
    }
    check("s3:path/b/k", "PUT", &[("x-amz-copy-source", "/c/secret")], "", &[]);
}

#[test]
fn what_nobody_else_would_check_needs_the_whole_service() {
    let needs = |uri, http_method| needs(uri, http_method, &[], "", Destination::Own);
    assert_eq!(needs("lambda:path/2015-03-31/functions", "GET"), ["lambda:*"]);
    assert_eq!(needs("apigateway:path/restapis", "GET"), ["apigateway:GET arn:aws:apigateway:eu-west-1::/restapis"]);
    assert_eq!(needs("sts:action/GetCallerIdentity", "POST"), ["sts:GetCallerIdentity"]);
}
