//! What was asked for on the command line and in the environment, and what it means.
//!
//! A setting comes from its flag, else from its `LAMBDAGATE_*` variable, else from its default; for calls of AWS services the
//! variables of the AWS SDKs count, too. [`RawConfig`] is what was
//! typed; [`Config::resolve`] says what it means, or everything that is wrong with it at once.

mod aws;

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use clap::Args;
use definition::Scope;
use execute_api::{gateway::Authority, stage::StageLimits, throttle::RateLimit, trace::kept::Explained};

pub(crate) use aws::AwsConfig;

/// How many threads serve connections when nothing is said: one per core, at least one.
const WORKERS_DEFAULT: usize = 1;
/// How long requests in flight may take to finish at shutdown when nothing is said.
const SHUTDOWN_GRACE_MS_DEFAULT: u64 = 10_000;
/// What an account's APIs may serve together: AWS's default quota, requests per second and burst.
const ACCOUNT_THROTTLE_DEFAULT: &str = "10000:5000";
/// The account's throttle that is none.
const OFF: &str = "off";
/// Bytes of all cached responses together when nothing is said: the smallest cache that a stage can ask for.
const RESPONSE_CACHE_BYTES_DEFAULT: u64 = 512 * 1024 * 1024;

/// The settings that `serve` and `dev` share, as typed.
#[derive(Debug, Clone, Args)]
pub(crate) struct RawConfig {
    /// Address of the listener that serves everything; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", env = "LAMBDAGATE_LISTEN", default_value = "127.0.0.1:4566")]
    pub(crate) listen: SocketAddr,
    /// Address of a second listener that serves only the data plane
    #[arg(long, value_name = "ADDRESS", env = "LAMBDAGATE_GATEWAY_LISTEN")]
    pub(crate) gateway_listen: Option<SocketAddr>,
    /// Folder that keeps the state
    #[arg(long, value_name = "FOLDER", env = "LAMBDAGATE_DATA_DIR")]
    pub(crate) data_dir: Option<PathBuf>,
    /// Account that owns everything, twelve digits
    #[arg(long, value_name = "DIGITS", env = "LAMBDAGATE_ACCOUNT", default_value = "000000000000")]
    pub(crate) account: String,
    /// Region of calls that name none
    #[arg(long, value_name = "NAME", env = "LAMBDAGATE_REGION", default_value = "us-east-1")]
    pub(crate) region: String,
    /// Threads that serve connections [default: one per core]
    #[arg(long, value_name = "NUMBER", env = "LAMBDAGATE_THREADS")]
    pub(crate) threads: Option<usize>,
    /// How long requests in flight may take to finish at shutdown, in milliseconds
    #[arg(long, value_name = "MS", env = "LAMBDAGATE_SHUTDOWN_GRACE_MS", default_value_t = SHUTDOWN_GRACE_MS_DEFAULT)]
    pub(crate) shutdown_grace_ms: u64,
    /// Requests per second and burst that all APIs of a region serve together, as `RATE:BURST`; `off` for no limit
    #[arg(long, value_name = "RATE:BURST", env = "LAMBDAGATE_ACCOUNT_THROTTLE", default_value = ACCOUNT_THROTTLE_DEFAULT)]
    pub(crate) account_throttle: String,
    /// Memory for the cached responses of all stages together, in bytes
    #[arg(long, value_name = "BYTES", env = "LAMBDAGATE_RESPONSE_CACHE_BYTES", default_value_t = RESPONSE_CACHE_BYTES_DEFAULT)]
    pub(crate) response_cache_bytes: u64,
    /// Server that integrations with AWS services call instead of AWS; for all services, or for one; may be repeated
    #[arg(long, value_name = "[SERVICE=]URL", env = "LAMBDAGATE_AWS_ENDPOINT", value_delimiter = ',')]
    pub(crate) aws_endpoint: Vec<String>,
    /// PEM file of an authority that may vouch for HTTPS backends, beside those that the system trusts; repeatable
    #[arg(long = "backend-ca", value_name = "FILE", env = "LAMBDAGATE_BACKEND_CA", value_delimiter = ',')]
    pub(crate) backend_cas: Vec<PathBuf>,
    /// Explain every request; otherwise those of this machine with the header X-LambdaGate-Explain: 1
    #[arg(long, env = "LAMBDAGATE_EXPLAIN")]
    pub(crate) explain: bool,
    /// What to log, as `level` or `module=level,…`
    #[arg(long, value_name = "FILTER", env = "LAMBDAGATE_LOG", default_value = "info")]
    pub(crate) log: String,
}

/// The settings in force.
#[derive(Debug, Clone)]
pub(crate) struct Config {
    /// Address of the listener that serves everything; loopback, since no call to it is authorized.
    pub(crate) listen: SocketAddr,
    /// Address of the listener that serves only the data plane.
    pub(crate) gateway_listen: Option<SocketAddr>,
    /// Folder that keeps the state; `None` keeps it in memory.
    pub(crate) data_dir: Option<PathBuf>,
    /// The account, and the region of calls that name none.
    pub(crate) scope: Scope,
    /// Threads that serve connections.
    pub(crate) threads: usize,
    /// How long requests in flight may take to finish at shutdown.
    pub(crate) shutdown_grace: Duration,
    /// What no API's user sets: the account's throttle and the memory for cached responses.
    pub(crate) stage_limits: StageLimits,
    /// How integrations reach AWS services.
    pub(crate) aws: AwsConfig,
    /// Who may vouch for HTTPS backends, beside those that the system trusts.
    pub(crate) backend_authorities: Vec<Authority>,
    /// Which requests are explained.
    pub(crate) explained: Explained,
    /// What to log.
    pub(crate) log: String,
}

/// All that is wrong with a configuration.
#[derive(Debug, thiserror::Error)]
#[error("the configuration cannot be used:\n{}", problems.iter().map(|problem| format!("  {problem}")).collect::<Vec<_>>().join("\n"))]
pub(crate) struct InvalidConfig {
    problems: Vec<String>,
}

impl Config {
    /// Says what `raw` means; `data_dir` is where state is kept unless `raw` says otherwise.
    pub(crate) fn resolve(raw: RawConfig, data_dir: Option<PathBuf>) -> Result<Self, InvalidConfig> {
        let mut problems = Vec::new();
        if !raw.listen.ip().is_loopback() {
            problems.push(format!(
                "--listen {}: the control API takes any credentials, so it is served on loopback addresses only; listen on 127.0.0.1 \
                 and serve other machines with --gateway-listen, which answers for the deployed APIs alone",
                raw.listen
            ));
        }
        if raw.account.len() != 12 || !raw.account.bytes().all(|byte| byte.is_ascii_digit()) {
            problems.push(format!("--account {:?}: an account id has twelve digits", raw.account));
        }
        let is_region_byte = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if raw.region.is_empty() || !raw.region.bytes().all(is_region_byte) {
            problems
                .push(format!("--region {:?}: a region's name has lower-case letters, digits and hyphens", raw.region));
        }
        if raw.threads == Some(0) {
            problems.push("--threads 0: at least one thread must serve connections".to_owned());
        }
        let account = account_throttle(&raw.account_throttle).unwrap_or_else(|problem| {
            problems.push(problem);
            None
        });
        let aws = AwsConfig::resolve(&raw.aws_endpoint, &aws::environment(), &mut problems);
        let mut backend_authorities = Vec::new();
        for path in &raw.backend_cas {
            match Authority::read_all(path) {
                Ok(authorities) => backend_authorities.extend(authorities),
                Err(error) => {
                    problems.push(format!("--backend-ca {}: {:#}", path.display(), anyhow::Error::from(error)));
                }
            }
        }
        if !problems.is_empty() {
            return Err(InvalidConfig { problems });
        }
        let cores = std::thread::available_parallelism().map_or(WORKERS_DEFAULT, std::num::NonZero::get);
        Ok(Self {
            listen: raw.listen,
            gateway_listen: raw.gateway_listen,
            data_dir: raw.data_dir.or(data_dir),
            scope: Scope { account: raw.account, region: raw.region },
            threads: raw.threads.unwrap_or(cores),
            shutdown_grace: Duration::from_millis(raw.shutdown_grace_ms),
            stage_limits: StageLimits { account, cache_bytes_max: raw.response_cache_bytes },
            aws,
            backend_authorities,
            explained: if raw.explain { Explained::Always } else { Explained::OnRequest },
            log: raw.log,
        })
    }
}

/// The account's throttle, `RATE:BURST` or `off`.
fn account_throttle(text: &str) -> Result<Option<RateLimit>, String> {
    if text == OFF {
        return Ok(None);
    }
    let numbers = text.split_once(':').and_then(|(rate, burst)| Some((rate.parse().ok()?, burst.parse().ok()?)));
    let limit = numbers.and_then(|(rate, burst)| RateLimit::new(rate, burst));
    limit.map(Some).ok_or_else(|| {
        format!("--account-throttle {text:?}: two numbers, requests per second and burst, as in 10000:5000, or {OFF}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw() -> RawConfig {
        RawConfig {
            listen: "127.0.0.1:4566".parse().unwrap(),
            gateway_listen: None,
            data_dir: None,
            account: "000000000000".to_owned(),
            region: "us-east-1".to_owned(),
            threads: Some(2),
            shutdown_grace_ms: 1,
            account_throttle: ACCOUNT_THROTTLE_DEFAULT.to_owned(),
            response_cache_bytes: RESPONSE_CACHE_BYTES_DEFAULT,
            aws_endpoint: Vec::new(),
            backend_cas: Vec::new(),
            explain: false,
            log: "info".to_owned(),
        }
    }

    #[test]
    fn the_control_api_is_never_open_beyond_loopback() {
        for address in ["0.0.0.0:4566", "192.0.2.1:80", "[::]:4566"] {
            let config = RawConfig { listen: address.parse().unwrap(), ..raw() };
            assert!(Config::resolve(config, None).is_err(), "{address}");
        }
        for address in ["127.0.0.1:0", "127.8.8.8:80", "[::1]:4566"] {
            let config = RawConfig { listen: address.parse().unwrap(), ..raw() };
            assert!(Config::resolve(config, None).is_ok(), "{address}");
        }
    }

    #[test]
    fn an_account_is_throttled_as_the_flag_says() {
        let check = |text: &str, expected: Option<(f64, u32)>| {
            let limits = Config::resolve(RawConfig { account_throttle: text.to_owned(), ..raw() }, None).unwrap();
            assert_eq!(limits.stage_limits.account.map(|limit| (limit.rate(), limit.burst())), expected, "{text}");
        };
        check("10000:5000", Some((10_000.0, 5_000)));
        check("0.5:1", Some((0.5, 1)));
        check("0:0", Some((0.0, 0)));
        check("off", None);
        for text in ["", "5000", "a:b", "-1:5", "5:-1", "inf:5", "1:2:3"] {
            assert!(Config::resolve(RawConfig { account_throttle: text.to_owned(), ..raw() }, None).is_err(), "{text}");
        }
    }

    #[test]
    fn all_problems_are_reported_together() {
        let config = RawConfig {
            account: "12".to_owned(),
            region: "Home".to_owned(),
            threads: Some(0),
            backend_cas: vec!["/nowhere.pem".into(), "/dev/null".into()],
            ..raw()
        };
        let text = Config::resolve(config, None).unwrap_err().to_string();
        for flag in ["--account", "--region", "--threads", "--backend-ca /nowhere.pem", "--backend-ca /dev/null"] {
            assert!(text.contains(flag), "{flag} in {text}");
        }
    }
}
