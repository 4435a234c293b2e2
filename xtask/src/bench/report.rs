//! The table at the end of a benchmark: medians over the rounds, and ratios to the first target.

use crate::bench::load::{Sample, Target};

/// Prints a row per target; the first one is the yardstick.
pub(super) fn print(targets: &[Target], rounds: &[Vec<Sample>], connections: u32) {
    println!("\nmedians of {} rounds, {connections} connections\n", rounds.len());
    println!("| target | requests/s | p50 ms | p99 ms | ratio |");
    println!("|---|---:|---:|---:|---:|");
    let yardstick = column(rounds, 0, |sample| sample.throughput);
    for (index, target) in targets.iter().enumerate() {
        let throughput = column(rounds, index, |sample| sample.throughput);
        let p50 = column(rounds, index, |sample| sample.p50_ms);
        let p99 = column(rounds, index, |sample| sample.p99_ms);
        let ratio = throughput / yardstick;
        println!("| {} | {throughput:.0} | {p50:.2} | {p99:.2} | {ratio:.3} |", target.name);
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
