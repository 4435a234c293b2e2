//! What a call does to which resource, as far as its request tells: the words in which policies speak of it.
//!
//! Service Authorization Reference, "Actions, resources, and condition keys for AWS services". What a request says twice is asked
//! for twice, so that no reading of it by the service does what was not allowed.

use std::borrow::Cow;

use http::Method;
use serde::{Deserialize, Deserializer, de};
use serde_json::value::RawValue;

use super::request::ServiceRequest;
use crate::{
    Failure,
    ports::{Destination, Permission},
};

/// Different actions, and different resources of a kind, that one call may name. A service's call names one of each; more are
/// there to mislead, or to keep the gateway busy with asking.
const NAMED_MAX: usize = 16;
/// Actions on the wire that the permission of another name governs; `None`: that of several, or of what the payload says.
const GOVERNED_BY: [(&str, &str, Option<&str>); 9] = [
    ("dynamodb", "BatchExecuteStatement", None),
    ("dynamodb", "ExecuteStatement", None),
    ("dynamodb", "ExecuteTransaction", None),
    ("dynamodb", "TransactGetItems", Some("GetItem")),
    ("dynamodb", "TransactWriteItems", None),
    ("sns", "PublishBatch", Some("Publish")),
    ("sqs", "ChangeMessageVisibilityBatch", Some("ChangeMessageVisibility")),
    ("sqs", "DeleteMessageBatch", Some("DeleteMessage")),
    ("sqs", "SendMessageBatch", Some("SendMessage")),
];

/// Members of requests that name the resource, and its ARN; a value that is an ARN stands for itself.
const RESOURCES: [(&str, &str, &str); 12] = [
    ("dynamodb", "TableName", "arn:{partition}:dynamodb:{region}:{account}:table/{name}"),
    ("firehose", "DeliveryStreamName", "arn:{partition}:firehose:{region}:{account}:deliverystream/{name}"),
    ("kinesis", "StreamARN", ""),
    ("kinesis", "StreamName", "arn:{partition}:kinesis:{region}:{account}:stream/{name}"),
    ("sns", "TargetArn", ""),
    ("sns", "TopicArn", ""),
    ("sqs", "QueueName", "arn:{partition}:sqs:{region}:{account}:{name}"),
    ("sqs", "QueueUrl", "arn:{partition}:sqs:{region}:{owner}:{name}"),
    ("ssm", "Name", "arn:{partition}:ssm:{region}:{account}:parameter/{name}"),
    ("states", "executionArn", ""),
    ("states", "stateMachineArn", ""),
    ("lambda", "FunctionName", "arn:{partition}:lambda:{region}:{account}:function:{name}"),
];

/// Query parameters of S3 that do not turn a request for an object or a bucket into one for something of it.
const S3_PLAIN_PARAMETERS: [&str; 10] = [
    "continuation-token",
    "delimiter",
    "encoding-type",
    "fetch-owner",
    "list-type",
    "marker",
    "max-keys",
    "prefix",
    "start-after",
    "x-id",
];

/// The permissions that a call needs; empty when they cannot be told.
///
/// # Errors
/// [`Failure::ApiConfiguration`] when it names more than [`NAMED_MAX`] actions or resources.
pub(super) fn needed(request: &ServiceRequest<'_>, destination: Destination) -> Result<Vec<Permission>, Failure> {
    let service = request.target.service.action_prefix();
    let permission = |action: &str, resource| Permission { action: format!("{service}:{action}"), resource };
    let actions = named_actions(request)?;
    if !actions.is_empty() {
        let governing = actions.iter().map(|action| governing(service, action));
        let Some(governing) = governing.collect::<Option<Vec<_>>>() else { return Ok(Vec::new()) };
        let resources = resources(request, service, &actions)?;
        let on_all = |action: &&str| {
            let each = resources.iter().map(|resource| permission(action, Some(resource.clone())));
            let each: Vec<_> = each.collect();
            if each.is_empty() { vec![permission(action, None)] } else { each }
        };
        return Ok(governing.iter().flat_map(on_all).collect());
    }
    let by_path = match service {
        "s3" if request.target.service.is_s3() => s3(request).map(|(action, resource)| permission(action, resource)),
        "apigateway" => {
            let resource =
                format!("arn:{}:apigateway:{}::{}", request.target.partition, request.target.region, request.path);
            Some(permission(request.method.as_str(), Some(resource)))
        }
        _ => None,
    };
    Ok(match (by_path, destination) {
        (Some(permission), _) => vec![permission],
        // LambdaGate's own services take every signature for the account's root, so nobody asks after this.
        (None, Destination::Own) => vec![permission("*", None)],
        (None, Destination::Aws | Destination::Configured) => Vec::new(),
    })
}

/// Every action that the request names, in whichever place a service may look for it.
fn named_actions<'r>(request: &'r ServiceRequest<'_>) -> Result<Vec<Cow<'r, str>>, Failure> {
    let target = request.header("x-amz-target").map(|target| target.rsplit('.').next().unwrap_or(target).into());
    let parameters = request.parameters().filter(|(name, _)| name == "Action").map(|(_, action)| action);
    distinct(target.into_iter().chain(parameters))
}

/// Each text once, as long as there are not too many.
fn distinct<'t>(texts: impl Iterator<Item = Cow<'t, str>>) -> Result<Vec<Cow<'t, str>>, Failure> {
    let mut found: Vec<Cow<'t, str>> = Vec::new();
    for text in texts {
        if found.contains(&text) {
            continue;
        }
        if found.len() == NAMED_MAX {
            let detail = format!("Unable to transform request: it names more than {NAMED_MAX} actions or resources");
            return Err(Failure::configuration(detail));
        }
        found.push(text);
    }
    Ok(found)
}

fn governing<'a>(service: &str, action: &'a str) -> Option<&'a str> {
    match GOVERNED_BY.iter().find(|(known, name, _)| *known == service && *name == action) {
        Some((_, _, governing)) => *governing,
        None => Some(action),
    }
}

/// The ARNs of what the request names as its subject.
fn resources(request: &ServiceRequest<'_>, service: &str, actions: &[Cow<'_, str>]) -> Result<Vec<String>, Failure> {
    let mut found = Vec::new();
    let mut add = |resource: Option<String>| {
        if let Some(resource) = resource.filter(|resource| !found.contains(resource)) {
            found.push(resource);
        }
    };
    let rows = || RESOURCES.iter().filter(|(known, ..)| *known == service);
    let members = json_members(request, rows().map(|(_, member, _)| *member).collect());
    let named = |wanted: &'static str| {
        let of_name = members.iter().filter(move |(name, _)| name == wanted);
        of_name.map(|(_, value)| Cow::Borrowed(value.as_str()))
    };
    let indexes = distinct(named("IndexName"))?;
    let reads_index = |action: &Cow<'_, str>| service == "dynamodb" && matches!(&**action, "Query" | "Scan");
    // An action that reads no index overlooks the name of one, and is done to the table.
    let (of_index, of_table) = (actions.iter().any(reads_index), !actions.iter().all(reads_index));
    for (_, member, template) in rows() {
        let in_form = request.parameters().filter(|(name, _)| name == member).map(|(_, value)| value);
        for value in distinct(named(member).chain(in_form))? {
            let arn = arn(request, template, &value);
            if of_table || indexes.is_empty() {
                add(arn.clone());
            }
            for index in indexes.iter().filter(|_| of_index) {
                add(arn.as_ref().map(|table| format!("{table}/index/{index}")));
            }
        }
    }
    if let ("sqs", [account, queue]) = (service, request.segments().as_slice()) {
        add(Some(format!("arn:{}:sqs:{}:{account}:{queue}", request.target.partition, request.target.region)));
    }
    Ok(found)
}

fn arn(request: &ServiceRequest<'_>, template: &str, value: &str) -> Option<String> {
    if value.starts_with("arn:") {
        return Some(value.to_owned());
    }
    let account = request.target.source.account();
    // A queue's URL ends with its account and its name.
    let mut parts = value.trim_end_matches('/').rsplit('/');
    let (name, owner) = if template.contains("{owner}") {
        (parts.next()?, parts.next().unwrap_or(account))
    } else {
        (value.trim_start_matches('/'), account)
    };
    let filled = template.replace("{partition}", &request.target.partition).replace("{region}", &request.target.region);
    let filled = filled.replace("{account}", account).replace("{owner}", owner);
    (!template.is_empty()).then(|| filled.replace("{name}", name))
}

/// The permission that a request to S3 needs, if it is one for an object or a bucket itself.
fn s3(request: &ServiceRequest<'_>) -> Option<(&'static str, Option<String>)> {
    let is_plain = |name: &str| S3_PLAIN_PARAMETERS.contains(&name) || name.starts_with("response-");
    if !request.parameters().all(|(name, _)| is_plain(&name)) || request.header("x-amz-copy-source").is_some() {
        return None;
    }
    let path = percent_encoding::percent_decode_str(request.path.strip_prefix('/')?).decode_utf8().ok()?;
    let (bucket, key) = match request.target.subdomain.as_deref() {
        Some(bucket) => (bucket, path.as_ref()),
        None => path.split_once('/').unwrap_or((&path, "")),
    };
    if bucket.is_empty() {
        return (request.method == Method::GET).then_some(("ListAllMyBuckets", None));
    }
    let action = match (&request.method, key.is_empty()) {
        (&Method::GET | &Method::HEAD, true) => "ListBucket",
        (&Method::PUT, true) => "CreateBucket",
        (&Method::DELETE, true) => "DeleteBucket",
        (&Method::GET | &Method::HEAD, false) => "GetObject",
        (&Method::PUT, false) => "PutObject",
        (&Method::DELETE, false) => "DeleteObject",
        _ => return None,
    };
    let of = &request.target.partition;
    let resource = if key.is_empty() { bucket.to_owned() } else { format!("{bucket}/{key}") };
    Some((action, Some(format!("arn:{of}:s3:::{resource}"))))
}

/// The texts of these members, and of `IndexName`, at the top of a JSON body; all of them where one is there twice.
fn json_members(request: &ServiceRequest<'_>, mut wanted: Vec<&str>) -> Vec<(String, String)> {
    if wanted.is_empty() {
        return Vec::new();
    }
    wanted.push("IndexName");
    let Ok(Members(members)) = serde_json::from_slice(&request.body) else { return Vec::new() };
    let wanted = members.into_iter().filter(|(name, _)| wanted.contains(&name.as_ref()));
    let texts = wanted.filter_map(|(name, raw)| Some((name.into_owned(), serde_json::from_str(raw.get()).ok()?)));
    texts.collect()
}

/// The members of an object, unread.
struct Members<'d>(Vec<(Cow<'d, str>, &'d RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> de::Visitor<'de> for Visitor {
            type Value = Members<'de>;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Visitor)
    }
}

#[cfg(test)]
mod tests;
