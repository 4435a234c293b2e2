//! Functions' log records on their way to CloudWatch Logs, and to the terminal where that was asked for.

use std::sync::Arc;

use account::logs::{LogEvent, LogWriter};
use lambda::runner::{LogRecord, LogSink, LogSource};

use crate::telemetry::print_line;

/// Whether the functions' own records are printed too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Terminal {
    /// A line per record.
    Printed,
    /// Nothing.
    Silent,
}

/// Where the runner's log records go.
pub(crate) fn function_logs(writer: LogWriter, terminal: Terminal) -> LogSink {
    LogSink::new(move |record| {
        writer.put(event_of(record));
        if terminal == Terminal::Printed && record.source == LogSource::Function {
            // What the platform records of each invocation is left out.
            print_line(format_args!("{} | {}", record.function.name, record.message.trim_end()));
        }
    })
}

/// AWS's events end with the line end that the function wrote; so do these.
fn event_of(record: &LogRecord<'_>) -> LogEvent {
    let function = record.function;
    LogEvent {
        account: Arc::clone(&function.account),
        region: Arc::clone(&function.region),
        group: format!("/aws/lambda/{}", function.name).into(),
        stream: record.log_stream.into(),
        at_ms: record.timestamp.as_millisecond(),
        message: format!("{}\n", record.message),
    }
}
