//! `GetMetricData`: several metrics at once, each one statistic.

use std::{collections::BTreeMap, sync::Arc};

use definition::time::EpochMillis;
use store::{Datapoint, MetricKey, Reader, Store};

use super::{
    Call, Outcome, datapoint,
    document::{Document, Member},
    failure::Failure,
    get_statistics::{Grid, aligned, period_of, times_of},
    metric_key::{NAME_LENGTH_MAX, metric_key, unit_of},
    statistic::Statistic,
};

/// Queries of one call.
const QUERIES_MAX: usize = 500;
/// Datapoints of one page.
const DATAPOINTS_MAX: usize = 100_800;

/// One metric's statistic.
struct Query {
    id: String,
    label: String,
    key: MetricKey,
    grid: Grid,
    statistic: Statistic,
    unit: Option<String>,
    returned: bool,
}

/// A query's values by time, in the order that was asked for.
type Values = Vec<(EpochMillis, f64)>;

/// Where a page begins: the query's place in the request, and how many of its values came before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Cursor {
    query: usize,
    value: usize,
}

impl Cursor {
    fn read(token: &Member<'_>) -> Result<Self, Failure> {
        let Some(text) = token.text()? else { return Ok(Self { query: 0, value: 0 }) };
        let parts = text.split_once('/').and_then(|(query, value)| Some((query.parse().ok()?, value.parse().ok()?)));
        let (query, value) = parts.ok_or(Failure::InvalidNextToken)?;
        Ok(Self { query, value })
    }
}

pub(super) async fn get(store: &Store, call: &Call) -> Outcome {
    let input = &call.input;
    let (start, end) = times_of(input)?;
    let scan = input.member("ScanBy");
    let is_descending = match scan.text()? {
        None | Some("TimestampDescending") => true,
        Some("TimestampAscending") => false,
        Some(_) => return Err(scan.invalid("must be TimestampDescending or TimestampAscending.")),
    };
    let most = input.member("MaxDatapoints");
    let room = most.positive()?.map_or(DATAPOINTS_MAX, |most| usize::try_from(most).unwrap_or(usize::MAX));
    if room > DATAPOINTS_MAX {
        return Err(most.invalid(&format!("must be no more than {DATAPOINTS_MAX}.")));
    }
    let cursor = Cursor::read(&input.member("NextToken"))?;
    let queries = Arc::new(queries(call, start, end)?);
    let mut page = Page { results: Vec::new(), room, next: None };
    for index in cursor.query..queries.len() {
        let shared = Arc::clone(&queries);
        let read = move |reader: &Reader<'_>| shared.get(index).map_or(Ok(Values::new()), |query| query.values(reader));
        let Some(query) = queries.get(index).filter(|query| query.returned) else { continue };
        let mut values = store.read(read).await?;
        if is_descending {
            values.reverse();
        }
        let skipped = if index == cursor.query { cursor.value } else { 0 };
        page.add(query, Cursor { query: index, value: skipped }, &values);
        if page.next.is_some() {
            break;
        }
    }
    let mut output = vec![("MetricDataResults".to_owned(), Document::List(page.results))];
    if let Some(Cursor { query, value }) = page.next {
        output.push(("NextToken".to_owned(), Document::Text(format!("{query}/{value}"))));
    }
    output.push(("Messages".to_owned(), Document::List(Vec::new())));
    Ok(Some(Document::Structure(output)))
}

fn queries(call: &Call, start: EpochMillis, end: EpochMillis) -> Result<Vec<Query>, Failure> {
    let list = call.input.member("MetricDataQueries");
    let items = list.items()?;
    if items.is_empty() {
        return Err(list.missing());
    }
    if items.len() > QUERIES_MAX {
        return Err(list.invalid(&format!("must have no more than {QUERIES_MAX} items.")));
    }
    let queries = items.iter().map(|item| query(call, item, start, end)).collect::<Result<Vec<_>, _>>()?;
    for (index, query) in queries.iter().enumerate() {
        if queries.iter().take(index).any(|other| other.id == query.id) {
            return Err(Failure::Combination(format!("The value '{}' for parameter Id is not unique.", query.id)));
        }
    }
    Ok(queries)
}

fn query(call: &Call, item: &Member<'_>, start: EpochMillis, end: EpochMillis) -> Result<Query, Failure> {
    let id_member = item.member("Id");
    let id = id_member.name(NAME_LENGTH_MAX)?;
    let is_id = id.starts_with(|first: char| first.is_ascii_lowercase())
        && id.chars().all(|character| character.is_ascii_alphanumeric() || character == '_');
    if !is_id {
        return Err(id_member.invalid("must start with a lower-case letter and hold letters, digits and underscores."));
    }
    if let Some(expression) = item.member("Expression").text()? {
        return Err(Failure::Unsupported { what: format!("the metric math expression {expression:?}") });
    }
    if item.member("AccountId").text()?.is_some_and(|account| account != call.caller.scope.account) {
        return Err(Failure::Unsupported { what: "metrics of other accounts".to_owned() });
    }
    let wanted = item.member("MetricStat");
    if !wanted.is_given() {
        return Err(wanted.missing());
    }
    let metric = wanted.member("Metric");
    let dimensions = metric.member("Dimensions");
    let name = metric.member("MetricName");
    let key = metric_key(&call.caller.scope, &metric.member("Namespace"), &name, &dimensions)?;
    let period_ms = period_of(&wanted.member("Period"))?;
    let statistic = wanted.member("Stat").name(NAME_LENGTH_MAX)?;
    let unsupported = |_| Failure::Unsupported { what: format!("the statistic {statistic:?}") };
    Ok(Query {
        id: id.to_owned(),
        label: item.member("Label").text()?.unwrap_or(&key.name).to_owned(),
        grid: Grid { start: aligned(start, period_ms), end, period_ms },
        statistic: statistic.parse().map_err(unsupported)?,
        unit: unit_of(&wanted.member("Unit"))?,
        returned: item.member("ReturnData").flag()?.unwrap_or(true),
        key,
    })
}

impl Query {
    /// The statistic of each period that has measurements; without a unit, those of all units together.
    fn values(&self, reader: &Reader<'_>) -> Result<Values, Failure> {
        let mut by_time: BTreeMap<EpochMillis, Datapoint> = BTreeMap::new();
        for ((at, _), measured) in self.grid.read(reader, &self.key, self.unit.as_deref())? {
            match by_time.get_mut(&at) {
                Some(sum) => datapoint::merge(sum, &measured),
                None => drop(by_time.insert(at, measured)),
            }
        }
        let value = |(at, measured): (&EpochMillis, &Datapoint)| Some((*at, self.statistic.of(measured)?));
        Ok(by_time.iter().filter_map(value).collect())
    }
}

/// An answer that is being filled.
struct Page {
    results: Vec<Document>,
    room: usize,
    next: Option<Cursor>,
}

impl Page {
    /// Adds a query's values from the cursor on, as many as there is room for.
    fn add(&mut self, query: &Query, from: Cursor, values: &Values) {
        let rest = values.get(from.value..).unwrap_or_default();
        let fitting = rest.get(..self.room).unwrap_or(rest);
        self.room -= fitting.len();
        let is_complete = fitting.len() == rest.len();
        if !is_complete {
            self.next = Some(Cursor { query: from.query, value: from.value + fitting.len() });
        }
        self.results.push(Document::structure([
            ("Id", Document::text(&query.id)),
            ("Label", Document::text(&query.label)),
            ("Timestamps", Document::List(fitting.iter().map(|(at, _)| Document::Time(*at)).collect())),
            ("Values", Document::List(fitting.iter().map(|(_, value)| Document::Number(*value)).collect())),
            ("StatusCode", Document::text(if is_complete { "Complete" } else { "PartialData" })),
        ]));
    }
}
