//! Any document is imported or refused.
#![no_main]

use definition::{
    Scope,
    openapi::{BasePathMode, ImportOptions, import},
    rest_api::RestApi,
    time::EpochSeconds,
};

libfuzzer_sys::fuzz_target!(|document: &[u8]| {
    let options = ImportOptions {
        scope: Scope { account: "000000000000".to_owned(), region: "us-east-1".to_owned() },
        base: RestApi {
            name: "fuzz".to_owned(),
            ..RestApi::new("a1b2c3d4e5".parse().expect("an id"), "a1b2c3d4e5".parse().expect("an id"), EpochSeconds(0))
        },
        base_path: BasePathMode::Prepend,
        endpoint_type: None,
    };
    let mut number = 0;
    let _ = import(document, &options, &mut || {
        number += 1;
        format!("{number:06}")
    });
});
