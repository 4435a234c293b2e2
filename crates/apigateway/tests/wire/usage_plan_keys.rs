//! Specification, "Usage plan, plan keys, usage": the keys of a plan.

use serde_json::{Value, json};

use crate::gateway::{Api, Gateway, Reply};

async fn plan(gateway: &Gateway, stages: &[Value]) -> String {
    gateway.expect(201, "POST", "/usageplans", json!({ "name": "p", "apiStages": stages })).await.id()
}

async fn key(gateway: &Gateway, name: &str) -> Reply {
    gateway.expect(201, "POST", "/apikeys", json!({ "name": name })).await
}

fn put(key: &str) -> Value {
    json!({ "keyId": key, "keyType": "API_KEY" })
}

#[tokio::test]
async fn keys_come_and_go() {
    let gateway = Gateway::start();
    let plan = plan(&gateway, &[]).await;
    let keys = format!("/usageplans/{plan}/keys");
    assert_eq!(gateway.get(&keys).await, json!({ "item": [] }));
    let mut shown = Vec::new();
    for name in ["ant", "bee", "Ant"] {
        let key = key(&gateway, name).await;
        let expected = json!({ "id": key.id(), "type": "API_KEY", "value": key.text("value"), "name": name });
        let reply = gateway.expect(201, "POST", &keys, put(&key.id())).await;
        assert_eq!(reply.json, expected);
        assert_eq!(gateway.get(&format!("{keys}/{}", key.id())).await, expected);
        shown.push(expected);
    }
    assert_eq!(gateway.get(&keys).await, json!({ "item": shown }));
    assert_eq!(gateway.get(&format!("{keys}?name=a")).await, json!({ "item": [shown[0]] }));
    let page = gateway.get(&format!("{keys}?limit=2")).await;
    let rest = gateway.get(&format!("{keys}?limit=2&position={}", page["position"].as_str().unwrap())).await;
    assert_eq!(rest, json!({ "item": [shown[2]] }));
    // A key's name is the key's own.
    let (ant, bee) = (shown[0]["id"].as_str().unwrap(), shown[1]["id"].as_str().unwrap());
    gateway.patch(&format!("/apikeys/{ant}"), &["replace /name asp"]).await;
    assert_eq!(gateway.get(&format!("{keys}/{ant}")).await["name"], "asp");

    gateway.expect(202, "DELETE", &format!("{keys}/{ant}"), Value::Null).await;
    gateway.expect(202, "DELETE", &format!("/apikeys/{bee}"), Value::Null).await;
    assert_eq!(gateway.get(&keys).await, json!({ "item": [shown[2]] }));
    assert_eq!(gateway.get(&format!("/usageplans?keyId={ant}")).await, json!({ "item": [] }));
    let path = format!("{keys}/{ant}");
    for method in ["GET", "DELETE"] {
        let message = "Invalid API Key identifier specified";
        gateway.refused((method, &path, Value::Null), "NotFoundException", message).await;
    }
}

#[tokio::test]
async fn a_bad_key_is_refused() {
    let gateway = Gateway::start();
    let plan = plan(&gateway, &[]).await;
    let keys = format!("/usageplans/{plan}/keys");
    let id = key(&gateway, "k").await.id();
    for (path, body, error, message) in [
        (
            keys.as_str(),
            json!({}),
            "ValidationException",
            "2 validation errors detected: Value null at 'createUsagePlanKeyInput.keyId' failed to satisfy constraint: Member \
             must not be null; Value null at 'createUsagePlanKeyInput.keyType' failed to satisfy constraint: Member must not be \
             null",
        ),
        (
            keys.as_str(),
            json!({ "keyId": id, "keyType": "OTHER" }),
            "BadRequestException",
            "Invalid key type specified. Must be one of: [API_KEY]",
        ),
        (keys.as_str(), put("zzzzzzzzzz"), "NotFoundException", "Invalid API Key identifier specified"),
        ("/usageplans/zzzzzz/keys", put(&id), "NotFoundException", "Invalid Usage Plan ID specified"),
    ] {
        gateway.refused(("POST", path, body), error, message).await;
    }
    // Whoever lists the keys of a plan that does not exist learns nothing of it.
    assert_eq!(gateway.get("/usageplans/zzzzzz/keys").await, json!({ "item": [] }));
    let elsewhere = ("GET", "/usageplans/zzzzzz/keys/zzzzzzzzzz", Value::Null);
    gateway.refused(elsewhere, "NotFoundException", "Invalid Usage Plan ID specified").await;
}

#[tokio::test]
async fn no_stage_is_in_two_plans_of_a_key() {
    let gateway = Gateway::start();
    let api: Api<'_> = gateway.api().await;
    api.mock("GET").await;
    api.deploy("test").await;
    let stage = json!({ "apiId": api.id, "stage": "test" });
    let (first, second) = (plan(&gateway, std::slice::from_ref(&stage)).await, plan(&gateway, &[stage]).await);
    let third = plan(&gateway, &[]).await;
    let id = key(&gateway, "k").await.id();
    gateway.expect(201, "POST", &format!("/usageplans/{first}/keys"), put(&id)).await;
    let refusal = |plan: &str| {
        format!(
            "Usage Plan {plan} cannot be added because API Key {id} cannot reference multiple Usage Plans with the same API \
             stage: {}:test",
            api.id
        )
    };
    let path = format!("/usageplans/{second}/keys");
    gateway.refused(("POST", &path, put(&id)), "ConflictException", &refusal(&second)).await;
    let again = format!("Usage Plan {first} cannot be added because API Key {id} is in it already");
    let path = format!("/usageplans/{first}/keys");
    gateway.refused(("POST", &path, put(&id)), "ConflictException", &again).await;

    gateway.expect(201, "POST", &format!("/usageplans/{third}/keys"), put(&id)).await;
    let reply = gateway.patch(&format!("/usageplans/{third}"), &[&format!("add /apiStages {}:test", api.id)]).await;
    assert_eq!((reply.status, reply.text("message")), (409, refusal(&third)));
    assert_eq!(gateway.get(&format!("/usageplans/{third}")).await["apiStages"], json!([]));
    // Once the first plan lets go of it, it may be in the third.
    gateway.patch(&format!("/usageplans/{first}"), &[&format!("remove /apiStages {}:test", api.id)]).await;
    let reply = gateway.patch(&format!("/usageplans/{third}"), &[&format!("add /apiStages {}:test", api.id)]).await;
    assert_eq!(reply.status, 200, "{reply:?}");
}

#[tokio::test]
async fn a_key_is_in_ten_plans_at_most() {
    let gateway = Gateway::start();
    let id = key(&gateway, "k").await.id();
    for _ in 0..10 {
        let plan = plan(&gateway, &[]).await;
        gateway.expect(201, "POST", &format!("/usageplans/{plan}/keys"), put(&id)).await;
    }
    let eleventh = plan(&gateway, &[]).await;
    let path = format!("/usageplans/{eleventh}/keys");
    let message = "An API Key can be in at most 10 Usage Plans";
    gateway.refused(("POST", &path, put(&id)), "BadRequestException", message).await;
    let page = gateway.get(&format!("/usageplans?keyId={id}&limit=4")).await;
    assert_eq!(page["item"].as_array().unwrap().len(), 4);
    let rest = gateway.get(&format!("/usageplans?keyId={id}&position={}", page["position"].as_str().unwrap())).await;
    assert_eq!(rest["item"].as_array().unwrap().len(), 6);
    // A plan that is deleted lets its keys go.
    let plan = rest["item"][0]["id"].as_str().unwrap();
    gateway.expect(202, "DELETE", &format!("/usageplans/{plan}"), Value::Null).await;
    gateway.expect(201, "POST", &path, put(&id)).await;
}
