//! `ListMetrics`.

use std::ops::ControlFlow;

use definition::time::EpochMillis;
use store::{Metric, MetricId, Reader, Store};

use super::{
    Call, Outcome,
    document::{Document, Member},
    failure::Failure,
    metric_key::{NAME_LENGTH_MAX, VALUE_LENGTH_MAX, describe},
};

/// Metrics of one page.
const PAGE_MAX: usize = 500;
/// Dimensions that a request may ask for.
const FILTERS_MAX: usize = 10;
const HOUR_MS: i64 = 60 * 60 * 1000;
/// Metrics without measurements for so long are not listed.
const LISTED_MS: i64 = 14 * 24 * HOUR_MS;

/// What metrics must have.
struct Wanted {
    namespace: Option<String>,
    name: Option<String>,
    dimensions: Vec<(String, Option<String>)>,
}

impl Wanted {
    fn includes(&self, metric: &Metric) -> bool {
        let key = &metric.key;
        let has = |(name, value): &(String, Option<String>)| {
            let fits = |(other, actual): &(String, String)| {
                other == name && value.as_ref().is_none_or(|value| value == actual)
            };
            key.dimensions.iter().any(fits)
        };
        self.namespace.as_ref().is_none_or(|namespace| *namespace == key.namespace)
            && self.name.as_ref().is_none_or(|name| *name == key.name)
            && self.dimensions.iter().all(has)
    }
}

pub(super) async fn list(store: &Store, call: &Call) -> Outcome {
    let input = &call.input;
    let text = |name, length_max| input.member(name).optional_name(length_max).map(|text| text.map(str::to_owned));
    let wanted = Wanted {
        namespace: text("Namespace", NAME_LENGTH_MAX)?,
        name: text("MetricName", NAME_LENGTH_MAX)?,
        dimensions: filters(&input.member("Dimensions"))?,
    };
    let recently = input.member("RecentlyActive");
    let since = match recently.text()? {
        None => call.now.0 - LISTED_MS,
        Some("PT3H") => call.now.0 - 3 * HOUR_MS,
        Some(_) => return Err(recently.invalid("must be PT3H.")),
    };
    let after = match input.member("NextToken").text()? {
        None => 0,
        Some(token) => token.parse().map_err(|_| Failure::InvalidNextToken)?,
    };
    let scope = call.caller.scope.clone();
    let read = move |reader: &Reader<'_>| -> Result<Vec<Metric>, Failure> {
        let mut metrics = Vec::new();
        reader.scan_metrics(&scope, MetricId(after), EpochMillis(since), |metric| {
            if wanted.includes(&metric) {
                metrics.push(metric);
            }
            // One more than a page holds tells whether there is a next one.
            if metrics.len() > PAGE_MAX { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        Ok(metrics)
    };
    let mut metrics = store.read(read).await?;
    let more = metrics.len() > PAGE_MAX;
    metrics.truncate(PAGE_MAX);
    let listed = metrics.iter().map(|metric| describe(&metric.key)).collect();
    let mut output = vec![("Metrics".to_owned(), Document::List(listed))];
    if let Some(last) = metrics.last().filter(|_| more) {
        output.push(("NextToken".to_owned(), Document::Text(last.id.0.to_string())));
    }
    Ok(Some(Document::Structure(output)))
}

fn filters(dimensions: &Member<'_>) -> Result<Vec<(String, Option<String>)>, Failure> {
    let items = dimensions.items()?;
    if items.len() > FILTERS_MAX {
        return Err(dimensions.invalid(&format!("must have no more than {FILTERS_MAX} items.")));
    }
    let filter = |item: Member<'_>| {
        let name = item.member("Name").name(NAME_LENGTH_MAX)?.to_owned();
        let value = item.member("Value").optional_name(VALUE_LENGTH_MAX)?.map(str::to_owned);
        Ok((name, value))
    };
    items.into_iter().map(filter).collect()
}
