//! Renders a template as often as it can: `throughput TEMPLATE VARIABLES SECONDS OUTPUT`. The peers of `bench/vtl` do the same.

use std::error::Error;
use std::fs;
use std::time::{Duration, Instant};

use vtl::{Context, Limits, Template, Value, json};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [template, variables, seconds, output] = arguments.as_slice() else {
        return Err("expected TEMPLATE VARIABLES SECONDS OUTPUT".into());
    };
    let template = Template::parse(&fs::read_to_string(template)?)?;
    let Value::Map(variables) = json::parse(&fs::read_to_string(variables)?)? else {
        return Err("the variables are no object".into());
    };
    // A gateway's names are constants; these live as long as the program.
    let variables = variables.borrow();
    let variables: Vec<(&'static str, Value)> = variables
        .iter()
        .map(|(name, value)| (&*Box::leak(String::from(&**name).into_boxed_str()), value.clone()))
        .collect();
    let time = Duration::from_secs_f64(seconds.parse()?);
    let render = || {
        let mut context = Context::new();
        for (name, value) in &variables {
            context.insert(*name, value.clone());
        }
        template.render(&context, &Limits::default())
    };
    fs::write(output, render()?)?;
    // The others need to warm up; so that all do the same, so does this.
    run(time, render)?;
    println!("{}", run(time, render)?);
    Ok(())
}

/// Renderings per second.
#[expect(clippy::disallowed_methods, reason = "a benchmark measures the real clock")]
#[expect(clippy::cast_precision_loss, reason = "a count of renderings is far from 2^53")]
fn run(time: Duration, render: impl Fn() -> Result<String, vtl::Error>) -> Result<f64, Box<dyn Error>> {
    let start = Instant::now();
    let mut count = 0_u64;
    while start.elapsed() < time {
        for _ in 0..10 {
            if render()?.is_empty() {
                return Err("no output".into());
            }
        }
        count += 10;
    }
    Ok(count as f64 / start.elapsed().as_secs_f64())
}
