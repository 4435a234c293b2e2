//! The table of crates in ARCHITECTURE.md says what each may import; this compares it with what each does.

#![allow(clippy::unwrap_used, reason = "a test that cannot read the repository has failed")]

use std::{collections::BTreeMap, collections::BTreeSet, path::Path, process::Command};

type Imports = BTreeMap<String, BTreeSet<String>>;

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// Rows `` | `name` | what it is | `import` `import` | `` of the document.
fn declared() -> Imports {
    let text = std::fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let rows = text.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` |"));
    rows.filter(|(name, _)| !name.contains('/'))
        .map(|(name, rest)| {
            let imports = rest.trim_end_matches('|').rsplit('|').next().unwrap();
            let imports = imports.split('`').skip(1).step_by(2).map(str::to_owned).collect();
            (name.to_owned(), imports)
        })
        .collect()
}

/// Dependencies between the workspace's crates below `crates/`, those of tests left out.
fn actual() -> Imports {
    let arguments = ["metadata", "--format-version=1", "--no-deps", "--offline"];
    let output = Command::new(env!("CARGO")).args(arguments).current_dir(root()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages: Vec<&serde_json::Value> = metadata["packages"].as_array().unwrap().iter().collect();
    let ours: BTreeSet<&str> = packages
        .iter()
        .filter(|package| package["manifest_path"].as_str().unwrap().contains("/crates/"))
        .map(|package| package["name"].as_str().unwrap())
        .collect();
    let imports_of = |package: &serde_json::Value| -> BTreeSet<String> {
        let dependencies = package["dependencies"].as_array().unwrap().iter();
        let shipped = dependencies.filter(|dependency| dependency["kind"] != "dev");
        let names = shipped.map(|dependency| dependency["name"].as_str().unwrap());
        names.filter(|name| ours.contains(name)).map(str::to_owned).collect()
    };
    let crates = packages.iter().filter(|package| ours.contains(package["name"].as_str().unwrap()));
    crates.map(|package| (package["name"].as_str().unwrap().to_owned(), imports_of(package))).collect()
}

#[test]
fn every_crate_is_in_the_table_and_imports_what_the_table_allows() {
    let (declared, actual) = (declared(), actual());
    let names = |imports: &Imports| imports.keys().cloned().collect::<BTreeSet<String>>();
    assert_eq!(names(&declared), names(&actual));
    for (name, imports) in actual.iter().filter(|(name, _)| *name != "lambdagate") {
        let forbidden: Vec<&String> = imports.difference(&declared[name]).collect();
        assert!(forbidden.is_empty(), "{name} imports {forbidden:?}, which ARCHITECTURE.md does not allow");
    }
}

#[test]
fn pure_crates_have_no_runtime_and_no_sockets() {
    const IMPURE: [&str; 6] = ["tokio", "hyper", "rusqlite", "socket2", "rustix", "notify"];
    for name in ["iam", "vtl", "definition"] {
        let manifest = std::fs::read_to_string(root().join("crates").join(name).join("Cargo.toml")).unwrap();
        let shipped = manifest.split("[dev-dependencies]").next().unwrap();
        for dependency in IMPURE {
            assert!(!shipped.lines().any(|line| line.starts_with(dependency)), "{name} depends on {dependency}");
        }
    }
}
