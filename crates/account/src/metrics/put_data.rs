//! `PutMetricData`.

use definition::time::EpochMillis;
use store::{Datapoint, Store};

use super::{
    Call, Outcome, datapoint,
    document::Member,
    failure::Failure,
    metric_key::{metric_key, namespace_of, unit_of},
    writer::Additions,
};

/// Values of one datum.
const VALUES_MAX: usize = 150;
/// The largest magnitude of a value: 2 to the power of 360.
const MAGNITUDE_MAX: f64 = 2.348_542_582_773_833e108;
const HOUR_MS: i64 = 60 * 60 * 1000;
/// Measurements may be so old, and so far ahead of the service's clock.
const AGE_MS_MAX: i64 = 14 * 24 * HOUR_MS;
const AHEAD_MS_MAX: i64 = 2 * HOUR_MS;

pub(super) async fn put(store: &Store, call: &Call) -> Outcome {
    let namespace = call.input.member("Namespace");
    if namespace_of(&namespace)?.starts_with("AWS/") {
        return Err(Failure::InvalidValue {
            parameter: "Namespace".to_owned(),
            rule: "must not start with AWS/, which is for services alone.".to_owned(),
        });
    }
    if call.input.member("EntityMetricData").is_given() {
        return Err(Failure::Unsupported { what: "EntityMetricData".to_owned() });
    }
    let data = call.input.member("MetricData");
    if !data.is_given() {
        return Err(data.missing());
    }
    let mut additions = Additions::default();
    for datum in data.items()? {
        let dimensions = datum.member("Dimensions");
        let key = metric_key(&call.caller.scope, &namespace, &datum.member("MetricName"), &dimensions)?;
        let unit = unit_of(&datum.member("Unit"))?.unwrap_or_else(|| "None".to_owned());
        let at = time_of(&datum.member("Timestamp"), call.now)?;
        datum.member("StorageResolution").positive()?;
        additions.add(key, datapoint::minute_of(at), unit, measured(&datum)?);
    }
    store.write(move |transaction| additions.store(transaction)).await?;
    Ok(None)
}

fn time_of(timestamp: &Member<'_>, now: EpochMillis) -> Result<EpochMillis, Failure> {
    let at = timestamp.time()?.unwrap_or(now);
    if at.0 < now.0 - AGE_MS_MAX {
        return Err(timestamp.invalid("must specify a time within the past two weeks."));
    }
    if at.0 > now.0 + AHEAD_MS_MAX {
        return Err(timestamp.invalid("must specify a time no more than two hours in the future."));
    }
    Ok(at)
}

/// The datapoint of one value, of values with counts, or of statistics.
fn measured(datum: &Member<'_>) -> Result<Datapoint, Failure> {
    let (value, values, statistics) = (datum.member("Value"), datum.member("Values"), datum.member("StatisticValues"));
    let given: Vec<&Member<'_>> =
        [&value, &values, &statistics].into_iter().filter(|member| member.is_given()).collect();
    match given[..] {
        [] => Err(value.missing()),
        [_] if statistics.is_given() => of_statistics(&statistics),
        [_] if values.is_given() => of_values(&values, &datum.member("Counts")),
        [_] => datapoint::of_values(&[(bounded(&value)?, 1.0)]).ok_or_else(|| value.missing()),
        [first, second, ..] => Err(Failure::Combination(format!(
            "The parameters {} and {} are mutually exclusive and you have specified both.",
            first.path(),
            second.path()
        ))),
    }
}

fn of_values(values: &Member<'_>, counts: &Member<'_>) -> Result<Datapoint, Failure> {
    let (items, count_items) = (values.items()?, counts.items()?);
    if items.len() > VALUES_MAX {
        return Err(values.invalid(&format!("must have no more than {VALUES_MAX} items.")));
    }
    if !count_items.is_empty() && count_items.len() != items.len() {
        return Err(Failure::Combination(format!(
            "The parameters {} and {} must be of the same size.",
            values.path(),
            counts.path()
        )));
    }
    let mut pairs = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        let count = match count_items.get(index) {
            Some(count) => bounded(count)?,
            None => 1.0,
        };
        if count <= 0.0 {
            return Err(counts.invalid("must hold numbers greater than 0."));
        }
        pairs.push((bounded(item)?, count));
    }
    datapoint::of_values(&pairs).ok_or_else(|| values.missing())
}

fn of_statistics(statistics: &Member<'_>) -> Result<Datapoint, Failure> {
    let member = |name| bounded(&statistics.member(name));
    let (samples, sum) = (member("SampleCount")?, member("Sum")?);
    let (minimum, maximum) = (member("Minimum")?, member("Maximum")?);
    if samples <= 0.0 {
        return Err(statistics.member("SampleCount").invalid("must be greater than 0."));
    }
    if minimum > maximum {
        return Err(Failure::Combination(format!(
            "The parameter {0}.Minimum must not be greater than the parameter {0}.Maximum.",
            statistics.path()
        )));
    }
    // What lies between is not known unless there is nothing between.
    let is_one_value = minimum.total_cmp(&maximum).is_eq();
    let samples_by_value = if is_one_value { vec![(minimum, samples)] } else { Vec::new() };
    Ok(Datapoint { samples, sum, minimum, maximum, samples_by_value })
}

fn bounded(member: &Member<'_>) -> Result<f64, Failure> {
    let number = member.required(member.number()?)?;
    if number.abs() > MAGNITUDE_MAX {
        return Err(member.invalid("must be in the range of -2^360 to 2^360."));
    }
    Ok(number)
}
