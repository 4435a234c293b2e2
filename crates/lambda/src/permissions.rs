//! The resource policy of a function, statement by statement.
//!
//! AWS: Lambda Developer Guide, "Viewing resource-based IAM policies in Lambda"; Lambda API reference, "`AddPermission`".

use definition::function::{Function, POLICY_BYTES_MAX, PermissionStatement, Principal};
use iam::arn::Arn;
use iam::policy::{Policy, PolicyKind};
use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::{Value, json};
use store::Transaction;
use uuid::Uuid;

use crate::call::Call;
use crate::failure::{Failure, Result};
use crate::names::{LATEST, NameRule, Target};
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
            let mut function = find(transaction, &call, &target)?;
            require_revision(&function, revision.as_deref())?;
            add(&mut function, statement.clone())?;
            transaction.put(call.scope(), "", &target.name, &function)?;
            Ok(json!({ "Statement": json!(statement).to_string() }))
        };
        self.store().write(job).await
    }

    pub(crate) async fn get_policy(&self, call: Call) -> Result<Value> {
        let target = call.target(NameRule::Read)?;
        let function = self.find_function(&call, &Target { qualifier: None, ..target.clone() }).await?;
        // Only the function itself can have a policy here; `$LATEST` and versions have none of their own.
        let document = function.policy_document().filter(|_| target.qualifier.is_none());
        let document =
            document.ok_or_else(|| Failure::NotFound("The resource you requested does not exist.".to_owned()))?;
        Ok(json!({ "Policy": document, "RevisionId": function.revision_id }))
    }

    pub(crate) async fn remove_permission(&self, call: Call) -> Result<()> {
        let target = call.target(NameRule::Change)?;
        let job = move |transaction: &mut Transaction<'_>| {
            let mut function = find(transaction, &call, &target)?;
            require_revision(&function, call.query("RevisionId"))?;
            if function.permissions.is_empty() {
                let text = "No policy is associated with the given resource.";
                return Err(Failure::NotFound(text.to_owned()));
            }
            let (sid, before) = (call.label(1), function.permissions.len());
            function.permissions.retain(|statement| statement.sid != sid);
            if function.permissions.len() == before {
                return Err(Failure::NotFound(format!("Statement {sid} is not found in resource policy.")));
            }
            function.revision_id = Uuid::new_v4().to_string();
            transaction.put(call.scope(), "", &target.name, &function)?;
            Ok(())
        };
        self.store().write(job).await
    }
}

/// Adds a statement to the policy of a function.
pub(crate) fn add(function: &mut Function, statement: PermissionStatement) -> Result<()> {
    if function.permissions.iter().any(|other| other.sid == statement.sid) {
        return Err(Failure::Conflict(format!(
            "The statement id ({}) provided already exists. Please provide a new statement id, or remove the existing \
             statement.",
            statement.sid
        )));
    }
    function.permissions.push(statement);
    function.revision_id = Uuid::new_v4().to_string();
    let document = function.policy_document().unwrap_or_default();
    if document.len() > POLICY_BYTES_MAX {
        return Err(Failure::PolicyLengthExceeded { bytes: document.len(), limit: POLICY_BYTES_MAX });
    }
    // What cannot be compiled later must not be kept now.
    Policy::parse(&document, PolicyKind::Resource)
        .map_err(|error| Failure::InvalidParameterValue(error.to_string()))?;
    Ok(())
}

fn find(transaction: &Transaction<'_>, call: &Call, target: &Target) -> Result<Function> {
    let function = transaction.get::<Function>(call.scope(), "", &target.name)?;
    let function = function.ok_or_else(|| Target { qualifier: None, ..target.clone() }.not_found())?;
    match &target.qualifier {
        None => Ok(function),
        Some(version) if version.bytes().all(|byte| byte.is_ascii_digit()) => Err(target.not_found()),
        Some(_) => Err(Failure::NotFound(format!("Cannot find alias arn: {}", target.asked_arn()))),
    }
}

fn require_revision(function: &Function, revision: Option<&str>) -> Result<()> {
    if revision.is_some_and(|revision| revision != function.revision_id) {
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
