//! Any document is imported or refused; what is imported can be served and exported, and its findings have places.
#![no_main]

use definition::{
    Scope,
    openapi::{
        BasePathMode, DocumentationMode, ExportOptions, Extension, ImportOptions, Spans, Version, check, export,
        import, to_yaml,
    },
    rest_api::RestApi,
    time::EpochSeconds,
};
use execute_api::stage::LoadedStage;

libfuzzer_sys::fuzz_target!(|document: &[u8]| {
    let options = ImportOptions {
        scope: Scope { account: "000000000000".to_owned(), region: "us-east-1".to_owned() },
        base: RestApi {
            name: "fuzz".to_owned(),
            ..RestApi::new("a1b2c3d4e5".parse().expect("an id"), "a1b2c3d4e5".parse().expect("an id"), EpochSeconds(0))
        },
        base_path: BasePathMode::Prepend,
        endpoint_type: None,
        vpc_endpoint_ids: Vec::new(),
        documentation: DocumentationMode::Read,
    };
    let mut number = 0;
    let mut ids = || {
        number += 1;
        format!("{number:06}")
    };
    if let Ok(imported) = import(document, &options, &mut ids) {
        let _ = LoadedStage::for_test_invocation(&options.scope, Default::default(), &imported.snapshot, None);
        for version in [Version::Swagger2, Version::OpenApi3] {
            let stage_name = &"prod".parse().expect("a name");
            let options = ExportOptions {
                version,
                extensions: &[Extension::ApiGateway],
                region: "us-east-1",
                stage_name,
                documentation: None,
            };
            let _ = export(&imported.snapshot, &options).map(|document| to_yaml(&document));
        }
    }
    if let (Ok(checked), Ok(text)) = (check(document, &options, &mut ids), std::str::from_utf8(document)) {
        let spans = Spans::of(text);
        for pointer in checked.diagnostics.iter().filter_map(|diagnostic| diagnostic.pointer.as_deref()) {
            let span = spans.as_ref().and_then(|spans| spans.get(pointer));
            assert!(span.is_none_or(|span| text.get(span).is_some()), "{pointer}");
        }
    }
});
