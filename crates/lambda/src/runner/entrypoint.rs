//! What is executed for a runtime: an interpreter with its bootstrap, or the package's own `bootstrap`.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::function::{FunctionVersion, Runtime};
use super::interpreters::{Interpreter, Interpreters};

const NODE_BOOTSTRAP: &str = include_str!("../../bootstrap/node/bootstrap.cjs");
const NODE_LOADER: &str = include_str!("../../bootstrap/node/loader.cjs");
const NODE_CONSOLE: &str = include_str!("../../bootstrap/node/console.cjs");
const NODE_CLIENT: &str = include_str!("../../bootstrap/node/client.cjs");
const NODE_STREAMING: &str = include_str!("../../bootstrap/node/streaming.cjs");
const PYTHON_BOOTSTRAP: &str = include_str!("../../bootstrap/python/lambdagate_bootstrap.py");

/// Files of `LAMBDA_RUNTIME_DIR` and their contents.
const BOOTSTRAPS: &[(&str, &str)] = &[
    ("node/bootstrap.cjs", NODE_BOOTSTRAP),
    ("node/loader.cjs", NODE_LOADER),
    ("node/console.cjs", NODE_CONSOLE),
    ("node/client.cjs", NODE_CLIENT),
    ("node/streaming.cjs", NODE_STREAMING),
    ("python/lambdagate_bootstrap.py", PYTHON_BOOTSTRAP),
];

/// V8's heap takes this share of a function's memory, in percent; the rest is for buffers and the engine itself.
const NODE_HEAP_PERCENT: u32 = 90;

/// A program, its arguments and what the log calls it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entrypoint {
    pub(super) program: PathBuf,
    pub(super) arguments: Vec<String>,
    /// `INIT_START`'s runtime version.
    pub(super) runtime_version: String,
    /// The interpreter's directory, which `PATH` begins with.
    pub(super) interpreter_dir: Option<PathBuf>,
    /// Major and minor version of the interpreter.
    pub(super) interpreter_version: (u32, u32),
}

/// Writes the bootstraps below `scratch_dir`, removes what an earlier run left there, and answers the runtime directory.
pub(super) fn install_bootstraps(scratch_dir: &Path) -> std::io::Result<PathBuf> {
    std::fs::create_dir_all(scratch_dir)?;
    let scratch_dir = std::fs::canonicalize(scratch_dir)?;
    let temporary = scratch_dir.join(super::supervisor::TEMPORARY_DIRS);
    if temporary.exists() {
        std::fs::remove_dir_all(&temporary)?;
    }
    std::fs::create_dir_all(&temporary)?;
    let runtime_dir = scratch_dir.join("runtime");
    for (name, text) in BOOTSTRAPS {
        let path = runtime_dir.join(name);
        std::fs::create_dir_all(path.parent().unwrap_or(&runtime_dir))?;
        std::fs::write(path, text)?;
    }
    Ok(runtime_dir)
}

impl Entrypoint {
    /// What runs `version`, or the text of the `Runtime.InvalidEntrypoint` error.
    pub(super) fn of(
        version: &FunctionVersion,
        interpreters: &Interpreters,
        runtime_dir: &Path,
    ) -> Result<Self, String> {
        let entrypoint = match version.runtime {
            Runtime::Provided => Self::provided(&version.code_dir)?,
            Runtime::Node { major } => {
                let interpreter = interpreter(version, interpreters)?;
                warn_about_version(version.runtime, interpreter, interpreter.version.0 == major);
                Self::node(interpreter, version.memory_mb, runtime_dir)
            }
            Runtime::Python { minor } => {
                let interpreter = interpreter(version, interpreters)?;
                warn_about_version(version.runtime, interpreter, interpreter.version.1 == minor);
                Self::python(interpreter, runtime_dir)
            }
        };
        Ok(entrypoint.wrapped(version))
    }

    fn node(interpreter: &Interpreter, memory_mb: u32, runtime_dir: &Path) -> Self {
        let heap_mb = memory_mb * NODE_HEAP_PERCENT / 100;
        let mut arguments = vec![format!("--max-old-space-size={heap_mb}")];
        let (major, minor, patch) = interpreter.version;
        // AWS switches these off although the engine has them on; an engine that lacks the flag would refuse to start.
        if (major == 20 && minor >= 17) || major == 22 {
            arguments.push("--no-experimental-require-module".into());
        }
        if major == 22 {
            arguments.push("--no-experimental-detect-module".into());
        }
        arguments.push(runtime_dir.join("node/bootstrap.cjs").display().to_string());
        Self::interpreted(interpreter, arguments, format!("nodejs:{major}.{minor}.{patch}"))
    }

    fn python(interpreter: &Interpreter, runtime_dir: &Path) -> Self {
        let (major, minor, patch) = interpreter.version;
        let arguments = vec!["-u".into(), runtime_dir.join("python/lambdagate_bootstrap.py").display().to_string()];
        Self::interpreted(interpreter, arguments, format!("python:{major}.{minor}.{patch}"))
    }

    fn interpreted(interpreter: &Interpreter, arguments: Vec<String>, runtime_version: String) -> Self {
        Self {
            program: interpreter.path.clone(),
            arguments,
            runtime_version,
            interpreter_dir: interpreter.path.parent().map(Path::to_path_buf),
            interpreter_version: (interpreter.version.0, interpreter.version.1),
        }
    }

    fn provided(code_dir: &Path) -> Result<Self, String> {
        let program = code_dir.join("bootstrap");
        let is_usable = make_executable(&program).unwrap_or(false);
        if !is_usable {
            return Err("Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]".into());
        }
        Ok(Self {
            program,
            arguments: Vec::new(),
            runtime_version: "provided".into(),
            interpreter_dir: None,
            interpreter_version: (0, 0),
        })
    }

    /// `AWS_LAMBDA_EXEC_WRAPPER` names a program that gets the original command as its arguments.
    fn wrapped(self, version: &FunctionVersion) -> Self {
        let Some(wrapper) = version.environment.get("AWS_LAMBDA_EXEC_WRAPPER").filter(|path| !path.is_empty()) else {
            return self;
        };
        let original = std::iter::once(self.program.display().to_string()).chain(self.arguments);
        Self { arguments: original.collect(), program: wrapper.into(), ..self }
    }
}

fn interpreter<'a>(version: &FunctionVersion, interpreters: &'a Interpreters) -> Result<&'a Interpreter, String> {
    let missing = || format!("no interpreter for runtime {} was found on this host", version.runtime);
    interpreters.resolve(version.runtime).ok_or_else(missing)
}

fn warn_about_version(runtime: Runtime, interpreter: &Interpreter, is_exact: bool) {
    if !is_exact {
        let (major, minor, patch) = interpreter.version;
        tracing::warn!(%runtime, used = %format_args!("{major}.{minor}.{patch}"), "runs on the nearest interpreter");
    }
}

/// Whether the file can be executed; packages made on Windows have lost the mode, so it is given.
fn make_executable(path: &Path) -> std::io::Result<bool> {
    let metadata = std::fs::metadata(path)?;
    let mut permissions = metadata.permissions();
    if metadata.is_file() && permissions.mode() & 0o111 == 0 {
        permissions.set_mode(permissions.mode() | 0o555);
        std::fs::set_permissions(path, permissions)?;
    }
    Ok(metadata.is_file())
}
