//! Renderings per second beside Apache Velocity (Java) and velocityjs (Node.js), in one run on one machine.
//!
//! Each engine renders the same templates of `bench/vtl` with the same variables on one thread, warmed up, in turns; what
//! counts is the ratio of the medians. What they render is compared first, blanks aside: velocityjs keeps those around
//! directives that Velocity takes away.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::tool;
use crate::workspace::Workspace;

const TEMPLATES: [&str; 3] = ["static", "passthrough", "loop"];
/// Debian's packages `velocity`, `libcommons-collections3-java` and `libcommons-lang-java`.
const JARS: [&str; 3] =
    ["/usr/share/java/velocity.jar", "/usr/share/java/commons-collections3.jar", "/usr/share/java/commons-lang.jar"];

/// How long and how often.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Rounds; the median of each engine's rounds is reported
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=20))]
    rounds: u32,
    /// Seconds per engine, template and round, and as many to warm up
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..=60))]
    seconds: u32,
}

/// An engine: its name, and a command that takes template, variables, seconds and a file for what it renders.
type Engine<'w> = (&'static str, Box<dyn Fn() -> Command + 'w>);

/// Builds the three programs, runs them in turns and prints a line per template.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let folder = workspace.target("bench-vtl");
    let engines = build(workspace, &folder)?;
    println!("\nrenderings per second, medians of {} rounds of {} s, one thread", options.rounds, options.seconds);
    for template in TEMPLATES {
        let mut rates = vec![Vec::new(); engines.len()];
        for _ in 0..options.rounds {
            let mut outputs = Vec::new();
            for ((name, command), rates) in engines.iter().zip(&mut rates) {
                let output = folder.join(format!("{template}-{name}.txt"));
                let mut command = command();
                command.arg(workspace.path(&format!("bench/vtl/{template}.vm")));
                command.arg(workspace.path(&format!("bench/vtl/{template}.json")));
                command.arg(options.seconds.to_string()).arg(&output).current_dir(&folder);
                rates.push(rate(&mut command).with_context(|| format!("{name} cannot render {template}"))?);
                let text = fs::read_to_string(&output)?;
                outputs.push(text.split_whitespace().collect::<String>());
            }
            if outputs.windows(2).any(|pair| pair[0] != pair[1]) {
                bail!("the engines render {template} differently, see {}", folder.display());
            }
        }
        let medians: Vec<f64> = rates.iter_mut().map(|rates| median(rates)).collect();
        print!("{template:<12}");
        for ((name, _), rate) in engines.iter().zip(&medians) {
            print!(" {name} {rate:>9.0}");
        }
        println!("   × velocity {:.2}   × velocityjs {:.1}", medians[0] / medians[1], medians[0] / medians[2]);
    }
    Ok(())
}

/// Ours first, then Apache Velocity, then velocityjs.
fn build<'w>(workspace: &'w Workspace, folder: &PathBuf) -> Result<Vec<Engine<'w>>> {
    tool::require("node", "--version", "install Node.js 20 or later, on Debian: apt-get install nodejs npm")?;
    tool::require("javac", "-version", "install a JDK, on Debian: apt-get install default-jdk-headless")?;
    if let Some(missing) = JARS.iter().find(|jar| !PathBuf::from(jar).exists()) {
        bail!("{missing} was not found: on Debian, apt-get install velocity");
    }
    fs::create_dir_all(folder)?;
    let ours = ["build", "--package", "vtl", "--example", "throughput", "--profile", "dist"];
    tool::run(&mut workspace.cargo(&ours))?;
    fs::copy(workspace.path("bench/vtl/package.json"), folder.join("package.json"))?;
    tool::run(Command::new("npm").args(["install", "--no-audit", "--no-fund"]).current_dir(folder))?;
    let class_path = [&JARS[..], &["."]].concat().join(":");
    let java = workspace.path("bench/vtl/Velocity.java");
    tool::run(Command::new("javac").args(["-d", ".", "-cp", &class_path]).arg(java).current_dir(folder))?;
    let script = workspace.path("bench/vtl/velocity.mjs");
    Ok(vec![
        ("lambdagate", Box::new(move || Command::new(workspace.target("dist/examples/throughput")))),
        (
            "velocity",
            Box::new(move || {
                let mut command = Command::new("java");
                // One core for the engine, and none beside it for collecting garbage.
                command.args(["-XX:+UseSerialGC", "-cp", &class_path, "Velocity"]);
                command
            }),
        ),
        (
            "velocityjs",
            Box::new(move || {
                let mut command = Command::new("node");
                command.arg(&script);
                command
            }),
        ),
    ])
}

/// Runs a program that prints how many renderings it made in a second.
fn rate(command: &mut Command) -> Result<f64> {
    let output = command.output().context("cannot be started")?;
    if !output.status.success() {
        bail!("{}: {}", output.status, String::from_utf8_lossy(&output.stderr));
    }
    String::from_utf8_lossy(&output.stdout).trim().parse().context("printed no number")
}

fn median(rates: &mut [f64]) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates.get(rates.len() / 2).copied().unwrap_or_default()
}
