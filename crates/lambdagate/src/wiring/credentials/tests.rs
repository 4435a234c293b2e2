use std::sync::atomic::{AtomicI64, Ordering};

use definition::time::EpochSeconds;
use execute_api::ports;
use indexmap::IndexMap;

use super::*;

const ARN: &str = "arn:aws:iam::000000000000:role/gateway";
const SOURCE: &str = "arn:aws:execute-api:us-east-1:000000000000:a1b2c3d4e5/test/POST/items";
const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[
    {"Effect":"Allow","Principal":{"Service":"apigateway.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
const SEND: &str = r#"{"Version":"2012-10-17","Statement":[
    {"Effect":"Allow","Action":"sqs:SendMessage","Resource":"*"}]}"#;

fn role(trust: &str, policy: Option<&str>) -> Role {
    Role {
        role_name: "gateway".to_owned(),
        path: "/".to_owned(),
        role_id: "AROAAAAAAAAAAAAAAAAAA".to_owned(),
        arn: ARN.to_owned(),
        create_date: EpochSeconds(0),
        assume_role_policy_document: trust.to_owned(),
        description: None,
        max_session_duration: 3600,
        tags: IndexMap::new(),
        inline_policies: policy.map(|policy| ("p".to_owned(), policy.to_owned())).into_iter().collect(),
        attached_policies: Vec::new(),
    }
}

async fn put(store: &Store, role: Role) {
    let job = move |transaction: &mut store::Transaction<'_>| -> store::Result<()> {
        transaction.put(&Role::scope("000000000000"), "", &Role::record_id(&role.role_name), &role)?;
        Ok(())
    };
    store.write(job).await.unwrap();
}

async fn assume(roles: &LocalRoles, action: &str, destination: Destination) -> Result<RoleSession, RoleRefusal> {
    let call = RoleCall {
        role_arn: ARN.to_owned(),
        source_arn: SOURCE.to_owned(),
        source_account: "000000000000".to_owned(),
        permissions: vec![ports::Permission { action: action.to_owned(), resource: None }],
        destination,
    };
    roles.assume(call).await
}

fn upstream(access_key_id: &str) -> Credentials {
    Credentials::new(access_key_id, "secret", None, None, "test")
}

fn epoch() -> Timestamp {
    Timestamp::UNIX_EPOCH
}

#[tokio::test]
async fn a_role_must_exist_trust_the_gateway_and_allow_the_action() {
    let store = Store::in_memory().unwrap();
    let roles = LocalRoles::new(store.clone(), None, epoch);
    let ask = |action: &'static str| assume(&roles, action, Destination::Configured);
    let untrusted = Err(RoleRefusal::Trust { arn: ARN.to_owned() });
    let refused = |answer: Result<RoleSession, RoleRefusal>| answer.map(|_| ());
    assert_eq!(refused(ask("sqs:SendMessage").await), untrusted);

    put(&store, role(&TRUST.replace("apigateway", "lambda"), Some(SEND))).await;
    assert_eq!(refused(ask("sqs:SendMessage").await), untrusted);

    put(&store, role(TRUST, None)).await;
    let message = "User: arn:aws:sts::000000000000:assumed-role/gateway/BackplaneAssumeRoleSession is not authorized to \
                   perform: sqs:SendMessage because no identity-based policy allows the sqs:SendMessage action";
    assert_eq!(refused(ask("sqs:SendMessage").await), Err(RoleRefusal::Policy { message: message.to_owned() }));

    put(&store, role(TRUST, Some(SEND))).await;
    assert_eq!(refused(ask("sqs:SendMessage").await), Ok(()));
    assert!(matches!(ask("sqs:PurgeQueue").await, Err(RoleRefusal::Policy { .. })));
}

#[tokio::test]
async fn aws_gets_only_credentials_that_aws_gave_out() {
    let store = Store::in_memory().unwrap();
    put(&store, role(TRUST, Some(SEND))).await;
    for (configured, destination, expected) in [
        (None, Destination::Aws, None),
        (Some(upstream("test")), Destination::Aws, None),
        (Some(upstream("000000000000")), Destination::Aws, None),
        (Some(upstream("AKIAIOSFODNN7EXAMPLE")), Destination::Aws, Some("AKIAIOSFODNN7EXAMPLE")),
        (Some(upstream("test")), Destination::Configured, Some("test")),
        (Some(upstream("AKIAIOSFODNN7EXAMPLE")), Destination::Own, Some("ASIA")),
        (None, Destination::Configured, Some("ASIA")),
        (None, Destination::Own, Some("ASIA")),
    ] {
        let roles = LocalRoles::new(store.clone(), configured, epoch);
        match (assume(&roles, "sqs:SendMessage", destination).await, expected) {
            (Ok(session), Some(expected)) => {
                assert!(session.credentials.access_key_id().starts_with(expected), "{destination:?} {expected}");
            }
            (Err(RoleRefusal::NoCredentials { advice }), None) => {
                assert!(advice.contains("--aws-endpoint"), "{advice}");
            }
            (answer, expected) => panic!("{destination:?}: {answer:?}, not {expected:?}"),
        }
    }
}

#[tokio::test]
async fn credentials_of_a_role_are_kept_until_shortly_before_their_end() {
    static SECONDS: AtomicI64 = AtomicI64::new(0);
    fn clock() -> Timestamp {
        Timestamp::from_second(SECONDS.load(Ordering::Relaxed)).unwrap()
    }
    let store = Store::in_memory().unwrap();
    put(&store, role(TRUST, Some(SEND))).await;
    let roles = LocalRoles::new(store, None, clock);
    let mut keys = Vec::new();
    for seconds in [0, 54 * 60, 56 * 60, 57 * 60] {
        SECONDS.store(seconds, Ordering::Relaxed);
        let session = assume(&roles, "sqs:SendMessage", Destination::Configured).await.unwrap();
        assert_eq!(session.credentials.access_key_id().len(), AWS_KEY_ID_BYTES);
        keys.push(session.credentials.access_key_id().to_owned());
    }
    assert!(keys[0] == keys[1] && keys[1] != keys[2] && keys[2] == keys[3], "{keys:?}");
}
