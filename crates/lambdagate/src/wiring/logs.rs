//! The data plane's access logs and execution logs, on their way to CloudWatch Logs.

use account::logs::{self, LogWriter};
use execute_api::ports::{LogEvent, LogSink};

/// Writes lines to the account's log groups.
pub(crate) struct GatewayLogs(pub(crate) LogWriter);

impl LogSink for GatewayLogs {
    fn put(&self, event: LogEvent) {
        let LogEvent { account, region, group, stream, at, text } = event;
        self.0.put(logs::LogEvent { account, region, group, stream, at_ms: at.0, message: text });
    }
}
