use super::*;

#[test]
fn a_value_is_three_words() {
    assert_eq!(size_of::<Value>(), 24);
}

#[test]
fn doubles_print_as_java_prints_them() {
    let cases = [
        (0.0, "0.0"),
        (-0.0, "-0.0"),
        (1.0, "1.0"),
        (-1.5, "-1.5"),
        (100.0, "100.0"),
        (0.1, "0.1"),
        (0.001, "0.001"),
        (0.00012, "1.2E-4"),
        (9_999_999.0, "9999999.0"),
        (1e7, "1.0E7"),
        (1e10, "1.0E10"),
        (123_456_789.125, "1.23456789125E8"),
        (1.0 / 3.0, "0.3333333333333333"),
        (f64::MAX, "1.7976931348623157E308"),
        (f64::MIN_POSITIVE, "2.2250738585072014E-308"),
        (f64::INFINITY, "Infinity"),
        (f64::NEG_INFINITY, "-Infinity"),
        (f64::NAN, "NaN"),
    ];
    for (double, expected) in cases {
        assert_eq!(Number::Double(double).to_string(), expected);
    }
}

#[test]
fn maps_keep_their_order_beyond_a_few_entries() {
    let mut map: Map = (0..20_usize).map(|index| (format!("k{index}"), Value::from(index))).collect();
    assert_eq!(map.insert("k3", Value::Null).unwrap().as_i64(), Some(3));
    assert_eq!(map.remove("k0").unwrap().as_i64(), Some(0));
    assert!(map.remove("k0").is_none());
    let keys: Vec<&str> = map.keys().map(|key| &**key).collect();
    assert_eq!(keys[..3], ["k1", "k2", "k3"]);
    assert_eq!(map.len(), 19);
    map.clear();
    assert!(map.is_empty());
}

#[test]
fn opaque_maps_print_nothing_and_entries_print_as_pairs() {
    let mut opaque = Map::with_kind(MapKind::Opaque);
    opaque.insert("k", Value::from("v"));
    assert_eq!(&*Value::map(opaque).to_text().unwrap(), "");
    let mut entry = Map::with_kind(MapKind::Entry);
    entry.insert("key", Value::from("k"));
    entry.insert("value", Value::Null);
    assert_eq!(&*Value::map(entry).to_text().unwrap(), "k=null");
}
