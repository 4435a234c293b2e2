//! What control calls cost beside moto's server, and whether they cost more as there is more: an API made call by call, a
//! document imported, lists read page by page.
//!
//! One caller on one connection, for as long as the server keeps it. Each round starts both servers anew, the gateway over an
//! empty directory, where it writes each change through to the disk; moto keeps everything in memory.

use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value, json};

use crate::bench::gateway::{empty_folder, serve};
use crate::bench::http::Client;
use crate::bench::peer::Peer;
use crate::bench::report::{median, median_of};
use crate::workspace::Workspace;

/// Resources of the API, and paths of the document.
const RESOURCES: usize = 300;
/// Calls that make one resource, its method and its integration.
const CALLS: f64 = 3.0;
/// How many of the first and of the last resources are compared.
const WINDOW: usize = 30;
/// How often the document is imported, unless that takes long.
const IMPORTS: usize = 5;
/// After so much time no further import is begun: moto needs seconds for each.
const IMPORTS_MS_MAX: f64 = 15_000.0;
/// API keys of the smaller collection and of the larger one.
const KEYS: [usize; 2] = [300, 3000];
const PAGE: usize = 25;
/// How often each page is read.
const READS: usize = 50;
/// More pages than any collection here has.
const PAGES_MAX: usize = 200;

/// What one round showed of one server.
struct Sample {
    build: Build,
    import: Import,
    resources: Pages,
    keys: [Pages; 2],
}

/// An API made call by call. The times are those of one call.
struct Build {
    first_ms: f64,
    last_ms: f64,
    calls_per_second: f64,
}

/// A document imported.
struct Import {
    new_ms: f64,
    overwrite_ms: f64,
}

/// A collection's first page and its last full one.
struct Pages {
    items: usize,
    first_ms: f64,
    last_ms: f64,
}

/// Measures both servers in turns and prints the tables.
pub(super) fn run(workspace: &Workspace, program: &Path, rounds: u32) -> Result<()> {
    let mut samples = Vec::new();
    for round in 1..=rounds {
        eprintln!("Control calls: round {round}");
        let moto = Peer::moto(workspace)?;
        let peer = sample(&mut Client::of_service(moto.port, "apigateway")).context("moto")?;
        drop(moto);
        let (port, server) = serve(workspace, program, &empty_folder(workspace, "bench/control")?)?;
        let ours = sample(&mut Client::of_service(port, "apigateway")).context("the gateway")?;
        drop(server);
        samples.push([peer, ours]);
    }
    print(&samples);
    Ok(())
}

fn sample(client: &mut Client) -> Result<Sample> {
    // What a server does once, it does here.
    build(client, WINDOW)?;
    let (api, build) = build(client, RESOURCES)?;
    let resources = format!("/restapis/{api}/resources");
    Ok(Sample {
        build,
        import: import(client)?,
        // The root is one, too.
        resources: read_pages(client, &resources, RESOURCES + 1)?,
        keys: [pages_of_keys(client, 0, KEYS[0])?, pages_of_keys(client, KEYS[0], KEYS[1])?],
    })
}

/// Makes an API with so many resources, each with a method and its integration; its id, and what the calls cost.
fn build(client: &mut Client, resources: usize) -> Result<(String, Build)> {
    let api = client.send("POST", "/restapis", br#"{"name":"control"}"#)?;
    let (api, root) = (text(&api, "id")?, text(&api, "rootResourceId")?);
    let mut times = Vec::new();
    for number in 0..resources {
        let (time, made) = timed(|| make_resource(client, &api, &root, number));
        made?;
        times.push(time);
    }
    let per_call = |times: &[f64]| mean(times) / CALLS;
    let (first, last) = (&times[..WINDOW], &times[times.len() - WINDOW..]);
    let figures =
        Build { first_ms: per_call(first), last_ms: per_call(last), calls_per_second: 1e3 / per_call(&times) };
    Ok((api, figures))
}

fn make_resource(client: &mut Client, api: &str, root: &str, number: usize) -> Result<()> {
    let mut send = |method: &str, path: &str, body: &Value| {
        client.send(method, &format!("/restapis/{api}/resources/{path}"), body.to_string().as_bytes())
    };
    let resource = send("POST", root, &json!({ "pathPart": format!("r{number}") }))?;
    let method = format!("{}/methods/GET", text(&resource, "id")?);
    send("PUT", &method, &json!({ "authorizationType": "NONE" }))?;
    send("PUT", &format!("{method}/integration"), &integration(number))?;
    Ok(())
}

fn import(client: &mut Client) -> Result<Import> {
    let document = document().to_string();
    let (mut new, mut overwrite) = (Vec::new(), Vec::new());
    while new.len() < IMPORTS && new.iter().chain(&overwrite).sum::<f64>() < IMPORTS_MS_MAX {
        let (time, api) = timed(|| client.send("POST", "/restapis?mode=import", document.as_bytes()));
        new.push(time);
        let target = format!("/restapis/{}?mode=overwrite", text(&api?, "id")?);
        let (time, api) = timed(|| client.send("PUT", &target, document.as_bytes()));
        api?;
        overwrite.push(time);
    }
    Ok(Import { new_ms: median(new), overwrite_ms: median(overwrite) })
}

/// Makes API keys until there are so many, and reads pages of them.
fn pages_of_keys(client: &mut Client, present: usize, wanted: usize) -> Result<Pages> {
    for number in present..wanted {
        let key = json!({ "name": format!("key-{number}"), "enabled": true });
        client.send("POST", "/apikeys", key.to_string().as_bytes())?;
    }
    read_pages(client, "/apikeys", wanted)
}

/// Reads a collection's first page and its last full one in turns. A server that knows no pages answers all items in one.
fn read_pages(client: &mut Client, collection: &str, items: usize) -> Result<Pages> {
    let first = format!("{collection}?limit={PAGE}");
    let last = last_full_page(client, &first, items)?;
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..READS {
        for (target, times) in [&first, &last].into_iter().zip(&mut times) {
            let (time, page) = timed(|| client.send("GET", target, b""));
            page?;
            times.push(time);
        }
    }
    let [first, last] = times.map(median);
    Ok(Pages { items, first_ms: first, last_ms: last })
}

fn last_full_page(client: &mut Client, first: &str, items: usize) -> Result<String> {
    let (mut target, mut last_full, mut seen) = (first.to_owned(), first.to_owned(), 0);
    for _ in 0..PAGES_MAX {
        let page = client.send("GET", &target, b"")?;
        let found = page["item"].as_array().map_or(0, Vec::len);
        seen += found;
        if found == PAGE {
            last_full.clone_from(&target);
        }
        match page["position"].as_str() {
            Some(position) => target = format!("{first}&position={position}"),
            None if seen == items => return Ok(last_full),
            None => bail!("{first} lists {seen} items, but there are {items}"),
        }
    }
    bail!("{first} does not end")
}

/// A document with a path for each resource, its method, a parameter and an integration.
fn document() -> Value {
    let paths: Map<String, Value> = (0..RESOURCES)
        .map(|number| {
            let method = json!({
                "parameters": [{ "name": "id", "in": "path", "required": true, "schema": { "type": "string" } }],
                "responses": { "200": { "description": "What the backend answers" } },
                "x-amazon-apigateway-integration": integration(number),
            });
            (format!("/r{number}/{{id}}"), json!({ "get": method }))
        })
        .collect();
    let info = json!({ "title": "control", "description": "An API of many paths", "version": "1" });
    json!({ "openapi": "3.0.1", "info": info, "paths": paths })
}

/// An integration that nobody calls.
fn integration(number: usize) -> Value {
    let uri = format!("http://127.0.0.1:9/r{number}");
    json!({ "type": "HTTP_PROXY", "httpMethod": "GET", "integrationHttpMethod": "GET", "uri": uri })
}

fn text(document: &Value, member: &str) -> Result<String> {
    document[member].as_str().map(str::to_owned).with_context(|| format!("no {member} in {document}"))
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / f64::from(u32::try_from(values.len()).unwrap_or(u32::MAX))
}

/// How many milliseconds some work took, and what came of it.
fn timed<T>(work: impl FnOnce() -> T) -> (f64, T) {
    #[expect(clippy::disallowed_methods, reason = "what is measured is the machine's own time")]
    let begun = Instant::now();
    let outcome = work();
    (begun.elapsed().as_secs_f64() * 1e3, outcome)
}

/// Prints a table per kind of call; the ratios are to moto's server, within each round.
fn print(rounds: &[[Sample; 2]]) {
    let names = ["moto", "gateway"];
    println!("\n### An API of {RESOURCES} resources, methods and integrations, call by call\n");
    println!("| target | ms/call, first {WINDOW} | last {WINDOW} | last/first | calls/s | ratio |");
    println!("|---|---:|---:|---:|---:|---:|");
    for (index, name) in names.iter().enumerate() {
        let figure = |read: fn(&Build) -> f64| median_of(rounds, |round| Some(read(&round.get(index)?.build)));
        let (first, last) = (figure(|build| build.first_ms), figure(|build| build.last_ms));
        let growth = figure(|build| build.last_ms / build.first_ms);
        let rate = figure(|build| build.calls_per_second);
        let faster = ratio(rounds, index, |sample| sample.build.calls_per_second);
        println!("| {name} | {first:.2} | {last:.2} | {growth:.2} | {rate:.0} | {faster:.2} |");
    }

    println!("\n### A document of {RESOURCES} paths\n");
    println!("| target | new API, ms | ratio | overwriting it, ms | ratio |");
    println!("|---|---:|---:|---:|---:|");
    for (index, name) in names.iter().enumerate() {
        let figure = |read: fn(&Import) -> f64| median_of(rounds, |round| Some(read(&round.get(index)?.import)));
        let (new, overwrite) = (figure(|import| import.new_ms), figure(|import| import.overwrite_ms));
        let new_ratio = ratio(rounds, index, |sample| sample.import.new_ms);
        let overwrite_ratio = ratio(rounds, index, |sample| sample.import.overwrite_ms);
        println!("| {name} | {new:.0} | {new_ratio:.3} | {overwrite:.0} | {overwrite_ratio:.3} |");
    }

    println!("\n### Pages of {PAGE}\n");
    println!("| list | target | first page, ms | ratio | last page, ms | ratio | last/first |");
    println!("|---|---|---:|---:|---:|---:|---:|");
    print_pages(rounds, "resources", &names, |sample| &sample.resources);
    print_pages(rounds, "API keys", &names, |sample| &sample.keys[0]);
    print_pages(rounds, "API keys", &names, |sample| &sample.keys[1]);
}

fn print_pages(rounds: &[[Sample; 2]], what: &str, names: &[&str], pages: fn(&Sample) -> &Pages) {
    for (index, name) in names.iter().enumerate() {
        let figure = |read: fn(&Pages) -> f64| median_of(rounds, |round| Some(read(pages(round.get(index)?))));
        let (first, last) = (figure(|pages| pages.first_ms), figure(|pages| pages.last_ms));
        let growth = figure(|pages| pages.last_ms / pages.first_ms);
        let first_ratio = ratio(rounds, index, |sample| pages(sample).first_ms);
        let last_ratio = ratio(rounds, index, |sample| pages(sample).last_ms);
        let items = rounds.first().map_or(0, |round| pages(&round[index]).items);
        println!(
            "| {items} {what} | {name} | {first:.2} | {first_ratio:.3} | {last:.2} | {last_ratio:.3} | {growth:.2} |"
        );
    }
}

fn ratio(rounds: &[[Sample; 2]], index: usize, read: impl Fn(&Sample) -> f64) -> f64 {
    median_of(rounds, |round| Some(read(round.get(index)?) / read(round.first()?)))
}
