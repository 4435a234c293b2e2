//! The settings of a function, each within AWS's quotas.

use std::fmt;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

/// The shortest timeout, in seconds.
pub const TIMEOUT_SECONDS_MIN: u32 = 1;
/// The longest timeout, in seconds.
pub const TIMEOUT_SECONDS_MAX: u32 = 900;
/// The timeout of a function that names none, in seconds.
pub const TIMEOUT_SECONDS_DEFAULT: u32 = 3;
/// The least memory, in MB.
pub const MEMORY_MB_MIN: u32 = 128;
/// The most memory, in MB.
pub const MEMORY_MB_MAX: u32 = 10_240;
/// The memory of a function that names none, in MB.
pub const MEMORY_MB_DEFAULT: u32 = 128;
/// The smallest `/tmp`, in MB.
pub const STORAGE_MB_MIN: u32 = 512;
/// The largest `/tmp`, in MB.
pub const STORAGE_MB_MAX: u32 = 10_240;
/// The `/tmp` of a function that names none, in MB.
pub const STORAGE_MB_DEFAULT: u32 = 512;

/// A number outside the range of its setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{value} is not between {min} and {max}")]
pub struct OutOfRange {
    /// The number given.
    pub value: u32,
    /// The least that is allowed.
    pub min: u32,
    /// The most that is allowed.
    pub max: u32,
}

macro_rules! setting {
    ($(#[$doc:meta])* $name:ident, $min:expr, $max:expr, $default:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(try_from = "u32", into = "u32")]
        pub struct $name(u32);

        impl $name {
            /// The number.
            #[must_use]
            pub fn get(self) -> u32 {
                self.0
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self($default)
            }
        }

        impl TryFrom<u32> for $name {
            type Error = OutOfRange;

            fn try_from(value: u32) -> Result<Self, OutOfRange> {
                if !($min..=$max).contains(&value) {
                    return Err(OutOfRange { value, min: $min, max: $max });
                }
                Ok(Self(value))
            }
        }

        impl From<$name> for u32 {
            fn from(setting: $name) -> Self {
                setting.0
            }
        }
    };
}

setting!(
    /// A timeout in seconds, 1 to 900, default 3.
    TimeoutSeconds, TIMEOUT_SECONDS_MIN, TIMEOUT_SECONDS_MAX, TIMEOUT_SECONDS_DEFAULT
);
setting!(
    /// Memory in MB, 128 to 10,240, default 128.
    MemoryMb, MEMORY_MB_MIN, MEMORY_MB_MAX, MEMORY_MB_DEFAULT
);
setting!(
    /// Room in `/tmp` in MB, 512 to 10,240, default 512.
    StorageMb, STORAGE_MB_MIN, STORAGE_MB_MAX, STORAGE_MB_DEFAULT
);

/// `EphemeralStorage`: room in `/tmp`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct EphemeralStorage {
    /// MB.
    pub size: StorageMb,
}

/// `Environment`: variables of the function. Their values are kept out of `Debug`, since they hold secrets.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Environment {
    /// Values by name, in the order given.
    pub variables: IndexMap<String, String>,
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.variables.keys()).finish()
    }
}

/// `TracingConfig`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct TracingConfig {
    /// Who decides whether a call is traced.
    pub mode: TracingMode,
}

/// `TracingConfig.Mode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum TracingMode {
    /// Every call may be traced.
    Active,
    /// The caller's trace header decides.
    #[default]
    PassThrough,
}

/// An instruction set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Architecture {
    /// 64-bit Intel and AMD.
    #[default]
    #[serde(rename = "x86_64")]
    X86_64,
    /// 64-bit Arm.
    #[serde(rename = "arm64")]
    Arm64,
}

/// `LoggingConfig`, without the log group, which follows from the function's name.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct LoggingConfig {
    /// The shape of log records.
    pub log_format: LogFormat,
    /// The least level of the function's own records; with JSON only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub application_log_level: Option<String>,
    /// The least level of the platform's records; with JSON only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system_log_level: Option<String>,
}

/// `LoggingConfig.LogFormat`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum LogFormat {
    /// Lines of text.
    #[default]
    Text,
    /// One JSON object per record.
    #[serde(rename = "JSON")]
    Json,
}
