//! The loaded stages: what is put in, what a change takes out, and what a late load must not put back.

use std::sync::Arc;

use definition::id::{RestApiId, StageName};

use crate::fixture::{API_ID, Api, stages};

fn key() -> (RestApiId, StageName) {
    (API_ID.parse().expect("an id"), "prod".parse().expect("a name"))
}

#[test]
fn a_stage_is_found_until_its_api_changes() {
    let (api_id, name) = key();
    let stages = stages();
    let loaded = Api::new().load();
    assert!(stages.get(&api_id, &name).is_none());
    assert!(stages.insert(&api_id, &name, &loaded, stages.ticket(&api_id)));
    assert!(stages.get(&api_id, &name).is_some_and(|found| Arc::ptr_eq(&found, &loaded)));
    assert!(stages.get(&api_id, &"Prod".parse().expect("a name")).is_none());
    stages.invalidate(&api_id);
    assert!(stages.get(&api_id, &name).is_none());
}

#[test]
fn a_load_that_began_before_a_change_is_not_kept() {
    let (api_id, name) = key();
    let stages = stages();
    let ticket = stages.ticket(&api_id);
    stages.invalidate(&api_id);
    assert!(!stages.insert(&api_id, &name, &Api::new().load(), ticket));
    assert!(stages.get(&api_id, &name).is_none());

    let ticket = stages.ticket(&api_id);
    stages.clear();
    assert!(!stages.insert(&api_id, &name, &Api::new().load(), ticket));
}
