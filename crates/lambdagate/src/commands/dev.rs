//! `lambdagate dev`: a project folder, running; what changes on disk is running a moment later.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::Context as _;
use apigateway::{Applied, Project as ApiProject};
use definition::id::RestApiId;
use lambda::FunctionSpec;
use notify::{RecursiveMode, Watcher as _};
use tokio::sync::mpsc;

mod samples;

use crate::{
    cli::Dev,
    clock,
    config::Config,
    process::{Process, Verbosity},
    project::{FILE_NAME, Project},
    telemetry::{self, print_line},
};
use samples::Samples;

/// Changes closer together than this are one change: editors and build tools write several files at a time.
const QUIET: Duration = Duration::from_millis(100);
/// An OpenAPI document of more bytes than this is refused before it is read.
const DOCUMENT_BYTES_MAX: u64 = definition::openapi::DOCUMENT_BYTES_MAX as u64;

/// Runs a project until a signal ends it.
pub(crate) fn run(dev: Dev) -> anyhow::Result<()> {
    let config = Config::resolve(dev.config, None)?;
    let folder = dev.project.canonicalize().with_context(|| format!("there is no folder {}", dev.project.display()))?;
    let project = Project::read(&folder)?;
    telemetry::start(&config.log)?;
    let process = Process::start(&config, Verbosity { requests: true, functions: true })?;
    // Before the folder is read, so that no change falls between.
    let mut changes = watch(&folder, config.data_dir.as_deref())?;
    let applied = process.runtime.block_on(apply(&process, &folder, &project));
    match applied {
        Ok(applied) => print_ready(&process, &folder, &project, &applied),
        Err(error) => {
            process.shut_down();
            return Err(error);
        }
    }
    let reloading = reload_on_change(&process, &folder, &mut changes.receiver);
    let ended = process.runtime.block_on(async {
        tokio::select! {
            () = reloading => Ok(()),
            ended = process.signalled() => ended,
        }
    });
    process.shut_down();
    ended
}

/// Makes what runs what the folder says.
async fn apply(process: &Process, folder: &Path, project: &Project) -> anyhow::Result<Applied> {
    let serving = &process.serving;
    let api_id: RestApiId = project.api_id().parse()?;
    for (name, function) in &project.functions {
        let spec = FunctionSpec {
            runtime: function.runtime.clone(),
            handler: function.handler.clone(),
            timeout: function.timeout,
            memory: function.memory,
            environment: function.environment.clone(),
            role: None,
        };
        let code = folder.join(&function.code);
        let in_place = |what: &str| format!("{FILE_NAME}: function {name}: {what}");
        let applied = serving.lambda.apply_function(&serving.scope, name, spec, &code).await;
        applied.with_context(|| in_place(&format!("the code in {} cannot be used", code.display())))?;
        serving
            .lambda
            .grant_gateway(&serving.scope, name, api_id.as_str())
            .await
            .with_context(|| in_place("no permission"))?;
    }
    let document = folder.join(&project.api);
    let length =
        tokio::fs::metadata(&document).await.with_context(|| format!("cannot read {}", document.display()))?.len();
    anyhow::ensure!(length <= DOCUMENT_BYTES_MAX, "{} is larger than {DOCUMENT_BYTES_MAX} bytes", document.display());
    let bytes = tokio::fs::read(&document).await.with_context(|| format!("cannot read {}", document.display()))?;
    let api = ApiProject {
        scope: serving.scope.clone(),
        rest_api_id: api_id,
        name: project.name.clone(),
        document: bytes.into(),
        stage_name: project.stage.name.parse().with_context(|| format!("{FILE_NAME}: stage"))?,
        variables: project.stage.variables.clone(),
    };
    let applied = serving.control_plane.apply_project(api, clock::now()).await;
    applied.with_context(|| format!("{} cannot be imported", document.display()))
}

fn print_ready(process: &Process, folder: &Path, project: &Project, applied: &Applied) {
    let port = process.bound.everything.port();
    let (api_id, stage) = (&applied.snapshot.rest_api.id, &project.stage.name);
    let base = format!("http://{api_id}.execute-api.localhost:{port}/{stage}");
    println!("{} is running as REST API {api_id}, stage {stage}", applied.snapshot.rest_api.name);
    println!("  {base}/");
    println!("  http://{}/_aws/execute-api/{api_id}/{stage}/", process.bound.everything);
    for warning in &applied.warnings {
        println!("  warning: {warning}");
    }
    let samples = Samples::of(&applied.snapshot, std::fs::read(folder.join(&project.api)).ok().as_deref());
    println!("Try:");
    for line in samples.curls(&base) {
        println!("  {line}");
    }
    println!("LambdaGate is ready on http://{}, watching {}", process.bound.everything, folder.display());
}

/// Tells of changes below a folder.
struct Changes {
    receiver: mpsc::Receiver<()>,
    // Watching ends when it is dropped.
    _watcher: notify::RecommendedWatcher,
}

fn watch(folder: &Path, data_dir: Option<&Path>) -> anyhow::Result<Changes> {
    // One waiting message is enough: it says that something changed since the last look.
    let (sender, receiver) = mpsc::channel(1);
    let ignored: Option<PathBuf> = data_dir.and_then(|path| path.canonicalize().ok());
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        let Ok(event) = event else { return };
        let is_ours = |path: &PathBuf| ignored.as_ref().is_some_and(|ignored| path.starts_with(ignored));
        if !event.kind.is_access() && !event.paths.iter().all(is_ours) {
            // A full channel already holds the news.
            let _ = sender.try_send(());
        }
    })
    .context("file changes cannot be watched")?;
    watcher
        .watch(folder, RecursiveMode::Recursive)
        .with_context(|| format!("{} cannot be watched", folder.display()))?;
    Ok(Changes { receiver, _watcher: watcher })
}

/// Applies the folder again after each change. What cannot be applied is said, and the state before goes on running.
async fn reload_on_change(process: &Process, folder: &Path, changes: &mut mpsc::Receiver<()>) {
    while changes.recv().await.is_some() {
        while tokio::time::timeout(QUIET, changes.recv()).await.is_ok_and(|change| change.is_some()) {}
        let applied = match Project::read(folder) {
            Ok(project) => apply(process, folder, &project).await,
            Err(error) => Err(error),
        };
        match applied {
            Ok(applied) => {
                for warning in &applied.warnings {
                    print_line(format_args!("warning: {warning}"));
                }
                print_line(format_args!("reloaded"));
            }
            Err(error) => print_line(format_args!("not reloaded, the version before goes on: {error:#}")),
        }
    }
}
