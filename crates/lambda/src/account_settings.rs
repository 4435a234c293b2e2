//! The quotas of an account and what of them is used.
//!
//! AWS: Lambda API reference, "`GetAccountSettings`".

use definition::function::Function;
use serde_json::{Value, json};
use store::Reader;

use crate::call::Call;
use crate::code::{UNZIPPED_BYTES_MAX, ZIPPED_BYTES_MAX};
use crate::failure::Result;
use crate::service::Lambda;

/// AWS's quota for all packages together, in bytes. It is shown and not enforced: the disk is the limit here.
const CODE_BYTES_MAX: u64 = 80_530_636_800;
/// AWS's default quota of concurrent executions, likewise.
const CONCURRENT_EXECUTIONS: u32 = 1000;

impl Lambda {
    pub(crate) async fn get_account_settings(&self, call: Call) -> Result<Value> {
        let job = move |reader: &Reader<'_>| reader.list_all::<Function>(call.scope(), "");
        let functions = self.store().read(job).await?;
        Ok(json!({
            "AccountLimit": {
                "TotalCodeSize": CODE_BYTES_MAX,
                "CodeSizeUnzipped": UNZIPPED_BYTES_MAX,
                "CodeSizeZipped": ZIPPED_BYTES_MAX,
                "ConcurrentExecutions": CONCURRENT_EXECUTIONS,
                "UnreservedConcurrentExecutions": CONCURRENT_EXECUTIONS,
            },
            "AccountUsage": {
                "TotalCodeSize": functions.iter().map(|function| function.code_size).sum::<u64>(),
                "FunctionCount": functions.len(),
            },
        }))
    }
}
