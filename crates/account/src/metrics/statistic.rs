//! Statistics of datapoints ("CloudWatch statistics definitions").

use std::{fmt, str::FromStr};

use store::Datapoint;

/// A number made of a datapoint.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Statistic {
    SampleCount,
    Average,
    Sum,
    Minimum,
    Maximum,
    /// `p` and a number from 0 to 100.
    Percentile(f64),
}

/// A text that names no statistic that is here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct UnknownStatistic;

impl FromStr for Statistic {
    type Err = UnknownStatistic;

    fn from_str(text: &str) -> Result<Self, UnknownStatistic> {
        Ok(match text {
            "SampleCount" => Self::SampleCount,
            "Average" => Self::Average,
            "Sum" => Self::Sum,
            "Minimum" => Self::Minimum,
            "Maximum" => Self::Maximum,
            _ => {
                let digits = text.strip_prefix('p').ok_or(UnknownStatistic)?;
                let is_plain = digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
                let percent = digits.parse().ok().filter(|percent| is_plain && (0.0..=100.0).contains(percent));
                Self::Percentile(percent.ok_or(UnknownStatistic)?)
            }
        })
    }
}

impl fmt::Display for Statistic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Percentile(percent) => write!(f, "p{percent}"),
            Self::SampleCount | Self::Average | Self::Sum | Self::Minimum | Self::Maximum => write!(f, "{self:?}"),
        }
    }
}

impl Statistic {
    /// The statistic of a datapoint; `None` for a percentile where the distribution is not known or values are negative.
    pub(super) fn of(self, datapoint: &Datapoint) -> Option<f64> {
        match self {
            Self::SampleCount => Some(datapoint.samples),
            Self::Average => Some(datapoint.sum / datapoint.samples),
            Self::Sum => Some(datapoint.sum),
            Self::Minimum => Some(datapoint.minimum),
            Self::Maximum => Some(datapoint.maximum),
            Self::Percentile(percent) => percentile(percent, datapoint),
        }
    }
}

/// The least value that at least so many percent of the samples do not exceed.
fn percentile(percent: f64, datapoint: &Datapoint) -> Option<f64> {
    let known: f64 = datapoint.samples_by_value.iter().map(|(_, count)| count).sum();
    if datapoint.minimum < 0.0 || known + COUNT_TOLERANCE * known < datapoint.samples {
        return None;
    }
    let wanted = percent / 100.0 * known;
    let mut passed = 0.0;
    let reaches = |(_, count): &&(f64, f64)| {
        passed += count;
        passed >= wanted
    };
    let found = datapoint.samples_by_value.iter().find(reaches).or(datapoint.samples_by_value.last());
    found.map(|(value, _)| *value)
}

/// Sums of counts that were added up in different orders differ by so much of them.
const COUNT_TOLERANCE: f64 = 1e-9;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::datapoint::of_values;

    fn check(statistic: &str, values: &[(f64, f64)], expected: f64) {
        let statistic: Statistic = statistic.parse().unwrap();
        assert_eq!(statistic.of(&of_values(values).unwrap()), Some(expected), "{statistic} of {values:?}");
    }

    #[test]
    fn statistics_are_of_all_samples() {
        let values = [(1.0, 1.0), (2.0, 2.0), (5.0, 1.0)];
        check("SampleCount", &values, 4.0);
        check("Average", &values, 2.5);
        check("Sum", &values, 10.0);
        check("Minimum", &values, 1.0);
        check("Maximum", &values, 5.0);
        check("p0", &values, 1.0);
        check("p50", &values, 2.0);
        check("p75", &values, 2.0);
        check("p75.1", &values, 5.0);
        check("p100", &values, 5.0);
    }

    #[test]
    fn a_percentile_needs_the_distribution_and_no_negative_values() {
        let mut datapoint = of_values(&[(1.0, 1.0)]).unwrap();
        datapoint.samples = 2.0;
        assert_eq!(Statistic::Percentile(50.0).of(&datapoint), None);
        assert_eq!(Statistic::Percentile(50.0).of(&of_values(&[(-1.0, 1.0)]).unwrap()), None);
    }

    #[test]
    fn other_texts_are_no_statistics() {
        for text in ["", "p", "p101", "p-1", "p1e1", "tm90", "average", "pNaN"] {
            assert_eq!(text.parse::<Statistic>(), Err(UnknownStatistic), "{text}");
        }
    }
}
