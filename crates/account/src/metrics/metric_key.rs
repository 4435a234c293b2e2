//! Which metric a request means: namespace, name and dimensions, and the units that there are.

use definition::Scope;
use store::MetricKey;

use super::{
    document::{Document, Member},
    failure::Failure,
};

/// The longest namespace, name of a metric, and name of a dimension.
pub(super) const NAME_LENGTH_MAX: usize = 255;
/// The longest value of a dimension.
pub(super) const VALUE_LENGTH_MAX: usize = 1024;
/// Dimensions of a metric.
const DIMENSIONS_MAX: usize = 30;
/// The units of measurements.
const UNITS: [&str; 27] = [
    "Seconds",
    "Microseconds",
    "Milliseconds",
    "Bytes",
    "Kilobytes",
    "Megabytes",
    "Gigabytes",
    "Terabytes",
    "Bits",
    "Kilobits",
    "Megabits",
    "Gigabits",
    "Terabits",
    "Percent",
    "Count",
    "Bytes/Second",
    "Kilobytes/Second",
    "Megabytes/Second",
    "Gigabytes/Second",
    "Terabytes/Second",
    "Bits/Second",
    "Kilobits/Second",
    "Megabits/Second",
    "Gigabits/Second",
    "Terabits/Second",
    "Count/Second",
    "None",
];

/// The metric of these members.
pub(super) fn metric_key(
    scope: &Scope,
    namespace: &Member<'_>,
    name: &Member<'_>,
    dimensions: &Member<'_>,
) -> Result<MetricKey, Failure> {
    Ok(MetricKey {
        scope: scope.clone(),
        namespace: namespace_of(namespace)?.to_owned(),
        name: name.name(NAME_LENGTH_MAX)?.to_owned(),
        dimensions: dimensions_of(dimensions)?,
    })
}

/// A namespace, which must be there.
pub(super) fn namespace_of<'d>(namespace: &Member<'d>) -> Result<&'d str, Failure> {
    let text = namespace.name(NAME_LENGTH_MAX)?;
    if text.starts_with(':') {
        return Err(namespace.invalid("must not start with a colon."));
    }
    Ok(text)
}

/// Names and values of dimensions, sorted; of a name that is given twice, AWS takes the metric to be another one, and so do we.
fn dimensions_of(dimensions: &Member<'_>) -> Result<Vec<(String, String)>, Failure> {
    let items = dimensions.items()?;
    if items.len() > DIMENSIONS_MAX {
        return Err(dimensions.invalid(&format!("must have no more than {DIMENSIONS_MAX} items.")));
    }
    let mut pairs = Vec::with_capacity(items.len());
    for item in items {
        let name = item.member("Name").name(NAME_LENGTH_MAX)?;
        let value = item.member("Value").name(VALUE_LENGTH_MAX)?;
        pairs.push((name.to_owned(), value.to_owned()));
    }
    pairs.sort();
    Ok(pairs)
}

/// A unit, when one is given.
pub(super) fn unit_of(unit: &Member<'_>) -> Result<Option<String>, Failure> {
    match unit.text()? {
        None => Ok(None),
        Some(text) if UNITS.contains(&text) => Ok(Some(text.to_owned())),
        Some(_) => Err(unit.invalid("must be a value in the set of standard units.")),
    }
}

/// A metric as answers show it.
pub(super) fn describe(key: &MetricKey) -> Document {
    let dimension = |(name, value): &(String, String)| {
        Document::structure([("Name", Document::text(name)), ("Value", Document::text(value))])
    };
    Document::structure([
        ("Namespace", Document::text(&key.namespace)),
        ("MetricName", Document::text(&key.name)),
        ("Dimensions", Document::List(key.dimensions.iter().map(dimension).collect())),
    ])
}
