//! The ARN of a method as it is called, which permissions and authorizer policies name.
//! AWS page: "Control access for invoking an API".

use super::{AccountId, Arn, InvalidArn, PARTITION, Region};

/// The ARN of one method of one stage:
/// `arn:aws:execute-api:{region}:{account}:{api}/{stage}/{METHOD}/{path without its leading slash}`.
///
/// `resource_path` is the resource's template (`/pets/{id}`) where the ARN is the source of a function's invocation,
/// and the path of the request where it is the resource of a policy decision. The root path leaves a trailing slash.
/// Fails when the path makes the ARN too long or holds control characters.
pub fn execute_api_arn(
    region: &Region,
    account: &AccountId,
    api_id: &str,
    stage: &str,
    method: &str,
    resource_path: &str,
) -> Result<Arn, InvalidArn> {
    let path = resource_path.strip_prefix('/').unwrap_or(resource_path);
    format!("arn:{PARTITION}:execute-api:{region}:{account}:{api_id}/{stage}/{method}/{path}").parse()
}
