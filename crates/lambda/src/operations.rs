//! The table of all operations of the Lambda API: method, path, and what becomes of a call.
//!
//! A path is matched as sent, segment by segment, and only then decoded: labels may be percent-encoded ARNs.
//! AWS: Lambda API reference, "Actions".

use http::Method;
use percent_encoding::percent_decode_str;

/// An operation that is implemented.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
    CreateFunction,
    GetFunction,
    GetFunctionConfiguration,
    ListFunctions,
    UpdateFunctionCode,
    UpdateFunctionConfiguration,
    DeleteFunction,
    ListVersionsByFunction,
    PublishVersion,
    CreateAlias,
    GetAlias,
    UpdateAlias,
    DeleteAlias,
    ListAliases,
    AddPermission,
    GetPolicy,
    RemovePermission,
    GetFunctionConcurrency,
    DeleteFunctionConcurrency,
    GetFunctionCodeSigningConfig,
    GetAccountSettings,
    ListTags,
    TagResource,
    UntagResource,
    Invoke,
    InvokeWithResponseStream,
}

/// What becomes of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Handler {
    /// It is done.
    Do(Operation),
    /// There is nothing of this kind, so its list, under this member, is empty.
    EmptyList(&'static str),
    /// It is refused by name.
    Absent,
}

/// A row of the table.
#[derive(Debug)]
pub(crate) struct Route {
    method: &'static str,
    path: &'static str,
    /// A query parameter that tells this row from another of the same path.
    query: Option<(&'static str, &'static str)>,
    pub(crate) name: &'static str,
    pub(crate) handler: Handler,
}

const fn done(method: &'static str, path: &'static str, name: &'static str, operation: Operation) -> Route {
    Route { method, path, query: None, name, handler: Handler::Do(operation) }
}

const fn absent(method: &'static str, path: &'static str, name: &'static str) -> Route {
    Route { method, path, query: None, name, handler: Handler::Absent }
}

const fn absent_with(
    method: &'static str,
    path: &'static str,
    query: (&'static str, &'static str),
    name: &'static str,
) -> Route {
    Route { method, path, query: Some(query), name, handler: Handler::Absent }
}

const fn empty(path: &'static str, name: &'static str, member: &'static str) -> Route {
    Route { method: "GET", path, query: None, name, handler: Handler::EmptyList(member) }
}

/// Rows with a query come before those of the same path without one.
static ROUTES: &[Route] = &[
    done("POST", "/2015-03-31/functions", "CreateFunction", Operation::CreateFunction),
    done("GET", "/2015-03-31/functions", "ListFunctions", Operation::ListFunctions),
    done("GET", "/2015-03-31/functions/{}", "GetFunction", Operation::GetFunction),
    done("DELETE", "/2015-03-31/functions/{}", "DeleteFunction", Operation::DeleteFunction),
    done(
        "GET",
        "/2015-03-31/functions/{}/configuration",
        "GetFunctionConfiguration",
        Operation::GetFunctionConfiguration,
    ),
    done(
        "PUT",
        "/2015-03-31/functions/{}/configuration",
        "UpdateFunctionConfiguration",
        Operation::UpdateFunctionConfiguration,
    ),
    done("PUT", "/2015-03-31/functions/{}/code", "UpdateFunctionCode", Operation::UpdateFunctionCode),
    done("GET", "/2015-03-31/functions/{}/versions", "ListVersionsByFunction", Operation::ListVersionsByFunction),
    done("POST", "/2015-03-31/functions/{}/versions", "PublishVersion", Operation::PublishVersion),
    done("POST", "/2015-03-31/functions/{}/aliases", "CreateAlias", Operation::CreateAlias),
    done("GET", "/2015-03-31/functions/{}/aliases", "ListAliases", Operation::ListAliases),
    done("GET", "/2015-03-31/functions/{}/aliases/{}", "GetAlias", Operation::GetAlias),
    done("PUT", "/2015-03-31/functions/{}/aliases/{}", "UpdateAlias", Operation::UpdateAlias),
    done("DELETE", "/2015-03-31/functions/{}/aliases/{}", "DeleteAlias", Operation::DeleteAlias),
    done("POST", "/2015-03-31/functions/{}/policy", "AddPermission", Operation::AddPermission),
    done("GET", "/2015-03-31/functions/{}/policy", "GetPolicy", Operation::GetPolicy),
    done("DELETE", "/2015-03-31/functions/{}/policy/{}", "RemovePermission", Operation::RemovePermission),
    absent("PUT", "/2026-07-09/resource-policy/{}", "PutResourcePolicy"),
    absent("GET", "/2026-07-09/resource-policy/{}", "GetResourcePolicy"),
    absent("DELETE", "/2026-07-09/resource-policy/{}", "DeleteResourcePolicy"),
    absent("PUT", "/2017-10-31/functions/{}/concurrency", "PutFunctionConcurrency"),
    done(
        "DELETE",
        "/2017-10-31/functions/{}/concurrency",
        "DeleteFunctionConcurrency",
        Operation::DeleteFunctionConcurrency,
    ),
    done("GET", "/2019-09-30/functions/{}/concurrency", "GetFunctionConcurrency", Operation::GetFunctionConcurrency),
    Route {
        method: "GET",
        path: "/2019-09-30/functions/{}/provisioned-concurrency",
        query: Some(("List", "ALL")),
        name: "ListProvisionedConcurrencyConfigs",
        handler: Handler::EmptyList("ProvisionedConcurrencyConfigs"),
    },
    absent("PUT", "/2019-09-30/functions/{}/provisioned-concurrency", "PutProvisionedConcurrencyConfig"),
    absent("GET", "/2019-09-30/functions/{}/provisioned-concurrency", "GetProvisionedConcurrencyConfig"),
    absent("DELETE", "/2019-09-30/functions/{}/provisioned-concurrency", "DeleteProvisionedConcurrencyConfig"),
    empty(
        "/2019-09-25/functions/{}/event-invoke-config/list",
        "ListFunctionEventInvokeConfigs",
        "FunctionEventInvokeConfigs",
    ),
    absent("PUT", "/2019-09-25/functions/{}/event-invoke-config", "PutFunctionEventInvokeConfig"),
    absent("POST", "/2019-09-25/functions/{}/event-invoke-config", "UpdateFunctionEventInvokeConfig"),
    absent("GET", "/2019-09-25/functions/{}/event-invoke-config", "GetFunctionEventInvokeConfig"),
    absent("DELETE", "/2019-09-25/functions/{}/event-invoke-config", "DeleteFunctionEventInvokeConfig"),
    absent("POST", "/2021-10-31/functions/{}/url", "CreateFunctionUrlConfig"),
    absent("GET", "/2021-10-31/functions/{}/url", "GetFunctionUrlConfig"),
    absent("PUT", "/2021-10-31/functions/{}/url", "UpdateFunctionUrlConfig"),
    absent("DELETE", "/2021-10-31/functions/{}/url", "DeleteFunctionUrlConfig"),
    empty("/2021-10-31/functions/{}/urls", "ListFunctionUrlConfigs", "FunctionUrlConfigs"),
    absent("POST", "/2018-10-31/layers/{}/versions", "PublishLayerVersion"),
    empty("/2018-10-31/layers/{}/versions", "ListLayerVersions", "LayerVersions"),
    absent("GET", "/2018-10-31/layers/{}/versions/{}", "GetLayerVersion"),
    absent("DELETE", "/2018-10-31/layers/{}/versions/{}", "DeleteLayerVersion"),
    absent_with("GET", "/2018-10-31/layers", ("find", "LayerVersion"), "GetLayerVersionByArn"),
    empty("/2018-10-31/layers", "ListLayers", "Layers"),
    absent("POST", "/2018-10-31/layers/{}/versions/{}/policy", "AddLayerVersionPermission"),
    absent("GET", "/2018-10-31/layers/{}/versions/{}/policy", "GetLayerVersionPolicy"),
    absent("DELETE", "/2018-10-31/layers/{}/versions/{}/policy/{}", "RemoveLayerVersionPermission"),
    done("POST", "/2017-03-31/tags/{}", "TagResource", Operation::TagResource),
    done("GET", "/2017-03-31/tags/{}", "ListTags", Operation::ListTags),
    done("DELETE", "/2017-03-31/tags/{}", "UntagResource", Operation::UntagResource),
    done("GET", "/2016-08-19/account-settings", "GetAccountSettings", Operation::GetAccountSettings),
    done("POST", "/2015-03-31/functions/{}/invocations", "Invoke", Operation::Invoke),
    done(
        "POST",
        "/2021-11-15/functions/{}/response-streaming-invocations",
        "InvokeWithResponseStream",
        Operation::InvokeWithResponseStream,
    ),
    absent("POST", "/2014-11-13/functions/{}/invoke-async", "InvokeAsync"),
    absent("PUT", "/2021-07-20/functions/{}/runtime-management-config", "PutRuntimeManagementConfig"),
    absent("GET", "/2021-07-20/functions/{}/runtime-management-config", "GetRuntimeManagementConfig"),
    absent("PUT", "/2024-08-31/functions/{}/recursion-config", "PutFunctionRecursionConfig"),
    absent("GET", "/2024-08-31/functions/{}/recursion-config", "GetFunctionRecursionConfig"),
    done(
        "GET",
        "/2020-06-30/functions/{}/code-signing-config",
        "GetFunctionCodeSigningConfig",
        Operation::GetFunctionCodeSigningConfig,
    ),
    absent("PUT", "/2020-06-30/functions/{}/code-signing-config", "PutFunctionCodeSigningConfig"),
    absent("DELETE", "/2020-06-30/functions/{}/code-signing-config", "DeleteFunctionCodeSigningConfig"),
    absent("POST", "/2020-04-22/code-signing-configs", "CreateCodeSigningConfig"),
    empty("/2020-04-22/code-signing-configs", "ListCodeSigningConfigs", "CodeSigningConfigs"),
    absent("GET", "/2020-04-22/code-signing-configs/{}", "GetCodeSigningConfig"),
    absent("PUT", "/2020-04-22/code-signing-configs/{}", "UpdateCodeSigningConfig"),
    absent("DELETE", "/2020-04-22/code-signing-configs/{}", "DeleteCodeSigningConfig"),
    empty("/2020-04-22/code-signing-configs/{}/functions", "ListFunctionsByCodeSigningConfig", "FunctionArns"),
    absent("POST", "/2015-03-31/event-source-mappings", "CreateEventSourceMapping"),
    empty("/2015-03-31/event-source-mappings", "ListEventSourceMappings", "EventSourceMappings"),
    absent("GET", "/2015-03-31/event-source-mappings/{}", "GetEventSourceMapping"),
    absent("PUT", "/2015-03-31/event-source-mappings/{}", "UpdateEventSourceMapping"),
    absent("DELETE", "/2015-03-31/event-source-mappings/{}", "DeleteEventSourceMapping"),
];

/// The operation of a request, and the labels of its path, decoded. One slash at the end is overlooked.
pub(crate) fn find(method: &Method, path: &str, query: &[(String, String)]) -> Option<(&'static Route, Vec<String>)> {
    let path = path.strip_suffix('/').unwrap_or(path);
    ROUTES.iter().find_map(|route| {
        let query_matches = route.query.is_none_or(|(name, value)| query.iter().any(|(n, v)| n == name && v == value));
        if route.method != method.as_str() || !query_matches {
            return None;
        }
        Some((route, labels(route.path, path)?))
    })
}

fn labels(pattern: &str, path: &str) -> Option<Vec<String>> {
    let mut labels = Vec::new();
    let mut segments = path.split('/');
    for expected in pattern.split('/') {
        let segment = segments.next()?;
        if expected == "{}" && !segment.is_empty() {
            labels.push(percent_decode_str(segment).decode_utf8().ok()?.into_owned());
        } else if expected != segment {
            return None;
        }
    }
    segments.next().is_none().then_some(labels)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(method: &Method, target: &str, expected: Option<(&str, &[&str])>) {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let query: Vec<_> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let found = find(method, path, &query);
        let found = found.as_ref().map(|(route, labels)| (route.name, labels.iter().map(String::as_str).collect()));
        assert_eq!(found, expected.map(|(name, labels)| (name, labels.to_vec())), "{method} {target}");
    }

    #[test]
    fn a_request_is_the_operation_that_the_service_model_says() {
        check(&Method::GET, "/2015-03-31/functions/", Some(("ListFunctions", &[])));
        check(&Method::GET, "/2015-03-31/functions/f", Some(("GetFunction", &["f"])));
        let arn = "arn:aws:lambda:us-east-1:000000000000:function:f:prod";
        let encoded = arn.replace(':', "%3A");
        check(&Method::POST, &format!("/2015-03-31/functions/{encoded}/invocations"), Some(("Invoke", &[arn])));
        check(&Method::DELETE, "/2015-03-31/functions/f/policy/s", Some(("RemovePermission", &["f", "s"])));
        let provisioned = "/2019-09-30/functions/f/provisioned-concurrency";
        check(&Method::GET, provisioned, Some(("GetProvisionedConcurrencyConfig", &["f"])));
        let list = format!("{provisioned}?List=ALL");
        check(&Method::GET, &list, Some(("ListProvisionedConcurrencyConfigs", &["f"])));
        check(&Method::GET, "/2018-10-31/layers?find=LayerVersion&Arn=a", Some(("GetLayerVersionByArn", &[])));
        check(&Method::GET, "/2016-08-19/account-settings/", Some(("GetAccountSettings", &[])));
        for target in ["/2015-03-31/nothing", "/2015-03-31/functions//code", "/2014-11-13/functions/f", "/"] {
            check(&Method::GET, target, None);
        }
    }

    #[test]
    fn no_two_rows_of_the_table_are_the_same() {
        for (index, route) in ROUTES.iter().enumerate() {
            for other in &ROUTES[index + 1..] {
                let same_place = route.method == other.method && route.path == other.path && route.query == other.query;
                assert!(!same_place && route.name != other.name, "{} {}", route.name, other.name);
            }
        }
    }
}
