use super::*;

#[test]
fn an_api_goes_by_its_ascii_name_or_by_its_id() {
    let scope = Scope { account: "123456789012".to_owned(), region: "us-east-1".to_owned() };
    for (name, expected) in [("pets", "pets"), ("Häuser", "Huser"), ("家", "abcdef1234"), (" é ", "abcdef1234")] {
        assert_eq!(&*Labels::new(&scope, name, "abcdef1234", "prod").api_name, expected, "{name}");
    }
    let long = "x".repeat(DIMENSION_BYTES_MAX + 1);
    assert_eq!(Labels::new(&scope, &long, "abcdef1234", "prod").api_name.len(), DIMENSION_BYTES_MAX);
}

#[test]
fn times_are_counted_in_whole_milliseconds_until_there_is_no_room() {
    let mut histogram = Histogram::default();
    for time_us in [1_900, 1_000, 3_000, 999] {
        assert!(!histogram.add(Duration::from_micros(time_us)));
    }
    assert_eq!(histogram.values(), [(0.0, 1.0), (1.0, 2.0), (3.0, 1.0)]);
    let full = (4..1000).position(|time_ms| histogram.add(Duration::from_millis(time_ms)));
    assert_eq!(full, Some(histogram::VALUES_MAX - 4));
    histogram.clear();
    assert_eq!(histogram.values(), []);
}
