//! How measurements are added up.
//!
//! A datapoint knows its statistics exactly, and its distribution exactly while it has few distinct values. Then values that are
//! near each other count as one, the farther apart the more there are; AWS does likewise.

use definition::time::EpochMillis;
use store::Datapoint;

/// Distinct values that a datapoint's distribution holds.
const VALUES_MAX: usize = 512;
/// How far apart values are at first when they count as one, relative to their size.
const WIDTH_MIN: f64 = 0.005;
const MINUTE_MS: i64 = 60_000;

/// The first moment of the minute.
pub(crate) fn minute_of(at: EpochMillis) -> EpochMillis {
    EpochMillis(at.0 - at.0.rem_euclid(MINUTE_MS))
}

/// The datapoint of values, each with how often it occurred; `None` when nothing occurred.
pub(crate) fn of_values(values: &[(f64, f64)]) -> Option<Datapoint> {
    let mut samples_by_value: Vec<(f64, f64)> = values
        .iter()
        .copied()
        .filter(|(value, count)| value.is_finite() && count.is_finite() && *count > 0.0)
        .collect();
    samples_by_value.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    let (minimum, maximum) = (samples_by_value.first()?.0, samples_by_value.last()?.0);
    let samples = samples_by_value.iter().map(|(_, count)| count).sum();
    let sum = samples_by_value.iter().map(|(value, count)| value * count).sum();
    let mut datapoint = Datapoint { samples, sum, minimum, maximum, samples_by_value };
    compact(&mut datapoint);
    Some(datapoint)
}

/// Adds what `other` counts to `datapoint`.
pub(crate) fn merge(datapoint: &mut Datapoint, other: &Datapoint) {
    datapoint.samples += other.samples;
    datapoint.sum += other.sum;
    datapoint.minimum = datapoint.minimum.min(other.minimum);
    datapoint.maximum = datapoint.maximum.max(other.maximum);
    datapoint.samples_by_value.extend_from_slice(&other.samples_by_value);
    datapoint.samples_by_value.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    compact(datapoint);
}

/// Brings the distribution below its limit.
fn compact(datapoint: &mut Datapoint) {
    unite_equal(&mut datapoint.samples_by_value);
    let mut width = WIDTH_MIN;
    while datapoint.samples_by_value.len() > VALUES_MAX {
        for (value, _) in &mut datapoint.samples_by_value {
            *value = rounded(*value, width).clamp(datapoint.minimum, datapoint.maximum);
        }
        unite_equal(&mut datapoint.samples_by_value);
        width *= 2.0;
    }
}

fn unite_equal(samples_by_value: &mut Vec<(f64, f64)>) {
    samples_by_value.dedup_by(|next, kept| {
        let is_equal = next.0.total_cmp(&kept.0).is_eq();
        if is_equal {
            kept.1 += next.1;
        }
        is_equal
    });
}

/// The value that stands for all that are about as large: the middle, on a logarithmic scale, of an interval of this width.
fn rounded(value: f64, width: f64) -> f64 {
    if value == 0.0 {
        return 0.0;
    }
    let step = width.ln_1p();
    let interval = (value.abs().ln() / step).floor();
    ((interval + 0.5) * step).exp().copysign(value)
}

#[cfg(test)]
mod tests;
