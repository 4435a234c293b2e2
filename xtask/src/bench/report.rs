//! The tables at the end of a benchmark: medians over the rounds, and ratios to the first target of each scenario.
//!
//! A ratio is taken within each round, where both targets met the same mood of the machine, and the median of those is shown.

use crate::bench::load::{Sample, Target};

/// Prints a table with a row per target; the first one is the yardstick.
pub(super) fn print(title: &str, targets: &[Target], rounds: &[Vec<Sample>]) {
    println!("\n### {title}\n");
    println!(
        "| target | requests/s | ratio | p50 ms | p99 ms | p99.9 ms | CPU \u{b5}s/request | ratio | memory MiB (peak) |"
    );
    println!("|---|---:|---:|---:|---:|---:|---:|---:|---:|");
    for (index, target) in targets.iter().enumerate() {
        let figure = |read: fn(&Sample) -> f64| median_of(rounds, |round| round.get(index).map(read));
        let ratio =
            |read: fn(&Sample) -> f64| median_of(rounds, |round| Some(read(round.get(index)?) / read(round.first()?)));
        let (throughput, faster) = (figure(|sample| sample.throughput), ratio(|sample| sample.throughput));
        let (p50, p99) = (figure(|sample| sample.p50_ms), figure(|sample| sample.p99_ms));
        let (p999, cpu) = (figure(|sample| sample.p999_ms), figure(|sample| sample.cpu_us));
        let costlier = ratio(|sample| sample.cpu_us);
        let (now, peak) = (figure(|sample| sample.usage.resident_mib), figure(|sample| sample.usage.peak_mib));
        let name = target.name;
        println!(
            "| {name} | {throughput:.0} | {faster:.2} | {p50:.2} | {p99:.2} | {p999:.2} | {cpu:.0} | {costlier:.2} | {now:.0} \
             ({peak:.0}) |"
        );
    }
}

/// The median over the rounds of what is read of each.
pub(super) fn median_of<R>(rounds: &[R], figure: impl Fn(&R) -> Option<f64>) -> f64 {
    median(rounds.iter().filter_map(figure).collect())
}

/// The middle of the values, or between the two in the middle; 0 without any.
pub(super) fn median(mut values: Vec<f64>) -> f64 {
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
