//! `lambdagate serve`.

use std::path::PathBuf;

use crate::{
    config::{Config, RawConfig},
    process::{Process, Verbosity},
    telemetry,
};

/// Where state is kept unless something else is said.
const DATA_DIR_DEFAULT: &str = "lambdagate-data";

/// Serves until a signal ends it.
pub(crate) fn run(raw: RawConfig) -> anyhow::Result<()> {
    let config = Config::resolve(raw, Some(PathBuf::from(DATA_DIR_DEFAULT)))?;
    telemetry::start(&config.log)?;
    let process = Process::start(&config, Verbosity { requests: false, functions: false })?;
    let data_plane = process.bound.data_plane.map(|address| format!(", deployed APIs also on http://{address}"));
    let state = config.data_dir.as_deref().unwrap_or_else(|| std::path::Path::new("memory"));
    println!(
        "LambdaGate is ready on http://{}{}, state in {}",
        process.bound.everything,
        data_plane.unwrap_or_default(),
        state.display()
    );
    let ended = process.runtime.block_on(process.signalled());
    process.shut_down();
    ended
}
