//! How much a template may ask for. Reaching a limit is an [`Error`](crate::Error), never a truncated answer.

/// Bytes of a template's source, the quota "Mapping template size" of API Gateway.
pub const TEMPLATE_BYTES_MAX: usize = 300 * 1024;

/// Turns of one `#foreach`, the quota "Number of iterations in a #foreach … #end loop" of API Gateway.
const FOREACH_TURNS_MAX: usize = 1000;
/// Bytes of one rendering; API Gateway carries payloads of 10 MB.
const OUTPUT_BYTES_MAX: usize = 10 * 1024 * 1024;
/// Macro calls and `#define` blocks inside one another.
const DEPTH_MAX: usize = 64;
/// Steps of one rendering: a second or less of one core.
const FUEL: u64 = 10_000_000;

/// What one rendering may use at most.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Turns of one `#foreach` (default 1,000).
    pub foreach_turns_max: usize,
    /// Bytes of the output, and of a text that an operator or method makes on the way to it (default 10 MiB).
    pub output_bytes_max: usize,
    /// Macro calls and `#define` blocks that may be open inside one another (default 64).
    pub depth_max: usize,
    /// Steps: one per instruction, one per list item made or compared, one per 16 bytes of text made (default 10,000,000).
    pub fuel: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            foreach_turns_max: FOREACH_TURNS_MAX,
            output_bytes_max: OUTPUT_BYTES_MAX,
            depth_max: DEPTH_MAX,
            fuel: FUEL,
        }
    }
}
