//! One gateway process: what is started in which order, and how it ends.

use std::{
    ffi::OsString,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use account::{
    Account,
    logs::{LogWriter, Logs},
    metrics::{MetricWriter, Metrics},
};
use anyhow::Context as _;
use apigateway::{AccountThrottle, ControlPlane, Ids};
use execute_api::{
    Gateway,
    gateway::{AwsServices, BackendTls, EndpointUrl},
    ports::Ports,
    throttle::RateLimit,
    trace::kept::{Explained, Explanations},
};
use lambda::{
    Lambda, LambdaConfig,
    runner::{Interpreters, Runner, RunnerConfig},
};
use store::Store;
use tokio::runtime::{Handle, Runtime};

use crate::{
    clock,
    config::Config,
    listen::{self, Listeners},
    serving::Serving,
    telemetry::print_line,
    wiring::{
        DomainLoader, GatewayLogs, GatewayMetrics, LocalFunctions, LocalRoles, StageLoader, Terminal,
        authorizer_tester, function_logs, test_invoker,
    },
};

/// What a process does besides serving.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Verbosity {
    /// Whether each request of the data plane is printed as a line.
    pub(crate) requests: bool,
    /// Whether the functions' own log records are printed.
    pub(crate) functions: bool,
}

/// A gateway that serves.
pub(crate) struct Process {
    /// Everything that answers requests.
    pub(crate) serving: Arc<Serving>,
    /// Where the control plane, the functions and asynchronous work run.
    pub(crate) runtime: Runtime,
    /// What listens.
    pub(crate) bound: listen::Addresses,
    listeners: Listeners,
    // Dropped last: workers may write to it until they have ended.
    _scratch: Scratch,
}

/// The folder for bootstraps, unpacked code and workers' temporary files.
enum Scratch {
    /// Below the data folder.
    Kept(PathBuf),
    /// Gone with the process.
    Temporary(tempfile::TempDir),
}

impl Scratch {
    fn path(&self) -> PathBuf {
        match self {
            Self::Kept(path) => path.clone(),
            Self::Temporary(folder) => folder.path().to_owned(),
        }
    }
}

impl Process {
    /// Starts a gateway; it serves when this returns.
    pub(crate) fn start(config: &Config, verbosity: Verbosity) -> anyhow::Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().thread_name("control").build()?;
        let (store, scratch) = open_state(config)?;
        let bound = listen::bind(config.listen, config.gateway_listen, config.threads)?;
        let log_writer = LogWriter::start(store.clone(), runtime.handle(), clock::now);
        let metric_writer = MetricWriter::start(store.clone(), runtime.handle(), clock::now);
        let runner = start_runner(&scratch.path(), &runtime, bound.runtimes(), &log_writer, verbosity)?;
        let base_url = format!("http://{}", bound.addresses.everything);
        let aws_services = aws_services(config, &store, base_url.parse().context("the own address is no URL")?);
        let lambda_config = LambdaConfig::new(scratch.path(), base_url, runtime.handle().clone(), clock::now);
        let lambda = Lambda::new(store.clone(), runner, lambda_config);
        lambda.start_dispatcher();
        let functions = Ports::new(Arc::new(LocalFunctions(lambda.clone())));
        let ports = Ports {
            logs: Some(Arc::new(GatewayLogs(log_writer.clone()))),
            metrics: Some(Arc::new(GatewayMetrics(metric_writer.clone()))),
            explanations: Some(Arc::new(explanations(config, verbosity))),
            ..functions.clone()
        };
        let backend_tls = BackendTls::from_system_and(&config.backend_authorities).context("TLS cannot be prepared")?;
        let test_gateway = Gateway::new(functions, backend_tls.clone()).with_aws_services(aws_services.clone());
        let test_gateway = Arc::new(test_gateway);
        let serving = Arc::new(Serving {
            ports,
            backend_tls,
            aws_services,
            stages: StageLoader::new(store.clone(), config.stage_limits),
            domains: DomainLoader::new(store.clone()),
            control_plane: control_plane(config, &store, &test_gateway),
            lambda,
            account: Account::new(store.clone()),
            logs: Logs::new(store.clone(), log_writer.clone()),
            metrics: Metrics::new(store.clone(), metric_writer.clone()),
            log_writer,
            metric_writer,
            store,
            scope: config.scope.clone(),
            control_runtime: runtime.handle().clone(),
            ready: AtomicBool::new(true),
            print_requests: verbosity.requests,
        });
        let addresses = bound.addresses;
        let listeners = bound.serve(&serving, config.shutdown_grace)?;
        Ok(Self { serving, runtime, bound: addresses, listeners, _scratch: scratch })
    }

    /// Waits for the signal that ends the process, SIGINT or SIGTERM.
    pub(crate) async fn signalled(&self) -> anyhow::Result<()> {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate()).context("SIGTERM cannot be waited for")?;
        tokio::select! {
            interrupted = tokio::signal::ctrl_c() => interrupted.context("SIGINT cannot be waited for"),
            _ = terminate.recv() => Ok(()),
        }
    }

    /// Ends the process in order: no new requests, the old ones finish, then the functions, then logs and metrics, then the store.
    pub(crate) fn shut_down(self) {
        self.serving.ready.store(false, Ordering::Relaxed);
        self.listeners.stop();
        self.runtime.block_on(async {
            self.serving.lambda.shutdown().await;
            self.serving.log_writer.flush().await;
            self.serving.metric_writer.flush().await;
        });
        self.listeners.end();
        drop(self.serving);
    }
}

/// Where explanations are kept; those of all requests are printed too, where requests are.
fn explanations(config: &Config, verbosity: Verbosity) -> Explanations {
    let explanations = Explanations::new(config.explained);
    if verbosity.requests && config.explained == Explained::Always {
        return explanations.with_listener(|explanation| print_line(format_args!("{explanation}")));
    }
    explanations
}

/// The control plane, which tests methods and authorizers on a gateway of their own.
fn control_plane(config: &Config, store: &Store, test_gateway: &Arc<Gateway>) -> ControlPlane {
    let (invoker, tester) = (test_invoker(test_gateway), authorizer_tester(test_gateway));
    ControlPlane::new(store.clone(), Ids::random(), invoker, tester)
        .with_account_throttle(config.stage_limits.account.map(shown_throttle))
}

/// The account's throttle as the control plane shows it.
fn shown_throttle(limit: RateLimit) -> AccountThrottle {
    AccountThrottle { burst_limit: limit.burst(), rate_limit: limit.rate() }
}

/// How the data plane reaches AWS services: those that this process has itself at `own_url`.
fn aws_services(config: &Config, store: &Store, own_url: EndpointUrl) -> AwsServices {
    let roles = LocalRoles::new(store.clone(), config.aws.credentials.clone(), clock::now);
    AwsServices { roles: Arc::new(roles), endpoints: Arc::new(config.aws.endpoints.clone().with_own(own_url)) }
}

fn open_state(config: &Config) -> anyhow::Result<(Store, Scratch)> {
    let Some(folder) = &config.data_dir else {
        let scratch =
            tempfile::Builder::new().prefix("lambdagate-").tempdir().context("no temporary folder can be made")?;
        return Ok((Store::in_memory().context("the state cannot be opened")?, Scratch::Temporary(scratch)));
    };
    let store = Store::open(folder).with_context(|| format!("the state in {} cannot be opened", folder.display()))?;
    // Workers change their folder, so what they are told must not depend on it.
    let folder = folder.canonicalize().with_context(|| format!("{} cannot be resolved", folder.display()))?;
    Ok((store, Scratch::Kept(folder.join("cache"))))
}

fn start_runner(
    scratch: &std::path::Path,
    runtime: &Runtime,
    connection_runtimes: Vec<Handle>,
    log_writer: &LogWriter,
    verbosity: Verbosity,
) -> anyhow::Result<Runner> {
    let program = std::env::current_exe().context("the path of this program is not known")?;
    let interpreters = Interpreters::discover(&search_path(), &[]);
    let mut config = RunnerConfig::new(program, scratch.join("runner"), interpreters, clock::now);
    let terminal = if verbosity.functions { Terminal::Printed } else { Terminal::Silent };
    config.connection_runtimes = connection_runtimes;
    config.log_sink = function_logs(log_writer.clone(), terminal);
    Runner::new(config, runtime.handle().clone()).context("the function runner cannot start")
}

/// Where interpreters are looked for, read once at the start: `$PATH`, then the folders of version managers in the user's home.
fn search_path() -> OsString {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let managed = std::env::var_os("HOME").map(|home| Interpreters::managed_directories(std::path::Path::new(&home)));
    let directories = std::env::split_paths(&path).chain(managed.into_iter().flatten());
    std::env::join_paths(directories).unwrap_or(path)
}
