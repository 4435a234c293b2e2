//! `GetMetricStatistics`, and what it shares with `GetMetricData`: periods and the datapoints that fall into them.

use std::{collections::BTreeMap, ops::ControlFlow};

use definition::time::EpochMillis;
use store::{Datapoint, MetricKey, Reader, Store};

use super::{
    Call, Outcome, datapoint,
    document::{Document, Member},
    failure::Failure,
    metric_key::{metric_key, unit_of},
    statistic::Statistic,
};

/// Datapoints that one call may ask for.
const DATAPOINTS_MAX: i64 = 1440;
/// The longest period: a day.
const PERIOD_S_MAX: u32 = 86_400;
const MINUTE_MS: i64 = 60_000;

/// The time that a request asks about, in steps of a period.
#[derive(Debug, Clone, Copy)]
pub(super) struct Grid {
    pub(super) start: EpochMillis,
    pub(super) end: EpochMillis,
    pub(super) period_ms: i64,
}

/// Datapoints by the beginning of their period and by unit.
pub(super) type Series = BTreeMap<(EpochMillis, String), Datapoint>;

impl Grid {
    /// Reads what of the metric lies on the grid, in one unit or in any.
    pub(super) fn read(self, reader: &Reader<'_>, key: &MetricKey, unit: Option<&str>) -> Result<Series, Failure> {
        let mut series = Series::new();
        let Some(metric) = reader.metric(key)? else { return Ok(series) };
        reader.scan_datapoints(metric, self.start, self.end, |minute, found, measured| {
            if unit.is_none_or(|unit| unit == found) {
                let steps = (minute.0 - self.start.0).div_euclid(self.period_ms);
                let begin = EpochMillis(self.start.0 + steps * self.period_ms);
                match series.get_mut(&(begin, found.clone())) {
                    Some(sum) => datapoint::merge(sum, &measured),
                    None => drop(series.insert((begin, found), measured)),
                }
            }
            ControlFlow::Continue(())
        })?;
        Ok(series)
    }

    /// How many periods there are.
    pub(super) fn periods(self) -> i64 {
        let length = self.end.0 - self.start.0;
        length.div_euclid(self.period_ms) + i64::from(length.rem_euclid(self.period_ms) > 0)
    }
}

/// A period in milliseconds.
pub(super) fn period_of(period: &Member<'_>) -> Result<i64, Failure> {
    let seconds = period.required(period.positive()?)?;
    let is_allowed = [1, 5, 10, 20, 30].contains(&seconds) || seconds % 60 == 0;
    if !is_allowed || seconds > PERIOD_S_MAX {
        return Err(period.invalid("must be 1, 5, 10, 20, 30 or a multiple of 60, and no more than 86400."));
    }
    Ok(i64::from(seconds) * 1000)
}

/// Start and end, of which the start is the earlier.
pub(super) fn times_of(input: &Document) -> Result<(EpochMillis, EpochMillis), Failure> {
    let (start, end) = (input.member("StartTime"), input.member("EndTime"));
    let (from, to) = (start.required(start.time()?)?, end.required(end.time()?)?);
    if from >= to {
        return Err(start.invalid("must be less than the parameter EndTime."));
    }
    Ok((from, to))
}

/// The last moment at or before `at` that is a multiple of `step_ms`.
pub(super) fn aligned(at: EpochMillis, step_ms: i64) -> EpochMillis {
    EpochMillis(at.0 - at.0.rem_euclid(step_ms))
}

/// What is asked for.
struct Wanted {
    basic: Vec<Statistic>,
    extended: Vec<(String, Statistic)>,
}

pub(super) async fn get(store: &Store, call: &Call) -> Outcome {
    let input = &call.input;
    let name = input.member("MetricName");
    let key = metric_key(&call.caller.scope, &input.member("Namespace"), &name, &input.member("Dimensions"))?;
    let (start, end) = times_of(input)?;
    let period_ms = period_of(&input.member("Period"))?;
    let unit = unit_of(&input.member("Unit"))?;
    let wanted = Wanted::read(input)?;
    let grid = Grid { start: aligned(start, MINUTE_MS.min(period_ms)), end, period_ms };
    if grid.periods() > DATAPOINTS_MAX {
        return Err(Failure::Combination(format!(
            "You have requested up to {} datapoints, which exceeds the limit of {}. You may reduce the datapoints requested \
             by increasing Period, or decreasing the time range.",
            with_commas(grid.periods()),
            with_commas(DATAPOINTS_MAX)
        )));
    }
    let label = Document::text(&key.name);
    let series = store.read(move |reader: &Reader<'_>| grid.read(reader, &key, unit.as_deref())).await?;
    let datapoints = series.iter().map(|((at, unit), measured)| wanted.describe(*at, unit, measured)).collect();
    Ok(Some(Document::structure([("Label", label), ("Datapoints", Document::List(datapoints))])))
}

impl Wanted {
    fn read(input: &Document) -> Result<Self, Failure> {
        let (basic, extended) = (input.member("Statistics"), input.member("ExtendedStatistics"));
        let mut wanted = Self { basic: Vec::new(), extended: Vec::new() };
        for item in basic.items()? {
            let statistic = item.text()?.and_then(|text| text.parse().ok());
            match statistic {
                Some(Statistic::Percentile(_)) | None => {
                    return Err(item.invalid("must be one of SampleCount, Average, Sum, Minimum, Maximum."));
                }
                Some(statistic) => wanted.basic.push(statistic),
            }
        }
        for item in extended.items()? {
            let text = item.text()?.unwrap_or_default();
            match text.parse() {
                Ok(statistic @ Statistic::Percentile(_)) => wanted.extended.push((text.to_owned(), statistic)),
                _ => return Err(Failure::Unsupported { what: format!("the extended statistic {text:?}") }),
            }
        }
        if wanted.basic.is_empty() && wanted.extended.is_empty() {
            let rule = "At least one of the parameters Statistics and ExtendedStatistics must be specified.";
            return Err(Failure::Combination(rule.to_owned()));
        }
        Ok(wanted)
    }

    fn describe(&self, at: EpochMillis, unit: &str, measured: &Datapoint) -> Document {
        let mut members = vec![("Timestamp".to_owned(), Document::Time(at))];
        let value = |statistic: &Statistic| statistic.of(measured).map(Document::Number);
        members.extend(self.basic.iter().filter_map(|statistic| Some((statistic.to_string(), value(statistic)?))));
        members.push(("Unit".to_owned(), Document::text(unit)));
        let extended: Vec<_> =
            self.extended.iter().filter_map(|(text, statistic)| Some((text.clone(), value(statistic)?))).collect();
        if !extended.is_empty() {
            members.push(("ExtendedStatistics".to_owned(), Document::Map(extended)));
        }
        Document::Structure(members)
    }
}

/// `1440` as `1,440`.
fn with_commas(number: i64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
