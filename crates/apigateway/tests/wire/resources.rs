//! Specification, "Resource".

use serde_json::{Value, json};

use crate::gateway::{Gateway, patch_document};

#[tokio::test]
async fn a_resource_has_its_path_and_its_methods() {
    let gateway = Gateway::start();
    let api = gateway.api().await;
    let pets =
        gateway.expect(201, "POST", &api.at(&format!("/resources/{}", api.root)), json!({ "pathPart": "pets" })).await;
    let id = pets.id();
    let expected = json!({ "id": id, "parentId": api.root, "pathPart": "pets", "path": "/pets" });
    assert_eq!(pets.json, expected);
    assert_eq!(id.len(), 6);
    let pet = api.resource(&id, "{petId}").await;
    api.method(&pet, "GET").await;
    api.method(&pet, "ANY").await;
    let path = api.at(&format!("/resources/{pet}"));
    let shown = gateway.get(&path).await;
    assert_eq!(shown["path"], "/pets/{petId}");
    assert_eq!(shown["resourceMethods"], json!({ "ANY": {}, "GET": {} }));
    let embedded = gateway.get(&format!("{path}?embed=methods")).await;
    let method = json!({ "httpMethod": "GET", "authorizationType": "NONE", "apiKeyRequired": false });
    assert_eq!(embedded["resourceMethods"]["GET"], method);
    let all = gateway.get(&api.at("/resources?embed=methods")).await;
    assert_eq!(all["item"].as_array().unwrap().len(), 3);
    assert_eq!(all["item"][2]["resourceMethods"]["GET"], method);
}

#[tokio::test]
async fn a_path_part_must_fit_its_place() {
    let gateway = Gateway::start();
    let api = gateway.api().await;
    let pets = api.resource(&api.root, "pets").await;
    let greedy = api.resource(&pets, "{proxy+}").await;
    let rule = "Resource's path part only allow a-zA-Z0-9._-: or a valid greedy path variable and curly braces at the \
                beginning and the end and a greedy path variable can only be at the end of the resource path";
    for (parent, path_part, error, message) in [
        (&api.root, "a b", "BadRequestException", rule),
        (&api.root, "", "BadRequestException", rule),
        (&api.root, "{a}b", "BadRequestException", rule),
        (
            &pets,
            "{petId}",
            "BadRequestException",
            "A sibling ({proxy+}) of this resource already has a variable path part -- only one is allowed",
        ),
        (
            &greedy,
            "more",
            "BadRequestException",
            "Cannot create a child of a resource with a greedy path variable: {proxy+}",
        ),
        (&api.root, "pets", "ConflictException", "Another resource with the same parent already has this name: pets"),
        (&"zzzzzz".to_owned(), "pets", "NotFoundException", "Invalid Resource identifier specified"),
    ] {
        let path = api.at(&format!("/resources/{parent}"));
        gateway.refused(("POST", &path, json!({ "pathPart": path_part })), error, message).await;
    }
    let elsewhere = ("POST", "/restapis/zzzzzzzzzz/resources/zzzzzz", json!({ "pathPart": "x" }));
    gateway.refused(elsewhere, "NotFoundException", "Invalid Resource identifier specified").await;
    let nothing = ("POST", api.at(&format!("/resources/{}", api.root)), json!({}));
    let message = "1 validation error detected: Value null at 'createResourceInput.pathPart' failed to satisfy constraint: \
                   Member must not be null";
    gateway.refused((nothing.0, &nothing.1, nothing.2), "ValidationException", message).await;
}

#[tokio::test]
async fn a_moved_resource_takes_its_descendants_along() {
    let gateway = Gateway::start();
    let api = gateway.api().await;
    let shop = api.resource(&api.root, "shop").await;
    let pets = api.resource(&api.root, "pets").await;
    let pet = api.resource(&pets, "{petId}").await;
    let toys = api.resource(&pet, "toys").await;
    let at = |id: &str| api.at(&format!("/resources/{id}"));
    let operations = [format!("replace /parentId {shop}"), "replace /pathPart animals".to_owned()];
    let operations: Vec<&str> = operations.iter().map(String::as_str).collect();
    let moved = gateway.patch(&at(&pets), &operations).await;
    let expected = json!({ "id": pets, "parentId": shop, "pathPart": "animals", "path": "/shop/animals" });
    assert_eq!(moved.json, expected);
    assert_eq!(gateway.get(&at(&toys)).await["path"], "/shop/animals/{petId}/toys");
    // The old name is free again.
    api.resource(&api.root, "pets").await;
    for (resource, operation, message) in [
        (&shop, format!("replace /parentId {toys}"), "Resources cannot be cyclical."),
        (&shop, format!("replace /parentId {shop}"), "Resources cannot be cyclical."),
        (&api.root, "replace /pathPart x".to_owned(), "Root resource cannot update its pathPart."),
        (&api.root, format!("replace /parentId {shop}"), "Root resource cannot update its parentId."),
        (
            &shop,
            "replace /path x".to_owned(),
            "Invalid patch path  '/path' specified for op 'replace'. Must be one of: [/parentId, /pathPart]",
        ),
        (
            &shop,
            "add /pathPart x".to_owned(),
            "Invalid patch path  '/pathPart' specified for op 'add'. Please choose supported operations",
        ),
    ] {
        let body = patch_document(&[&operation]);
        gateway.refused(("PATCH", &at(resource), body), "BadRequestException", message).await;
    }
    let message = "Another resource with the same parent already has this name: pets";
    let body = patch_document(&["replace /pathPart pets"]);
    gateway.refused(("PATCH", &at(&shop), body), "ConflictException", message).await;
    assert_eq!(gateway.get(&at(&shop)).await["path"], "/shop");
}

#[tokio::test]
async fn a_deleted_resource_takes_its_subtree_along() {
    let gateway = Gateway::start();
    let api = gateway.api().await;
    let pets = api.resource(&api.root, "pets").await;
    let pet = api.resource(&pets, "{petId}").await;
    let method = api.method(&pet, "GET").await;
    gateway.expect(202, "DELETE", &api.at(&format!("/resources/{pets}")), Value::Null).await;
    let unknown = "Invalid Resource identifier specified";
    for path in [api.at(&format!("/resources/{pet}")), method] {
        gateway.refused(("GET", &path, Value::Null), "NotFoundException", unknown).await;
    }
    let root = api.at(&format!("/resources/{}", api.root));
    gateway.refused(("DELETE", &root, Value::Null), "BadRequestException", "Root resource cannot be deleted").await;
    // Nothing of the old subtree stands in the way of a new one.
    let again = api.resource(&api.root, "pets").await;
    api.resource(&again, "{other}").await;
}
