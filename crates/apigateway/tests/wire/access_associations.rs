//! Specification, section 2: domain name access associations.

use serde_json::{Value, json};

use crate::gateway::Gateway;

const ASSOCIATIONS: &str = "/domainnameaccessassociations";

/// A private domain name's ARN.
async fn domain(gateway: &Gateway, host: &str) -> String {
    let body = json!({
        "domainName": host, "certificateArn": "arn:aws:acm:us-east-1:000000000000:certificate/1",
        "endpointConfiguration": { "types": ["PRIVATE"] },
    });
    gateway.expect(201, "POST", "/domainnames", body).await.text("domainNameArn")
}

fn association(domain_name_arn: &str, endpoint: &str) -> Value {
    json!({
        "domainNameArn": domain_name_arn, "accessAssociationSourceType": "VPCE", "accessAssociationSource": endpoint,
    })
}

fn encoded(arn: &str) -> String {
    arn.replace(':', "%3A").replace('/', "%2F").replace('+', "%2B")
}

#[tokio::test]
async fn associations_come_and_go() {
    let gateway = Gateway::start();
    let domain_name_arn = domain(&gateway, "api.example.com").await;
    let body = association(&domain_name_arn, "vpce-0abc");
    let created = gateway.expect(201, "POST", ASSOCIATIONS, body.clone()).await.json;
    let arn = "arn:aws:apigateway:us-east-1:000000000000:/domainnameaccessassociations/domainname/api.example.com/\
               vpcesource/vpce-0abc";
    let mut expected = body.clone();
    expected["domainNameAccessAssociationArn"] = json!(arn);
    assert_eq!(created, expected);
    let taken = "The domain name access association already exists.";
    gateway.refused(("POST", ASSOCIATIONS, body), "ConflictException", taken).await;
    assert_eq!(gateway.get(ASSOCIATIONS).await, json!({ "item": [created] }));
    assert_eq!(gateway.get("/domainnameaccessassociations?resourceOwner=OTHER_ACCOUNTS").await, json!({ "item": [] }));
    gateway.expect(202, "DELETE", &format!("{ASSOCIATIONS}/{}", encoded(arn)), Value::Null).await;
    let unknown = "Invalid domain name access association identifier specified";
    let again = format!("{ASSOCIATIONS}/{}", encoded(arn));
    gateway.refused(("DELETE", &again, Value::Null), "NotFoundException", unknown).await;
}

#[tokio::test]
async fn an_association_is_rejected_by_both_arns() {
    let gateway = Gateway::start();
    let domain_name_arn = domain(&gateway, "api.example.com").await;
    let other_arn = domain(&gateway, "other.example.com").await;
    let body = association(&domain_name_arn, "vpce-0abc");
    let arn = gateway.expect(201, "POST", ASSOCIATIONS, body).await.text("domainNameAccessAssociationArn");
    let reject = |domain: &str| {
        let (arn, domain) = (encoded(&arn), encoded(domain));
        format!("/rejectdomainnameaccessassociations?domainNameAccessAssociationArn={arn}&domainNameArn={domain}")
    };
    let message = "Invalid domain name identifier specified";
    gateway.refused(("POST", &reject(&other_arn), Value::Null), "NotFoundException", message).await;
    gateway.expect(202, "POST", &reject(&domain_name_arn), Value::Null).await;
    assert_eq!(gateway.get(ASSOCIATIONS).await, json!({ "item": [] }));
    let message = "2 validation errors detected: Value null at 'domainNameAccessAssociationArn' failed to satisfy \
                   constraint: Member must not be null; Value null at 'domainNameArn' failed to satisfy constraint: Member \
                   must not be null";
    let nothing = ("POST", "/rejectdomainnameaccessassociations", Value::Null);
    gateway.refused(nothing, "ValidationException", message).await;
}

#[tokio::test]
async fn an_association_of_nothing_is_refused() {
    let gateway = Gateway::start();
    let domain_name_arn = domain(&gateway, "api.example.com").await;
    let no_arn = "Invalid ARN. ARN is not well formed x".to_owned();
    let no_domain = "Invalid domain name identifier specified".to_owned();
    for (body, message) in [
        (association("x", "vpce-1"), no_arn),
        (association(&format!("{domain_name_arn}x"), "vpce-1"), no_domain.clone()),
        (association("arn:aws:apigateway:us-east-1::/restapis/x", "vpce-1"), no_domain),
        (association(&domain_name_arn, "vpc-1"), "Invalid VPC endpoint identifier specified: vpc-1".to_owned()),
        (association(&domain_name_arn, "vpce-/x"), "Invalid VPC endpoint identifier specified: vpce-/x".to_owned()),
    ] {
        gateway.refused(("POST", ASSOCIATIONS, body), "BadRequestException", &message).await;
    }
    let mut body = association(&domain_name_arn, "vpce-1");
    body["accessAssociationSourceType"] = json!("VPC");
    let message = "1 validation error detected: Value 'VPC' at \
                   'createDomainNameAccessAssociationInput.accessAssociationSourceType' failed to satisfy constraint: \
                   Member must satisfy enum value set: [VPCE]";
    gateway.refused(("POST", ASSOCIATIONS, body), "ValidationException", message).await;
}

#[tokio::test]
async fn associations_go_with_their_domain_name() {
    let gateway = Gateway::start();
    let domain_name_arn = domain(&gateway, "api.example.com").await;
    gateway.expect(201, "POST", ASSOCIATIONS, association(&domain_name_arn, "vpce-1")).await;
    let (_, id) = domain_name_arn.rsplit_once('+').unwrap();
    gateway.expect(202, "DELETE", &format!("/domainnames/api.example.com?domainNameId={id}"), Value::Null).await;
    assert_eq!(gateway.get(ASSOCIATIONS).await, json!({ "item": [] }));
}
