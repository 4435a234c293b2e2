//! Functions straight from a folder, as `lambdagate dev` keeps them.

use std::path::Path;

use definition::Scope;
use definition::function::{Function, MEMORY_MB_DEFAULT, PermissionStatement, Principal, TIMEOUT_SECONDS_DEFAULT};
use definition::time::EpochMillis;
use iam::grant::{GATEWAY_PRINCIPAL, INVOKE_FUNCTION};
use indexmap::IndexMap;
use store::Transaction;

use crate::code::pack;
use crate::failure::{Failure, Result};
use crate::functions::{ConfigInput, EnvironmentInput, Package, new_function, renew};
use crate::names::{NameRule, Target};
use crate::permissions;
use crate::service::Lambda;
use crate::violations::Violations;

/// The execution role of a function whose project names none. Nothing of a role is looked up to run a function.
const ROLE_NAME: &str = "lambdagate-dev";

/// A function as a project file describes it.
#[derive(Clone, PartialEq, Eq)]
pub struct FunctionSpec {
    /// The runtime's identifier, such as `nodejs20.x`.
    pub runtime: String,
    /// The handler, such as `index.handler`.
    pub handler: String,
    /// Seconds; `None` is Lambda's default.
    pub timeout: Option<u32>,
    /// MB; `None` is Lambda's default.
    pub memory: Option<u32>,
    /// Environment variables.
    pub environment: IndexMap<String, String>,
    /// The execution role's ARN; `None` names a role that need not exist.
    pub role: Option<String>,
}

impl Lambda {
    /// Creates the function, or brings it to what `spec` and the files of `code_dir` say. A function that is so already
    /// is left as it is, with its warm workers.
    ///
    /// # Errors
    ///
    /// The [`Failure`] that CreateFunction or UpdateFunction* would answer, or one that says what in `code_dir` cannot
    /// be packed.
    pub async fn apply_function(&self, scope: &Scope, name: &str, spec: FunctionSpec, code_dir: &Path) -> Result<()> {
        let target = Target::parse(name, None, scope, NameRule::Change)?;
        target.require_creatable()?;
        let settings = spec.settings(scope);
        let mut violations = Violations::default();
        settings.violations(&mut violations);
        violations.check()?;
        let folder = code_dir.to_owned();
        let packed = self.config().runtime.spawn_blocking(move || pack(&folder)).await;
        let zip = packed.map_err(|error| Failure::unusable(&error))??;
        let package = Package::new(zip)?;
        self.unpack(&package).await?;
        let (now, scope, name) = (EpochMillis::from((self.config().clock)()), scope.clone(), target.name.clone());
        let job = move |transaction: &mut Transaction<'_>| {
            let kept = transaction.get::<Function>(&scope, "", &name)?;
            let mut function = kept.clone().unwrap_or_else(|| new_function(&name, now));
            settings.apply(&mut function)?;
            package.describe(&mut function);
            if kept.as_ref() == Some(&function) {
                return Ok(Applied::Unchanged);
            }
            package.store(transaction, &mut function)?;
            renew(&mut function, now);
            transaction.put(&scope, "", &name, &function)?;
            Ok(Applied::Changed)
        };
        let applied: Result<Applied> = self.store().write(job).await;
        if applied? == Applied::Changed {
            self.runner().retire(&target.arn);
        }
        Ok(())
    }

    /// Lets every method of the REST API call the function, as the AWS console does when a function is chosen for an
    /// integration. Granting twice is granting once.
    ///
    /// # Errors
    ///
    /// When there is no such function or the store fails.
    pub async fn grant_gateway(&self, scope: &Scope, name: &str, api_id: &str) -> Result<()> {
        let target = Target::parse(name, None, scope, NameRule::Change)?;
        target.require_latest()?;
        let source = format!("arn:aws:execute-api:{}:{}:{api_id}/*/*/*", scope.region, scope.account);
        let like = IndexMap::from([("AWS:SourceArn".to_owned(), source)]);
        let statement = PermissionStatement {
            sid: format!("apigateway-{api_id}"),
            effect: "Allow".to_owned(),
            principal: Principal::Service { service: GATEWAY_PRINCIPAL.to_owned() },
            action: INVOKE_FUNCTION.to_owned(),
            resource: target.arn.clone(),
            condition: IndexMap::from([("ArnLike".to_owned(), like)]),
        };
        let scope = scope.clone();
        let job = move |transaction: &mut Transaction<'_>| {
            let found = transaction.get::<Function>(&scope, "", &target.name)?;
            let mut function = found.ok_or_else(|| target.not_found())?;
            if function.permissions.contains(&statement) {
                return Ok(());
            }
            permissions::add(&mut function.permissions, &mut function.revision_id, statement)?;
            transaction.put(&scope, "", &target.name, &function)?;
            Ok(())
        };
        self.store().write(job).await
    }
}

/// What came of applying a project's function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Applied {
    Changed,
    Unchanged,
}

impl FunctionSpec {
    /// All settings that a project can give; one that it does not give is the default, whatever it was before.
    fn settings(self, scope: &Scope) -> ConfigInput {
        let role = self.role.unwrap_or_else(|| format!("arn:aws:iam::{}:role/{ROLE_NAME}", scope.account));
        let mut settings = ConfigInput::default();
        settings.role = Some(role);
        settings.runtime = Some(self.runtime);
        settings.handler = Some(self.handler);
        settings.timeout = Some(self.timeout.unwrap_or(TIMEOUT_SECONDS_DEFAULT).into());
        settings.memory_size = Some(self.memory.unwrap_or(MEMORY_MB_DEFAULT).into());
        settings.environment = Some(EnvironmentInput { variables: Some(self.environment) });
        settings
    }
}
