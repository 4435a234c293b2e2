//! Specification, "VPC link, client certificate": the certificates, and the stages that name them.

use serde_json::{Value, json};

use crate::gateway::{Gateway, NOW, patch_document, scope};

#[tokio::test]
async fn certificates_come_and_go() {
    let gateway = Gateway::start();
    let created = gateway.expect(201, "POST", "/clientcertificates", json!({ "description": "d" })).await;
    let (id, pem) = (created.text("clientCertificateId"), created.text("pemEncodedCertificate"));
    assert!(pem.starts_with("-----BEGIN CERTIFICATE-----\n") && pem.ends_with("-----END CERTIFICATE-----\n"), "{pem}");
    let mut expected = json!({
        "clientCertificateId": id, "description": "d", "pemEncodedCertificate": pem, "createdDate": NOW,
        "expirationDate": NOW + 365 * 24 * 60 * 60,
    });
    assert_eq!(created.json, expected);
    assert_eq!(gateway.get("/clientcertificates").await, json!({ "item": [expected] }));
    expected["tags"] = json!({});
    let path = format!("/clientcertificates/{id}");
    assert_eq!(gateway.get(&path).await, expected);
    let patched = gateway.patch(&path, &["replace /description other"]).await;
    expected["description"] = json!("other");
    assert_eq!(patched.json, expected);
    let bad = ("PATCH", path.as_str(), patch_document(&["replace /pemEncodedCertificate x"]));
    gateway.refused(bad, "BadRequestException", "Invalid patch path /pemEncodedCertificate").await;
    gateway.expect(202, "DELETE", &path, Value::Null).await;
    let unknown = "Invalid Client Certificate identifier specified";
    for method in ["GET", "DELETE"] {
        gateway.refused((method, &path, Value::Null), "NotFoundException", unknown).await;
    }
}

#[tokio::test]
async fn a_certificate_that_a_stage_presents_stays() {
    let gateway = Gateway::start();
    let api = gateway.api().await;
    api.mock("GET").await;
    api.deploy("prod").await;
    let id = gateway.expect(201, "POST", "/clientcertificates", Value::Null).await.text("clientCertificateId");
    let stage = api.at("/stages/prod");
    let unknown = patch_document(&["replace /clientCertificateId zzzzzz"]);
    let message = "Invalid Client Certificate identifier specified";
    gateway.refused(("PATCH", &stage, unknown), "BadRequestException", message).await;
    let patched = gateway.patch(&stage, &[&format!("replace /clientCertificateId {id}")]).await;
    assert_eq!(patched.json["clientCertificateId"], json!(id));
    let path = format!("/clientcertificates/{id}");
    let message = format!("Cannot delete client certificate '{id}', is referenced in stage: {}/prod", api.id);
    gateway.refused(("DELETE", &path, Value::Null), "BadRequestException", &message).await;
    let freed = gateway.patch(&stage, &["replace /clientCertificateId"]).await;
    assert_eq!(freed.json.get("clientCertificateId"), None);
    gateway.expect(202, "DELETE", &path, Value::Null).await;
}

#[tokio::test]
async fn an_account_has_sixty_certificates_at_most() {
    let gateway = Gateway::start();
    let keep = |transaction: &mut store::Transaction<'_>| {
        for number in 0..60 {
            let certificate = definition::client_certificate::ClientCertificate {
                client_certificate_id: format!("a1b2{number:02}").parse().unwrap(),
                description: None,
                pem_encoded_certificate: String::new(),
                created_date: definition::time::EpochSeconds(NOW),
                expiration_date: definition::time::EpochSeconds(NOW),
                tags: indexmap::IndexMap::new(),
            };
            transaction.put(&scope(), "", certificate.client_certificate_id.as_str(), &certificate)?;
        }
        Ok::<_, store::Error>(())
    };
    gateway.store.write(keep).await.unwrap();
    let message = "Maximum number of client certificates for this account has been reached";
    gateway.refused(("POST", "/clientcertificates", Value::Null), "LimitExceededException", message).await;
}
