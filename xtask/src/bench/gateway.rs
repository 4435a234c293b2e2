//! The gateway under load: an API with a method per scenario, set up over the wire.

use std::fs;
use std::io::{BufRead, BufReader, Cursor, Write};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::thread;

use anyhow::{Context, Result};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::bench::http::send;
use crate::bench::load::{Hosts, Target};
use crate::bench::process::Server;
use crate::workspace::Workspace;

const DOCUMENT: &str = "bench/openapi.yaml";
const FUNCTION: &str = "bench/function/index.mjs";
/// The stage of every API.
pub(crate) const STAGE: &str = "bench";
const READY_MARK: &str = "http://127.0.0.1:";

/// A running gateway and the id of its API.
pub(crate) struct Gateway {
    port: u16,
    rest_api_id: String,
    server: Server,
}

impl Gateway {
    /// Starts the gateway over an empty data directory and sets its API up, with proxies to this port.
    pub(crate) fn start(workspace: &Workspace, program: &Path, upstream_port: u16) -> Result<Self> {
        let data = empty_folder(workspace, "bench/data")?;
        let (port, server) = serve(workspace, program, &data)?;
        create_function(workspace, port)?;
        let document = fs::read_to_string(workspace.path(DOCUMENT))?;
        let rest_api_id = create_api(port, &document.replace("@UPSTREAM_PORT@", &upstream_port.to_string()))?;
        Ok(Self { port, rest_api_id, server })
    }

    /// Where it listens.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// The host by which its API is addressed.
    pub(crate) fn host(&self) -> String {
        host(&self.rest_api_id)
    }

    /// Requests to a method of the API.
    pub(super) fn target(&self, name: &'static str, path: &str) -> Target {
        Target {
            name,
            url: format!("http://127.0.0.1:{}/{STAGE}{path}", self.port),
            hosts: Hosts::One(host(&self.rest_api_id)),
            body: None,
            server: self.server.id(),
        }
    }
}

/// The host by which an API is addressed.
pub(super) fn host(rest_api_id: &str) -> String {
    format!("{rest_api_id}.execute-api.localhost")
}

/// A folder below `target/` for a gateway's data, without what an earlier run left there.
pub(super) fn empty_folder(workspace: &Workspace, folder: &str) -> Result<PathBuf> {
    let data = workspace.target(folder);
    if data.exists() {
        fs::remove_dir_all(&data)?;
    }
    Ok(data)
}

/// Starts a gateway over a data directory and waits until it says that it is ready.
pub(super) fn serve(workspace: &Workspace, program: &Path, data: &Path) -> Result<(u16, Server)> {
    let mut command = workspace.command(program);
    command.args(["serve", "--listen", "127.0.0.1:0", "--data-dir"]).arg(data).stdout(Stdio::piped());
    // The account's own limit is what most of these loads would measure.
    command.env("LAMBDAGATE_ACCOUNT_THROTTLE", "off");
    let mut server = Server::start(&mut command)?;
    let port = announced_port(&mut server)?;
    Ok((port, server))
}

/// Reads the ready line; a thread goes on reading, so that the gateway never waits for its own output.
fn announced_port(server: &mut Server) -> Result<u16> {
    let output = server.child().stdout.take().context("the gateway has no output")?;
    let mut lines = BufReader::new(output).lines();
    for line in lines.by_ref() {
        let line = line?;
        let Some((_, rest)) = line.split_once(READY_MARK) else { continue };
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        thread::spawn(move || lines.for_each(drop));
        return digits.parse().with_context(|| format!("no port in {line:?}"));
    }
    anyhow::bail!("the gateway ended before it was ready")
}

fn create_function(workspace: &Workspace, port: u16) -> Result<()> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    archive.start_file("index.mjs", SimpleFileOptions::default())?;
    archive.write_all(&fs::read(workspace.path(FUNCTION))?)?;
    let package = STANDARD.encode(archive.finish()?.into_inner());
    let function = json!({
        "FunctionName": "bench",
        "Runtime": "nodejs20.x",
        "Role": "arn:aws:iam::000000000000:role/bench",
        "Handler": "index.handler",
        "Code": { "ZipFile": package },
    });
    post(port, "/2015-03-31/functions", &function)?;
    let permission = json!({
        "StatementId": "bench",
        "Action": "lambda:InvokeFunction",
        "Principal": "apigateway.amazonaws.com",
    });
    post(port, "/2015-03-31/functions/bench/policy", &permission).map(drop)
}

/// Imports a document and deploys it; answers the API's id.
pub(super) fn create_api(port: u16, document: &str) -> Result<String> {
    let api = send(port, "POST", "/restapis?mode=import", document.as_bytes())?;
    let id = api["id"].as_str().context("the imported API has no id")?;
    post(port, &format!("/restapis/{id}/deployments"), &json!({ "stageName": STAGE }))?;
    Ok(id.to_owned())
}

fn post(port: u16, target: &str, body: &Value) -> Result<Value> {
    send(port, "POST", target, body.to_string().as_bytes())
}
