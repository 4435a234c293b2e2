//! The gateway under load: one API with a mock method and a Lambda proxy method, set up over the wire.

use std::fs;
use std::io::{BufRead, BufReader, Cursor, Write};
use std::process::Stdio;
use std::thread;

use anyhow::{Context, Result};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::bench::http::send;
use crate::bench::load::Target;
use crate::bench::process::Server;
use crate::workspace::Workspace;

const DOCUMENT: &str = "bench/openapi.yaml";
const FUNCTION: &str = "bench/function/index.mjs";
const READY_MARK: &str = "http://127.0.0.1:";

/// A running gateway and the id of its API.
pub(super) struct Gateway {
    port: u16,
    rest_api_id: String,
    _server: Server,
}

impl Gateway {
    /// Starts the gateway over an empty data directory and sets its API up.
    pub(super) fn start(workspace: &Workspace, profile: &str) -> Result<Self> {
        let data = workspace.target("bench/data");
        if data.exists() {
            fs::remove_dir_all(&data)?;
        }
        let mut command = workspace.command(workspace.binary(profile));
        command.args(["serve", "--listen", "127.0.0.1:0", "--data-dir"]).arg(&data).stdout(Stdio::piped());
        let mut server = Server::start(&mut command)?;
        let port = announced_port(&mut server)?;
        create_function(workspace, port)?;
        let rest_api_id = create_api(workspace, port)?;
        Ok(Self { port, rest_api_id, _server: server })
    }

    /// The mock method: the gateway alone.
    pub(super) fn mock(&self) -> Target {
        self.target("mock", "/bench/mock")
    }

    /// The Lambda proxy method: the gateway and a Node.js function.
    pub(super) fn lambda_proxy(&self) -> Target {
        self.target("lambda proxy", "/bench/lambda")
    }

    fn target(&self, name: &'static str, path: &str) -> Target {
        let url = format!("http://127.0.0.1:{}{path}", self.port);
        Target { name, url, host: format!("{}.execute-api.localhost", self.rest_api_id) }
    }
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

fn create_api(workspace: &Workspace, port: u16) -> Result<String> {
    let api = send(port, "POST", "/restapis?mode=import", &fs::read(workspace.path(DOCUMENT))?)?;
    let id = api["id"].as_str().context("the imported API has no id")?;
    post(port, &format!("/restapis/{id}/deployments"), &json!({ "stageName": "bench" }))?;
    Ok(id.to_owned())
}

fn post(port: u16, target: &str, body: &Value) -> Result<Value> {
    send(port, "POST", target, body.to_string().as_bytes())
}
