use iam::policy::{Policy, PolicyKind};

use super::{Role, managed_policy, managed_policy::MANAGED_POLICIES};
use crate::time::EpochSeconds;

fn role() -> Role {
    Role {
        role_name: "invoker".to_owned(),
        path: "/".to_owned(),
        role_id: "AROAEXAMPLEEXAMPLE123".to_owned(),
        arn: "arn:aws:iam::000000000000:role/invoker".to_owned(),
        create_date: EpochSeconds(0),
        assume_role_policy_document: "{}".to_owned(),
        description: None,
        max_session_duration: 3600,
        tags: [].into(),
        inline_policies: [("b".to_owned(), "first".to_owned()), ("a".to_owned(), "second".to_owned())].into(),
        attached_policies: vec![
            "arn:aws:iam::aws:policy/AmazonSQSFullAccess".to_owned(),
            "arn:aws:iam::aws:policy/service-role/AWSLambdaRole".to_owned(),
        ],
    }
}

#[test]
fn every_managed_policy_is_a_valid_identity_policy() {
    for (name, document) in MANAGED_POLICIES {
        assert!(Policy::parse(document, PolicyKind::Identity).is_ok(), "{name}");
    }
}

#[test]
fn managed_policies_are_known_by_their_whole_arn() {
    assert!(managed_policy("arn:aws:iam::aws:policy/AdministratorAccess").is_some());
    assert!(managed_policy("arn:aws-cn:iam::aws:policy/AdministratorAccess").is_some());
    for arn in [
        "AdministratorAccess",
        "arn:aws:iam::000000000000:policy/AdministratorAccess",
        "arn:aws:iam::aws:policy/AWSLambdaRole",
        "arn:other:iam::aws:policy/AdministratorAccess",
    ] {
        assert!(managed_policy(arn).is_none(), "{arn}");
    }
}

#[test]
fn identity_policies_are_the_inline_ones_and_the_known_attached_ones() {
    let role = role();
    let policies: Vec<&str> = role.identity_policies().collect();
    let lambda_role = managed_policy("arn:aws:iam::aws:policy/service-role/AWSLambdaRole").unwrap();
    assert_eq!(policies, ["first", "second", lambda_role]);
}

#[test]
fn a_role_survives_its_stored_form() {
    let role = role();
    let text = serde_json::to_string(&role).unwrap();
    assert_eq!(serde_json::from_str::<Role>(&text).unwrap(), role);
}
