//! Specification, "Usage plan, plan keys, usage": what was used, and what is left. All calls are made on Tuesday 2023-11-14.

use apigateway::add_usage;
use jiff::civil::{Date, date};
use serde_json::{Value, json};

use crate::gateway::{Gateway, patch_document, scope};

/// A plan of a test, with a key in it.
struct Plan<'a> {
    gateway: &'a Gateway,
    id: String,
    key: String,
}

impl<'a> Plan<'a> {
    async fn start(gateway: &'a Gateway, quota: Value) -> Self {
        let mut body = json!({ "name": "p" });
        if !quota.is_null() {
            body["quota"] = quota;
        }
        let id = gateway.expect(201, "POST", "/usageplans", body).await.id();
        let key = Self::add_key(gateway, &id).await;
        Self { gateway, id, key }
    }

    async fn add_key(gateway: &Gateway, plan: &str) -> String {
        let key = gateway.expect(201, "POST", "/apikeys", json!({})).await.id();
        let body = json!({ "keyId": key, "keyType": "API_KEY" });
        gateway.expect(201, "POST", &format!("/usageplans/{plan}/keys"), body).await;
        key
    }

    /// Counts requests as the data plane does it; whether they were kept.
    async fn count(&self, day: Date, requests: u64) -> bool {
        let (plan, key) = (self.id.parse().unwrap(), self.key.parse().unwrap());
        let add =
            self.gateway.store.write(move |transaction| add_usage(transaction, &scope(), &plan, &key, day, requests));
        add.await.unwrap()
    }

    /// The key's days.
    async fn days(&self, first: &str, last: &str) -> Value {
        let usage = self.gateway.get(&format!("/usageplans/{}/usage?startDate={first}&endDate={last}", self.id)).await;
        usage["values"][&self.key].clone()
    }

    fn remaining_path(&self) -> String {
        format!("/usageplans/{}/keys/{}/usage", self.id, self.key)
    }
}

#[tokio::test]
async fn days_add_up_until_the_period_ends() {
    let gateway = Gateway::start();
    let plan = Plan::start(&gateway, json!({ "limit": 100, "period": "MONTH" })).await;
    for requests in [3, 4] {
        assert!(plan.count(date(2023, 11, 2), requests).await);
    }
    plan.count(date(2023, 11, 14), 50).await;
    let path = format!("/usageplans/{}/usage?startDate=2023-11-13&endDate=2023-11-15", plan.id);
    let expected = json!({
        "usagePlanId": plan.id, "startDate": "2023-11-13", "endDate": "2023-11-15",
        "values": { plan.key.as_str(): [[0, 93], [50, 43], [0, 43]] },
    });
    assert_eq!(gateway.get(&path).await, expected);
    assert_eq!(gateway.get(&format!("{path}&keyId={}", plan.key)).await, expected);
    assert_eq!(plan.days("2023-11-30", "2023-12-01").await, json!([[0, 43], [0, 100]]));
}

#[tokio::test]
async fn the_first_period_is_shorter_by_the_offset() {
    let gateway = Gateway::start();
    let plan = Plan::start(&gateway, json!({ "limit": 10, "offset": 4, "period": "WEEK" })).await;
    plan.count(date(2023, 11, 14), 5).await;
    assert_eq!(plan.days("2023-11-14", "2023-11-19").await, json!([[5, 1], [0, 1], [0, 1], [0, 1], [0, 1], [0, 10]]));
}

#[tokio::test]
async fn without_a_quota_requests_are_counted_all_the_same() {
    let gateway = Gateway::start();
    let plan = Plan::start(&gateway, Value::Null).await;
    plan.count(date(2023, 11, 14), 5).await;
    assert_eq!(plan.days("2023-11-14", "2023-11-15").await, json!([[5, -1], [0, -1]]));
    let refused = ("PATCH", plan.remaining_path(), patch_document(&["replace /remaining 3"]));
    let message = format!("Usage Plan {} has no quota", plan.id);
    gateway.refused((refused.0, &refused.1, refused.2), "BadRequestException", &message).await;
}

#[tokio::test]
async fn what_is_left_can_be_set_for_the_period() {
    let gateway = Gateway::start();
    let plan = Plan::start(&gateway, json!({ "limit": 100, "period": "MONTH" })).await;
    plan.count(date(2023, 11, 13), 20).await;
    plan.count(date(2023, 11, 14), 30).await;
    for remaining in [10, 500, 0] {
        let reply = gateway.patch(&plan.remaining_path(), &[&format!("replace /remaining {remaining}")]).await;
        let expected = json!({
            "usagePlanId": plan.id, "startDate": "2023-11-14", "endDate": "2023-11-14",
            "values": { plan.key.as_str(): [[30, remaining]] },
        });
        assert_eq!(reply.json, expected);
    }
    gateway.patch(&plan.remaining_path(), &["replace /remaining 10"]).await;
    plan.count(date(2023, 11, 15), 4).await;
    assert_eq!(plan.days("2023-11-13", "2023-11-15").await, json!([[20, 80], [30, 10], [4, 6]]));
    assert_eq!(plan.days("2023-12-01", "2023-12-01").await, json!([[0, 100]]));
}

#[tokio::test]
async fn bad_calls_are_refused() {
    let gateway = Gateway::start();
    let plan = Plan::start(&gateway, json!({ "limit": 1, "period": "DAY" })).await;
    let usage = format!("/usageplans/{}/usage", plan.id);
    for (path, error, message) in [
        (
            usage.clone(),
            "ValidationException",
            "2 validation errors detected: Value null at 'startDate' failed to satisfy constraint: Member must not be null; \
             Value null at 'endDate' failed to satisfy constraint: Member must not be null",
        ),
        (format!("{usage}?startDate=2023-11-1&endDate=x"), "BadRequestException", "Invalid date specified: 2023-11-1"),
        (
            format!("{usage}?startDate=2023-11-01T00:00:00&endDate=2023-11-02"),
            "BadRequestException",
            "Invalid date specified: 2023-11-01T00:00:00",
        ),
        (
            format!("{usage}?startDate=2023-11-02&endDate=2023-11-01"),
            "BadRequestException",
            "Invalid date range specified: it ends before it starts",
        ),
        (
            format!("{usage}?startDate=2023-01-01&endDate=2023-04-01"),
            "BadRequestException",
            "Invalid date range specified: it can have at most 90 days",
        ),
        (
            format!("{usage}?startDate=2023-11-01&endDate=2023-11-01&keyId=zzzzzzzzzz"),
            "NotFoundException",
            "Invalid Key identifier specified",
        ),
        (
            "/usageplans/zzzzzz/usage?startDate=2023-11-01&endDate=2023-11-01".to_owned(),
            "NotFoundException",
            "Invalid Usage Plan ID specified",
        ),
    ] {
        gateway.refused(("GET", &path, Value::Null), error, message).await;
    }
    assert_eq!(plan.days("2023-01-01", "2023-03-31").await.as_array().unwrap().len(), 90);
    assert_eq!(plan.days("9999-12-31", "9999-12-31").await, json!([[0, 1]]));
    assert_eq!(plan.days("0000-01-01", "0000-01-01").await, json!([[0, 1]]));
    for (operation, message) in [
        ("add /remaining 1", "Invalid patch path  '/remaining' specified for op 'add'. Must be one of: []"),
        ("replace /used 1", "Invalid patch path  '/used' specified for op 'replace'. Must be one of: [/remaining]"),
        ("replace /remaining -1", "Invalid remaining quota specified: -1"),
    ] {
        let body = patch_document(&[operation]);
        gateway.refused(("PATCH", &plan.remaining_path(), body), "BadRequestException", message).await;
    }
    let elsewhere = format!("/usageplans/{}/keys/zzzzzzzzzz/usage", plan.id);
    let body = patch_document(&["replace /remaining 1"]);
    gateway.refused(("PATCH", &elsewhere, body), "NotFoundException", "Invalid Key identifier specified").await;
}

#[tokio::test]
async fn keys_are_told_of_in_pages() {
    let gateway = Gateway::start();
    let plan = Plan::start(&gateway, json!({ "limit": 1, "period": "DAY" })).await;
    let other = Plan::add_key(&gateway, &plan.id).await;
    let path = format!("/usageplans/{}/usage?startDate=2023-11-14&endDate=2023-11-14&limit=1", plan.id);
    let first = gateway.get(&path).await;
    assert_eq!(first["values"], json!({ plan.key.as_str(): [[0, 1]] }));
    let second = gateway.get(&format!("{path}&position={}", first["position"].as_str().unwrap())).await;
    assert_eq!(second["values"], json!({ other.as_str(): [[0, 1]] }));
    assert_eq!(second.get("position"), None);
}

#[tokio::test]
async fn usage_goes_with_its_key_and_with_time() {
    let gateway = Gateway::start();
    let plan = Plan::start(&gateway, json!({ "limit": 10, "period": "DAY" })).await;
    plan.count(date(2022, 10, 1), 1).await;
    plan.count(date(2023, 11, 13), 2).await;
    plan.count(date(2023, 11, 14), 3).await;
    // The new day took the one with it that no call can tell of any more.
    assert_eq!(plan.days("2022-10-01", "2022-10-01").await, json!([[0, 10]]));
    assert_eq!(plan.days("2023-11-13", "2023-11-14").await, json!([[2, 8], [3, 7]]));
    let in_plan = format!("/usageplans/{}/keys/{}", plan.id, plan.key);
    gateway.expect(202, "DELETE", &in_plan, Value::Null).await;
    assert!(!plan.count(date(2023, 11, 14), 1).await);
    let body = json!({ "keyId": plan.key, "keyType": "API_KEY" });
    gateway.expect(201, "POST", &format!("/usageplans/{}/keys", plan.id), body).await;
    assert_eq!(plan.days("2023-11-14", "2023-11-14").await, json!([[0, 10]]));
}
