//! Client certificates: by which HTTP backends may know the gateway. API Reference, "ClientCertificate".
//!
//! Making a key takes much longer than keeping it, so it is done outside the store's transactions, one at a time, and not for an
//! account that has no room for it. The key is kept beside the certificate and never shown.

mod pair;

use definition::{
    Scope,
    client_certificate::{ClientCertificate, ClientCertificateKey},
    id::ClientCertificateId,
    rest_api::RestApi,
    stage::Stage,
    time::EpochSeconds,
};
use indexmap::IndexMap;
use serde::Deserialize;
use store::{Reader, Store, Transaction};
use tokio::sync::Semaphore;

use crate::{
    call::Call,
    failure::{Failure, Result},
    ids::fresh,
    patch::{self, Dialect, Op, Rule, Table},
    tags,
    wire::{Answer, PageRequest, collection},
};

/// How many an account has at most in a region ("Quotas for configuring and running a REST API in API Gateway").
const CERTIFICATES_MAX: u64 = 60;

/// Held by the call that makes a key: others keep a core busy for a good part of a second each.
static MAKING_KEY: Semaphore = Semaphore::const_new(1);

static TABLE: Table<ClientCertificate> = Table {
    dialect: Dialect::Plain,
    rules: &[Rule::set("/description", &[Op::Replace], |certificate, patch| {
        certificate.description = patch.optional_text();
    })],
};

/// The refusal of an id that names no certificate.
const UNKNOWN: &str = "Invalid Client Certificate identifier specified";

/// The certificate with this id.
pub(crate) fn find(reader: &Reader<'_>, scope: &Scope, id: &str) -> Result<ClientCertificate> {
    reader.get(scope, "", id)?.ok_or_else(|| Failure::not_found(UNKNOWN))
}

/// The certificate that a call asks to be presented, with its key.
pub(crate) fn presented(
    reader: &Reader<'_>,
    scope: &Scope,
    id: &str,
) -> Result<(ClientCertificate, ClientCertificateKey)> {
    let unknown = || Failure::bad_request(UNKNOWN);
    let certificate = reader.get(scope, "", id)?.ok_or_else(unknown)?;
    let key = reader.get(scope, id, id)?.ok_or_else(unknown)?;
    Ok((certificate, key))
}

fn named(reader: &Reader<'_>, call: &Call) -> Result<ClientCertificate> {
    find(reader, call.scope(), call.path("clientcertificate_id"))
}

/// Keeps a certificate, new or changed.
pub(crate) fn keep(transaction: &mut Transaction<'_>, scope: &Scope, certificate: &ClientCertificate) -> Result<()> {
    transaction.put(scope, "", certificate.client_certificate_id.as_str(), certificate)?;
    Ok(())
}

/// Refuses a stage that names a certificate that is not there.
pub(crate) fn check_stage(reader: &Reader<'_>, scope: &Scope, stage: &Stage) -> Result<()> {
    if let Some(id) = &stage.client_certificate_id {
        presented(reader, scope, id)?;
    }
    Ok(())
}

/// `GenerateClientCertificate`.
pub(crate) async fn generate(store: &Store, call: Call) -> Result<Answer> {
    let input: GenerateClientCertificateInput = call.decode()?;
    let shows_tags = input.tags.is_some();
    let tags = tags::checked(input.tags.unwrap_or_default())?;
    let (now, scope) = (call.now, call.scope().clone());
    store.read(move |reader| check_room(reader, &scope)).await?;
    // Nobody closes the semaphore.
    let turn = MAKING_KEY.acquire().await.ok();
    let pair = tokio::task::spawn_blocking(move || pair::generate(now)).await??;
    drop(turn);
    let certificate = store
        .write(move |transaction| {
            let scope = call.scope();
            check_room(transaction, scope)?;
            let taken =
                |id: &ClientCertificateId| Ok(transaction.get::<ClientCertificate>(scope, "", id.as_str())?.is_some());
            let certificate = ClientCertificate {
                client_certificate_id: fresh(|| call.ids.short(), taken)?,
                description: input.description,
                pem_encoded_certificate: pair.certificate,
                created_date: call.time(),
                expiration_date: EpochSeconds(pair.expires_at),
                tags,
            };
            keep(transaction, scope, &certificate)?;
            let id = certificate.client_certificate_id.as_str();
            let key = ClientCertificateKey { pem_encoded_private_key: pair.private_key };
            transaction.put(scope, id, id, &key)?;
            Ok::<_, Failure>(certificate)
        })
        .await?;
    if shows_tags {
        return Answer::created(tags::shown(&certificate, &certificate.tags)?);
    }
    Answer::created(certificate)
}

fn check_room(reader: &Reader<'_>, scope: &Scope) -> Result<()> {
    if reader.count::<ClientCertificate>(scope, "")? >= CERTIFICATES_MAX {
        return Err(Failure::limit_exceeded("client certificates", "account"));
    }
    Ok(())
}

/// `GetClientCertificates`.
pub(crate) fn list(reader: &Reader<'_>, call: &Call) -> Result<Answer> {
    let page = PageRequest::of(call)?;
    let found = reader.list::<ClientCertificate>(call.scope(), "", page.after, page.limit)?;
    let items = found.items.iter().map(serde_json::to_value).collect::<Result<_, _>>()?;
    collection(items, found.next)
}

/// `GetClientCertificate`.
pub(crate) fn get(reader: &Reader<'_>, call: &Call) -> Result<Answer> {
    let certificate = named(reader, call)?;
    Answer::ok(tags::shown(&certificate, &certificate.tags)?)
}

/// `UpdateClientCertificate`.
pub(crate) fn update(transaction: &mut Transaction<'_>, call: &Call) -> Result<Answer> {
    let patches = patch::read(call)?;
    let mut certificate = named(transaction, call)?;
    TABLE.apply(&mut certificate, &patches)?;
    keep(transaction, call.scope(), &certificate)?;
    Answer::ok(tags::shown(&certificate, &certificate.tags)?)
}

/// `DeleteClientCertificate`: refused while a stage presents it.
pub(crate) fn delete(transaction: &mut Transaction<'_>, call: &Call) -> Result<Answer> {
    let certificate = named(transaction, call)?;
    let id = certificate.client_certificate_id.as_str();
    for api in transaction.list_all::<RestApi>(call.scope(), "")? {
        for stage in transaction.list_all::<Stage>(call.scope(), api.id.as_str())? {
            if stage.client_certificate_id.as_deref() == Some(id) {
                let user = format!("{}/{}", api.id, stage.stage_name);
                let message = format!("Cannot delete client certificate '{id}', is referenced in stage: {user}");
                return Err(Failure::bad_request(message));
            }
        }
    }
    transaction.delete_children::<ClientCertificate>(call.scope(), id)?;
    transaction.delete::<ClientCertificate>(call.scope(), "", id)?;
    Ok(Answer::accepted())
}

#[derive(Deserialize)]
struct GenerateClientCertificateInput {
    description: Option<String>,
    tags: Option<IndexMap<String, String>>,
}
