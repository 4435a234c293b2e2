//! The resource policy of a function, statement by statement.
//!
//! AWS: Lambda Developer Guide, "Viewing resource-based IAM policies in Lambda"; Lambda API reference, "`AddPermission`".

use definition::function::{
    Alias, Function, POLICY_BYTES_MAX, PermissionStatement, Principal, PublishedVersion, policy_document,
};
use iam::arn::Arn;
use iam::policy::{Policy, PolicyKind};
use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::{Value, json};
use store::{Reader, Transaction};
use uuid::Uuid;

use crate::call::Call;
use crate::failure::{Failure, Result};
use crate::names::{LATEST, NameRule, Target};
use crate::qualifiers::is_version;
use crate::service::Lambda;
use crate::violations::Violations;

/// What tells the current `RevisionId`.
const POLICY_REVISION: &str = "GetPolicy";
const STATEMENT_ID_BYTES_MAX: usize = 100;

/// `AddPermission`'s members.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct PermissionInput {
    statement_id: Option<String>,
    action: Option<String>,
    principal: Option<String>,
    source_arn: Option<String>,
    source_account: Option<String>,
    event_source_token: Option<String>,
    #[serde(rename = "PrincipalOrgID")]
    principal_org_id: Option<String>,
    function_url_auth_type: Option<String>,
    invoked_via_function_url: Option<bool>,
    revision_id: Option<String>,
}

impl Lambda {
    pub(crate) async fn add_permission(&self, call: Call) -> Result<Value> {
        let target = call.target(NameRule::Change)?;
        let input: PermissionInput = call.input()?;
        input.violations().check()?;
        if target.qualifier.as_deref() == Some(LATEST) {
            let text = "We currently do not support adding policies for $LATEST.";
            return Err(Failure::InvalidParameterValue(text.to_owned()));
        }
        let statement = input.statement(&target)?;
        let revision = input.revision_id;
        let job = move |transaction: &mut Transaction<'_>| {
            let mut holder = Holder::find(transaction, &call, &target)?;
            let (permissions, revision_id) = holder.policy();
            require_revision(revision_id, revision.as_deref())?;
            add(permissions, revision_id, statement.clone())?;
            holder.keep(transaction, &call, &target)?;
            Ok(json!({ "Statement": json!(statement).to_string() }))
        };
        self.store().write(job).await
    }

    pub(crate) async fn get_policy(&self, call: Call) -> Result<Value> {
        let target = call.target(NameRule::Read)?;
        let missing = || Failure::NotFound("The resource you requested does not exist.".to_owned());
        let job = move |reader: &Reader<'_>| {
            let mut holder = Holder::find(reader, &call, &target)?;
            let (permissions, revision_id) = holder.policy();
            // `$LATEST` has no policy of its own.
            let document = policy_document(permissions).filter(|_| target.qualifier.as_deref() != Some(LATEST));
            Ok(json!({ "Policy": document.ok_or_else(missing)?, "RevisionId": revision_id }))
        };
        self.store().read(job).await
    }

    pub(crate) async fn remove_permission(&self, call: Call) -> Result<()> {
        let target = call.target(NameRule::Change)?;
        let job = move |transaction: &mut Transaction<'_>| {
            let mut holder = Holder::find(transaction, &call, &target)?;
            let (permissions, revision_id) = holder.policy();
            require_revision(revision_id, call.query("RevisionId"))?;
            if permissions.is_empty() {
                let text = "No policy is associated with the given resource.";
                return Err(Failure::NotFound(text.to_owned()));
            }
            let (sid, before) = (call.label(1), permissions.len());
            permissions.retain(|statement| statement.sid != sid);
            if permissions.len() == before {
                return Err(Failure::NotFound(format!("Statement {sid} is not found in resource policy.")));
            }
            *revision_id = Uuid::new_v4().to_string();
            holder.keep(transaction, &call, &target)
        };
        self.store().write(job).await
    }
}

/// What has a resource policy: a function, one of its versions or one of its aliases.
enum Holder {
    Function(Box<Function>),
    Version(Box<PublishedVersion>),
    Alias(Alias),
}

impl Holder {
    /// What a call names.
    fn find(reader: &Reader<'_>, call: &Call, target: &Target) -> Result<Self> {
        let (scope, name) = (call.scope(), target.name.as_str());
        let function = reader.get::<Function>(scope, "", name)?;
        let function = function.ok_or_else(|| Target { qualifier: None, ..target.clone() }.not_found())?;
        match target.qualifier.as_deref() {
            None | Some(LATEST) => Ok(Self::Function(Box::new(function))),
            Some(version) if is_version(version) => {
                let found = reader.get::<PublishedVersion>(scope, name, version)?;
                found.map(|version| Self::Version(Box::new(version))).ok_or_else(|| target.not_found())
            }
            Some(alias) => {
                let missing = || Failure::NotFound(format!("Cannot find alias arn: {}", target.asked_arn()));
                reader.get::<Alias>(scope, name, alias)?.map(Self::Alias).ok_or_else(missing)
            }
        }
    }

    /// The statements of the policy and the revision that changes with them.
    fn policy(&mut self) -> (&mut Vec<PermissionStatement>, &mut String) {
        match self {
            Self::Function(function) => (&mut function.permissions, &mut function.revision_id),
            Self::Version(version) => (&mut version.function.permissions, &mut version.function.revision_id),
            Self::Alias(alias) => (&mut alias.permissions, &mut alias.revision_id),
        }
    }

    fn keep(&self, transaction: &mut Transaction<'_>, call: &Call, target: &Target) -> Result<()> {
        let (scope, name) = (call.scope(), target.name.as_str());
        match self {
            Self::Function(function) => transaction.put(scope, "", name, &**function)?,
            Self::Version(version) => transaction.put(scope, name, &version.version.to_string(), &**version)?,
            Self::Alias(alias) => transaction.put(scope, name, &alias.name, alias)?,
        };
        Ok(())
    }
}

/// Adds a statement to a policy; its revision changes.
pub(crate) fn add(
    permissions: &mut Vec<PermissionStatement>,
    revision_id: &mut String,
    statement: PermissionStatement,
) -> Result<()> {
    if permissions.iter().any(|other| other.sid == statement.sid) {
        return Err(Failure::Conflict(format!(
            "The statement id ({}) provided already exists. Please provide a new statement id, or remove the existing \
             statement.",
            statement.sid
        )));
    }
    permissions.push(statement);
    *revision_id = Uuid::new_v4().to_string();
    let document = policy_document(permissions).unwrap_or_default();
    if document.len() > POLICY_BYTES_MAX {
        return Err(Failure::PolicyLengthExceeded { bytes: document.len(), limit: POLICY_BYTES_MAX });
    }
    // What cannot be compiled later must not be kept now.
    Policy::parse(&document, PolicyKind::Resource)
        .map_err(|error| Failure::InvalidParameterValue(error.to_string()))?;
    Ok(())
}

fn require_revision(current: &str, revision: Option<&str>) -> Result<()> {
    if revision.is_some_and(|revision| revision != current) {
        return Err(Failure::Precondition(POLICY_REVISION));
    }
    Ok(())
}

impl PermissionInput {
    fn violations(&self) -> Violations {
        let mut violations = Violations::default();
        for (member, value, pattern, is_valid) in [
            ("statementId", &self.statement_id, "([a-zA-Z0-9-_]+)", is_statement_id as fn(&str) -> bool),
            ("action", &self.action, "(lambda:[*]|lambda:[a-zA-Z]+|[*])", is_action),
            ("principal", &self.principal, r"[^\s]+", |text| !text.is_empty() && !text.contains(char::is_whitespace)),
        ] {
            match value.as_deref() {
                None => violations.missing(member),
                Some(text) if !is_valid(text) => violations.pattern(member, text, pattern),
                Some(_) => {}
            }
        }
        violations.length("statementId", self.statement_id.as_deref().unwrap_or_default(), STATEMENT_ID_BYTES_MAX);
        if let Some(arn) = self.source_arn.as_deref().filter(|arn| arn.parse::<Arn>().is_err()) {
            let pattern = r"arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\-])+:((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1})?:(\d{12})?:(.*)";
            violations.pattern("sourceArn", arn, pattern);
        }
        if let Some(account) = self.source_account.as_deref().filter(|account| !is_account(account)) {
            violations.pattern("sourceAccount", account, r"\d{12}");
        }
        violations.choice("functionUrlAuthType", self.function_url_auth_type.as_deref(), &["NONE", "AWS_IAM"]);
        violations
    }

    fn statement(&self, target: &Target) -> Result<PermissionStatement> {
        let mut condition: IndexMap<String, IndexMap<String, String>> = IndexMap::new();
        let via_url = self.invoked_via_function_url.map(|via| via.to_string());
        for (operator, key, value) in [
            ("StringEquals", "AWS:SourceAccount", &self.source_account),
            ("StringEquals", "aws:PrincipalOrgID", &self.principal_org_id),
            ("StringEquals", "lambda:EventSourceToken", &self.event_source_token),
            ("StringEquals", "lambda:FunctionUrlAuthType", &self.function_url_auth_type),
            ("Bool", "lambda:InvokedViaFunctionUrl", &via_url),
            ("ArnLike", "AWS:SourceArn", &self.source_arn),
        ] {
            if let Some(value) = value {
                condition.entry(operator.to_owned()).or_default().insert(key.to_owned(), value.clone());
            }
        }
        Ok(PermissionStatement {
            sid: self.statement_id.clone().unwrap_or_default(),
            effect: "Allow".to_owned(),
            principal: principal(self.principal.as_deref().unwrap_or_default())?,
            action: self.action.clone().unwrap_or_default(),
            resource: target.asked_arn(),
            condition,
        })
    }
}

fn principal(text: &str) -> Result<Principal> {
    if text == "*" {
        return Ok(Principal::Everyone(text.to_owned()));
    }
    if is_account(text) {
        return Ok(Principal::Aws { aws: format!("arn:aws:iam::{text}:root") });
    }
    if text.parse::<Arn>().is_ok_and(|arn| matches!(arn.service(), "iam" | "sts")) {
        return Ok(Principal::Aws { aws: text.to_owned() });
    }
    let is_service_byte = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-');
    if text.bytes().all(is_service_byte) && (text.ends_with(".amazonaws.com") || text.ends_with(".amazonaws.com.cn")) {
        return Ok(Principal::Service { service: text.to_owned() });
    }
    let text = "The provided principal was invalid. Please check the principal and try again.";
    Err(Failure::InvalidParameterValue(text.to_owned()))
}

fn is_statement_id(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

fn is_action(text: &str) -> bool {
    let is_name = |name: &str| name == "*" || !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphabetic());
    text == "*" || text.strip_prefix("lambda:").is_some_and(is_name)
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}
