//! Any host and target is an address or none, any query is read, and its paths agree with each other: the host is the
//! first line, the target the others.
#![no_main]

use execute_api::{
    address::{Address, is_data_plane, split_target},
    request::QueryParameters,
};

libfuzzer_sys::fuzz_target!(|text: &str| {
    let (host, target) = text.split_once('\n').unwrap_or((text, ""));
    let (path, query) = split_target(target);
    if let Some(address) = Address::parse(host, target) {
        assert!(is_data_plane(host, path));
        assert!(address.path().starts_with('/'));
        assert!(address.context_path().starts_with('/'));
    }
    if let Some(query) = query {
        assert!(QueryParameters::parse(query).0.len() <= query.len() + 1);
    }
});
