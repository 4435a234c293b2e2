//! The tables at the end of a benchmark: medians over the rounds, and ratios to the first target of each scenario.

use crate::bench::load::{Sample, Target};

/// Prints a table with a row per target; the first one is the yardstick.
pub(super) fn print(title: &str, targets: &[Target], rounds: &[Vec<Sample>]) {
    println!("\n### {title}\n");
    println!("| target | requests/s | ratio | p50 ms | p99 ms | p99.9 ms | CPU \u{b5}s/request | memory MiB (peak) |");
    println!("|---|---:|---:|---:|---:|---:|---:|---:|");
    let yardstick = column(rounds, 0, |sample| sample.throughput);
    for (index, target) in targets.iter().enumerate() {
        let figure = |read: fn(&Sample) -> f64| column(rounds, index, read);
        let throughput = figure(|sample| sample.throughput);
        let (p50, p99) = (figure(|sample| sample.p50_ms), figure(|sample| sample.p99_ms));
        let (p999, cpu) = (figure(|sample| sample.p999_ms), figure(|sample| sample.cpu_us));
        let (now, peak) = (figure(|sample| sample.usage.resident_mib), figure(|sample| sample.usage.peak_mib));
        let (name, ratio) = (target.name, throughput / yardstick);
        println!(
            "| {name} | {throughput:.0} | {ratio:.2} | {p50:.2} | {p99:.2} | {p999:.2} | {cpu:.0} | {now:.0} ({peak:.0}) |"
        );
    }
}

fn column(rounds: &[Vec<Sample>], index: usize, figure: impl Fn(&Sample) -> f64) -> f64 {
    median(rounds.iter().filter_map(|round| round.get(index)).map(figure).collect())
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match (values.len(), values.get(middle)) {
        (_, None) => 0.0,
        (length, Some(upper)) if length % 2 == 1 => *upper,
        (_, Some(upper)) => f64::midpoint(values[middle - 1], *upper),
    }
}

#[cfg(test)]
mod tests {
    use super::median;

    #[test]
    fn the_median_stands_in_the_middle() {
        let check = |values: &[f64], expected: f64| assert!((median(values.to_vec()) - expected).abs() < 1e-9);

        check(&[], 0.0);
        check(&[3.0, 1.0, 2.0], 2.0);
        check(&[4.0, 1.0, 2.0, 3.0], 2.5);
    }
}
