//! Which Node.js and Python interpreters this host has, and which of them serves a runtime identifier.
//!
//! Found once at start: every candidate is asked for its real path and version, because a version manager's shim costs
//! tens of milliseconds at every start of a worker.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::function::{NODE_MAJORS, PYTHON_MINORS, Runtime};

/// An interpreter binary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interpreter {
    /// The real binary, no shim.
    pub path: PathBuf,
    /// Major, minor, patch.
    pub version: (u32, u32, u32),
}

/// The interpreters of this host, by language.
#[derive(Debug, Clone, Default)]
pub struct Interpreters {
    node: Vec<Interpreter>,
    python: Vec<Interpreter>,
}

const NODE_PROBE: &str = "process.stdout.write(process.execPath + '\\n' + process.versions.node)";
const PYTHON_PROBE: &str = "import sys; print(sys.executable); print('.'.join(map(str, sys.version_info[:3])))";

impl Interpreters {
    /// Asks every `node*` and `python3*` of the directories in `path` (the form of `$PATH`) and each file of `extra`
    /// for its version. Runs each candidate once, all at the same time; blocking, meant for the start of the process.
    #[must_use]
    pub fn discover(path: &OsStr, extra: &[PathBuf]) -> Self {
        let mut candidates: BTreeSet<PathBuf> = extra.iter().cloned().collect();
        for directory in std::env::split_paths(path).flat_map(unmasked) {
            let Ok(entries) = std::fs::read_dir(directory) else { continue };
            let files = entries.filter_map(Result::ok).map(|entry| entry.path());
            candidates.extend(files.filter(|file| Language::of(file).is_some()));
        }
        // Several names of one file are one interpreter; a shim resolves to itself and is unmasked by its answer.
        let real: BTreeSet<(Language, PathBuf)> = candidates
            .iter()
            .filter_map(|file| Some((Language::of(file)?, std::fs::canonicalize(file).ok()?, file)))
            .map(|(language, real, file)| match Language::of(&real) {
                Some(_) => (language, real),
                None => (language, file.clone()),
            })
            .collect();
        let probes: Vec<_> = real
            .into_iter()
            .map(|(language, file)| std::thread::spawn(move || (language, probe(language, &file))))
            .collect();
        let mut found = Self::default();
        for (language, interpreter) in probes.into_iter().filter_map(|probe| probe.join().ok()) {
            let list = match language {
                Language::Node => &mut found.node,
                Language::Python => &mut found.python,
            };
            list.extend(interpreter.filter(|interpreter| !list.contains(interpreter)));
        }
        found.node.sort_by_key(|interpreter| interpreter.version);
        found.python.sort_by_key(|interpreter| interpreter.version);
        found
    }

    /// The directories in which nvm, fnm, Volta, pyenv, uv, asdf and mise keep binaries for the user with this home:
    /// a `path` for [`discover`](Self::discover), beside `$PATH`.
    #[must_use]
    pub fn managed_directories(home: &Path) -> Vec<PathBuf> {
        let versions_of = |manager: &str| std::fs::read_dir(home.join(manager)).into_iter().flatten();
        let of_manager = |(manager, binaries): &(&str, &'static str)| {
            let binaries = *binaries;
            versions_of(manager).filter_map(Result::ok).map(move |version| version.path().join(binaries))
        };
        MANAGERS.iter().flat_map(of_manager).collect()
    }

    /// The interpreter for `runtime`: its own version, else the nearest newer, else the newest older. `None` when the
    /// host has no interpreter of the language, or for a custom runtime, which brings its own.
    #[must_use]
    pub fn resolve(&self, runtime: Runtime) -> Option<&Interpreter> {
        let (list, wanted, number): (_, _, fn(&Interpreter) -> u32) = match runtime {
            Runtime::Node { major } => (&self.node, major, |interpreter| interpreter.version.0),
            Runtime::Python { minor } => (&self.python, minor, |interpreter| interpreter.version.1),
            Runtime::Provided => return None,
        };
        let exact = list.iter().rev().find(|interpreter| number(interpreter) == wanted);
        exact.or_else(|| list.iter().find(|interpreter| number(interpreter) > wanted)).or_else(|| list.last())
    }

    /// All interpreters found, Node.js first, ascending by version.
    pub fn iter(&self) -> impl Iterator<Item = &Interpreter> {
        self.node.iter().chain(&self.python)
    }
}

/// The directory itself, or what a version manager installed beside it, if it holds the manager's shims: scripts that name one of
/// the installed interpreters, and take longer for it than all of those together.
fn unmasked(directory: PathBuf) -> Vec<PathBuf> {
    let Some(manager) = directory.parent().filter(|_| directory.ends_with("shims")) else { return vec![directory] };
    let versions = below(&manager.join("versions"));
    let installs = below(&manager.join("installs")).iter().flat_map(|tool| below(tool)).collect::<Vec<_>>();
    let installed: Vec<PathBuf> = versions.into_iter().chain(installs).map(|version| version.join("bin")).collect();
    if installed.is_empty() { vec![directory] } else { installed }
}

fn below(directory: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory).into_iter().flatten();
    entries.filter_map(|entry| Some(entry.ok()?.path())).collect()
}

/// Where version managers keep what they installed: a directory per version, and the binaries below it.
const MANAGERS: [(&str, &str); 9] = [
    (".nvm/versions/node", "bin"),
    (".local/share/fnm/node-versions", "installation/bin"),
    (".volta/tools/image/node", "bin"),
    (".asdf/installs/nodejs", "bin"),
    (".local/share/mise/installs/node", "bin"),
    (".pyenv/versions", "bin"),
    (".local/share/uv/python", "bin"),
    (".asdf/installs/python", "bin"),
    (".local/share/mise/installs/python", "bin"),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Language {
    Node,
    Python,
}

impl Language {
    /// The language of a file named `node`, `node20`, `python3` or `python3.11`; other names are other programs, or
    /// versions that no runtime identifier could use.
    fn of(file: &Path) -> Option<Self> {
        let name = file.file_name()?.to_str()?;
        let is_in =
            |digits: &str, range: RangeInclusive<u32>| digits.parse().is_ok_and(|number| range.contains(&number));
        if name.strip_prefix("node").is_some_and(|major| major.is_empty() || is_in(major, NODE_MAJORS)) {
            return Some(Self::Node);
        }
        let minor = name.strip_prefix("python3")?;
        let is_python = minor.is_empty() || minor.strip_prefix('.').is_some_and(|minor| is_in(minor, PYTHON_MINORS));
        is_python.then_some(Self::Python)
    }
}

fn probe(language: Language, file: &Path) -> Option<Interpreter> {
    let arguments = match language {
        Language::Node => ["-e", NODE_PROBE],
        Language::Python => ["-c", PYTHON_PROBE],
    };
    let output = Command::new(file).args(arguments).stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    let text = String::from_utf8(output.stdout).ok().filter(|_| output.status.success())?;
    let mut lines = text.lines();
    let path = PathBuf::from(lines.next()?);
    let mut numbers = lines.next()?.split('.').map(|number| number.parse::<u32>().ok());
    let version = (numbers.next()??, numbers.next()??, numbers.next()??);
    Some(Interpreter { path, version })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shims_stand_for_what_is_installed_beside_them() {
        let home = tempfile::tempdir().unwrap();
        let check = |manager: &str, installed: &str, expected: &str| {
            let shims = home.path().join(manager).join("shims");
            std::fs::create_dir_all(&shims).unwrap();
            std::fs::create_dir_all(home.path().join(manager).join(installed)).unwrap();
            assert_eq!(unmasked(shims), [home.path().join(manager).join(expected)], "{manager}");
        };
        check("pyenv", "versions/3.11.7", "versions/3.11.7/bin");
        check("asdf", "installs/nodejs/20.1.0", "installs/nodejs/20.1.0/bin");
        check("empty", "versions", "shims");
        assert_eq!(unmasked(PathBuf::from("/usr/bin")), [PathBuf::from("/usr/bin")]);
    }
}
