//! What more APIs and more routes cost: a gateway with very many of them beside one with few.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Instant;

use anyhow::{Context, Result};
use serde_json::json;

use crate::bench::gateway::{STAGE, create_api, empty_folder, host, serve};
use crate::bench::load::{Hosts, Load, Sample, Target};
use crate::bench::process::usage;
use crate::bench::report;
use crate::workspace::Workspace;

/// Callers that set APIs up at the same time.
const CALLERS: usize = 8;
/// Resources of the API with many routes.
const ROUTES: usize = 1000;

/// Deploys `apis` APIs, starts the gateway anew, and drives one of them, then all of them in turns.
pub(super) fn run(workspace: &Workspace, program: &Path, load: &Load<'_>, rounds: u32, apis: u32) -> Result<()> {
    let data = empty_folder(workspace, "bench/growth")?;
    let (port, server) = serve(workspace, program, &data)?;
    let ids = create_apis(port, apis)?;
    let routed = create_api(port, &document(ROUTES))?;
    drop(server);

    #[expect(clippy::disallowed_methods, reason = "what is measured is the machine's own time")]
    let begun = Instant::now();
    let (port, server) = serve(workspace, program, &data)?;
    let started = begun.elapsed();
    println!("\n### {apis} deployed APIs\n");
    println!("start until ready: {} ms; memory: {:.0} MiB", started.as_millis(), usage(server.id()).resident_mib);

    let hosts = workspace.target("bench/growth-hosts");
    fs::write(&hosts, ids.iter().map(|id| host(id) + "\n").collect::<String>())?;
    let target = |name, id: &str, path: &str| Target {
        name,
        url: format!("http://127.0.0.1:{port}/{STAGE}{path}"),
        hosts: Hosts::One(host(id)),
        body: None,
        server: server.id(),
    };
    let first = ids.first().context("no API was made")?;
    let last_route = format!("/r{}/x/leaf", ROUTES - 1);
    let targets = [
        target("one of the APIs", first, "/r0/x/leaf"),
        Target { hosts: Hosts::File(hosts), ..target("all of them in turns", first, "/r0/x/leaf") },
        target("one with 1,000 routes", &routed, &last_route),
    ];
    for target in &targets {
        load.warm_up(target)?;
    }
    let drive = || targets.iter().map(|target| load.drive(target)).collect::<Result<Vec<Sample>>>();
    let samples = (0..rounds).map(|_| drive()).collect::<Result<Vec<_>>>()?;
    report::print("Growth", &targets, &samples);
    Ok(())
}

fn create_apis(port: u16, apis: u32) -> Result<Vec<String>> {
    let (next, ids) = (AtomicU32::new(0), Mutex::new(Vec::new()));
    let document = document(1);
    thread::scope(|scope| {
        let callers: Vec<_> = (0..CALLERS)
            .map(|_| {
                scope.spawn(|| -> Result<()> {
                    while next.fetch_add(1, Ordering::Relaxed) < apis {
                        let id = create_api(port, &document)?;
                        ids.lock().map_err(|_| anyhow::anyhow!("another caller failed"))?.push(id);
                    }
                    Ok(())
                })
            })
            .collect();
        callers.into_iter().try_for_each(|caller| caller.join().map_err(|_| anyhow::anyhow!("a caller panicked"))?)
    })?;
    ids.into_inner().map_err(|_| anyhow::anyhow!("a caller failed"))
}

/// An API with so many mock methods below resources of their own.
fn document(routes: usize) -> String {
    let method = json!({ "get": {
        "responses": { "200": { "description": "A constant" } },
        "x-amazon-apigateway-integration": {
            "type": "mock",
            "requestTemplates": { "application/json": "{\"statusCode\": 200}" },
            "responses": { "default": { "statusCode": "200" } },
        },
    } });
    let mut paths = serde_json::Map::new();
    for route in 0..routes {
        let mut path = String::new();
        // Writing into a string cannot fail.
        let _ = write!(path, "/r{route}/{{id}}/leaf");
        paths.insert(path, method.clone());
    }
    json!({ "openapi": "3.0.3", "info": { "title": "growth", "version": "1" }, "paths": paths }).to_string()
}
