//! The project file of `lambdagate dev`: `lambdagate.yaml`.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde::Deserialize;

/// The project file's name.
pub(crate) const FILE_NAME: &str = "lambdagate.yaml";
/// A project file of more bytes than this is refused.
const FILE_BYTES_MAX: u64 = 1024 * 1024;

/// A project as its file describes it; paths are relative to the file's folder.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Project {
    /// The project's name; the REST API's, unless its document has a title.
    pub(crate) name: String,
    /// The OpenAPI document.
    pub(crate) api: PathBuf,
    /// The stage to deploy to.
    #[serde(default)]
    pub(crate) stage: ProjectStage,
    /// Functions by name.
    #[serde(default)]
    pub(crate) functions: indexmap::IndexMap<String, ProjectFunction>,
    /// Sidecars; none can run yet, so a project that has some is refused.
    #[serde(default)]
    pub(crate) sidecars: Vec<serde_json::Value>,
}

/// The stage that a project is deployed to.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProjectStage {
    /// The stage's name.
    pub(crate) name: String,
    /// Its variables.
    #[serde(default)]
    pub(crate) variables: indexmap::IndexMap<String, String>,
}

impl Default for ProjectStage {
    fn default() -> Self {
        Self { name: "dev".to_owned(), variables: indexmap::IndexMap::new() }
    }
}

/// A function of a project.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProjectFunction {
    /// Lambda's runtime identifier, such as `nodejs20.x`.
    pub(crate) runtime: String,
    /// The handler, such as `index.handler`.
    pub(crate) handler: String,
    /// The folder that holds the code.
    pub(crate) code: PathBuf,
    /// Seconds that an invocation may take.
    #[serde(default)]
    pub(crate) timeout: Option<u32>,
    /// Memory in MB.
    #[serde(default)]
    pub(crate) memory: Option<u32>,
    /// Environment variables.
    #[serde(default)]
    pub(crate) environment: indexmap::IndexMap<String, String>,
}

impl Project {
    /// Reads the project in `folder`.
    pub(crate) fn read(folder: &Path) -> anyhow::Result<Self> {
        let path = folder.join(FILE_NAME);
        let length = std::fs::metadata(&path).with_context(|| format!("cannot read {}", path.display()))?.len();
        anyhow::ensure!(length <= FILE_BYTES_MAX, "{} is larger than {FILE_BYTES_MAX} bytes", path.display());
        let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let project: Self =
            serde_saphyr::from_str(&text).with_context(|| format!("{} is not a project file", path.display()))?;
        anyhow::ensure!(
            project.sidecars.is_empty(),
            "{}: sidecars are not supported yet; a project that declares some is not started, so that no call passes unchecked",
            path.display()
        );
        Ok(project)
    }

    /// The REST API's id: the same for the same project name, so that URLs keep working.
    pub(crate) fn api_id(&self) -> String {
        const ALPHABET: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
        // FNV-1a, 64 bits: stable over versions and platforms, which a hasher of the standard library does not promise.
        let mut hash = self
            .name
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
        let mut id = String::with_capacity(10);
        for _ in 0..10 {
            id.push(char::from(ALPHABET[usize::try_from(hash % 36).unwrap_or_default()]));
            hash /= 36;
        }
        id
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> anyhow::Result<Project> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(FILE_NAME), text).unwrap();
        Project::read(folder.path())
    }

    #[test]
    fn a_project_says_its_api_stage_and_functions() {
        let text = "name: calc\napi: openapi.yaml\nstage: { name: test, variables: { env: dev } }\nfunctions:\n  \
                    Calc: { runtime: nodejs20.x, handler: index.handler, code: functions/calc, timeout: 10, environment: { LOG: debug } }\n";
        let project = read(text).unwrap();
        assert_eq!(project.stage.name, "test");
        assert_eq!(project.functions["Calc"].timeout, Some(10));
        assert_eq!(project.functions["Calc"].environment["LOG"], "debug");
    }

    #[test]
    fn a_misspelt_key_and_a_sidecar_are_refused() {
        assert!(format!("{:#}", read("name: calc\napi: a.yaml\nfunktions: {}\n").unwrap_err()).contains("funktions"));
        assert!(read("name: calc\napi: a.yaml\nsidecars: [{ resourcePath: / }]\n").is_err());
    }

    #[test]
    fn the_api_id_follows_from_the_name_alone() {
        let project = |name: &str| read(&format!("name: {name}\napi: a.yaml\n")).unwrap();
        assert_eq!(project("calc").api_id(), project("calc").api_id());
        assert_ne!(project("calc").api_id(), project("calk").api_id());
        assert!(project("calc").api_id().parse::<definition::id::RestApiId>().is_ok());
    }
}
