use definition::time::EpochMillis;
use proptest::prelude::*;

use super::{VALUES_MAX, merge, minute_of, of_values};

#[test]
fn a_minute_begins_at_or_before_each_of_its_moments() {
    for (at, minute) in [(0, 0), (59_999, 0), (60_000, 60_000), (-1, -60_000)] {
        assert_eq!(minute_of(EpochMillis(at)), EpochMillis(minute), "{at}");
    }
}

#[test]
fn statistics_are_those_of_all_values() {
    let mut datapoint = of_values(&[(3.0, 2.0), (1.0, 1.0), (f64::NAN, 1.0), (9.0, 0.0)]).unwrap();
    merge(&mut datapoint, &of_values(&[(1.0, 1.0), (-5.0, 1.0)]).unwrap());
    assert_eq!((datapoint.samples, datapoint.sum, datapoint.minimum, datapoint.maximum), (5.0, 3.0, -5.0, 3.0));
    assert_eq!(datapoint.samples_by_value, [(-5.0, 1.0), (1.0, 2.0), (3.0, 2.0)]);
    assert_eq!(of_values(&[]), None);
    assert_eq!(of_values(&[(1.0, 0.0), (f64::INFINITY, 1.0)]), None);
}

proptest! {
    #[test]
    fn a_distribution_stays_small_sorted_and_complete(
        first in prop::collection::vec((-1e12..1e12_f64, 1.0..5.0_f64), 1..1500),
        second in prop::collection::vec((0.0..1e3_f64, 1.0..5.0_f64), 1..1500),
    ) {
        let mut datapoint = of_values(&first).unwrap();
        merge(&mut datapoint, &of_values(&second).unwrap());
        let pairs = &datapoint.samples_by_value;
        prop_assert!(pairs.len() <= VALUES_MAX);
        prop_assert!(pairs.is_sorted_by(|(a, _), (b, _)| a < b));
        prop_assert!(pairs.iter().all(|(value, _)| (datapoint.minimum..=datapoint.maximum).contains(value)));
        let counted: f64 = pairs.iter().map(|(_, count)| count).sum();
        prop_assert!((counted - datapoint.samples).abs() < 1e-6 * datapoint.samples);
    }
}
