//! Custom domain names out of the store: one table of all, read on first use, out of date with the next change of any.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use arc_swap::ArcSwapOption;
use definition::{
    Scope,
    domain_name::{BasePathMapping, DomainName},
};
use execute_api::address::{Address, CustomDomains};
use store::{Change, Placed, Record as _, Store};
use tokio::sync::Mutex;

/// How often a load is begun anew because something changed meanwhile. A writer that is faster than that gets its domain names with
/// the next request.
const LOAD_ATTEMPTS_MAX: usize = 5;

/// Finds what stands behind the hosts of users' own. Asked only for hosts that are no API's.
#[derive(Debug, Clone)]
pub(crate) struct DomainLoader {
    store: Store,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    table: ArcSwapOption<Table>,
    /// Counts the changes of domain names and mappings.
    changes: AtomicU64,
    /// Held by the one task that reads the store for all that wait.
    loading: Mutex<()>,
}

/// A table, and the number of changes that it knows of: as long as there were no others, it is up to date.
#[derive(Debug)]
struct Table {
    changes: u64,
    domains: CustomDomains,
}

impl DomainLoader {
    /// A loader over `store`; from now on a table is out of date before a change to it is acknowledged.
    pub(crate) fn new(store: Store) -> Self {
        let shared = Arc::new(Shared::default());
        let told = Arc::clone(&shared);
        store.subscribe(Arc::new(move |changes: &[Change]| {
            let is_ours = |change: &Change| matches!(change.kind.as_str(), DomainName::KIND | BasePathMapping::KIND);
            if changes.iter().any(is_ours) {
                told.changes.fetch_add(1, Ordering::Release);
            }
        }));
        Self { store, shared }
    }

    /// Whether a host is a custom domain name.
    pub(crate) async fn contains(&self, host: &str) -> Result<bool, store::Error> {
        self.read(|domains| domains.contains(host)).await
    }

    /// The address that a host and a request target speak of, if the host is a custom domain name.
    pub(crate) async fn address(&self, host: &str, target: &str) -> Result<Option<Address>, store::Error> {
        self.read(|domains| domains.address(host, target)).await
    }

    async fn read<T>(&self, read: impl FnOnce(&CustomDomains) -> T) -> Result<T, store::Error> {
        {
            let table = self.shared.table.load();
            if let Some(table) = table.as_ref().filter(|table| self.is_current(table)) {
                return Ok(read(&table.domains));
            }
        }
        Ok(read(&self.load().await?.domains))
    }

    fn is_current(&self, table: &Table) -> bool {
        table.changes == self.shared.changes.load(Ordering::Acquire)
    }

    async fn load(&self) -> Result<Arc<Table>, store::Error> {
        let _one_at_a_time = self.shared.loading.lock().await;
        if let Some(table) = self.shared.table.load_full().filter(|table| self.is_current(table)) {
            return Ok(table);
        }
        let mut attempts = 1;
        loop {
            // Counted before the store is read: what changes from here on makes the table out of date.
            let changes = self.shared.changes.load(Ordering::Acquire);
            let table = Arc::new(Table { changes, domains: self.store.read(read_all).await? });
            if self.is_current(&table) || attempts == LOAD_ATTEMPTS_MAX {
                self.shared.table.store(Some(Arc::clone(&table)));
                return Ok(table);
            }
            attempts += 1;
        }
    }
}

fn read_all(records: &store::Reader<'_>) -> Result<CustomDomains, store::Error> {
    let mut mappings: HashMap<(Scope, String), Vec<BasePathMapping>> = HashMap::new();
    for mapping in records.list_everywhere::<BasePathMapping>()? {
        mappings.entry((mapping.scope, mapping.parent)).or_default().push(mapping.record);
    }
    let with_mappings = |found: Placed<DomainName>| {
        let of_it = mappings.remove(&(found.scope, found.record.record_id())).unwrap_or_default();
        (found.record, of_it)
    };
    let domains: Vec<_> = records.list_everywhere()?.into_iter().map(with_mappings).collect();
    Ok(CustomDomains::new(&domains))
}

#[cfg(test)]
mod tests {
    use definition::rest_api::{EndpointConfiguration, EndpointType};

    use super::*;

    const HOST: &str = "api.example.com";

    fn scope(region: &str) -> Scope {
        Scope { account: "000000000000".to_owned(), region: region.to_owned() }
    }

    /// Keeps the domain name in a region, with a mapping of all paths to an API.
    async fn keep(store: &Store, region: &'static str, api_id: &'static str) {
        let job = move |transaction: &mut store::Transaction<'_>| {
            let configuration = EndpointConfiguration::of(EndpointType::Regional);
            let domain = DomainName::new(HOST.to_owned(), configuration);
            let mapping = BasePathMapping {
                base_path: "(none)".to_owned(),
                rest_api_id: api_id.parse().unwrap(),
                stage: Some("prod".parse().unwrap()),
            };
            transaction.put(&scope(region), "", HOST, &domain)?;
            transaction.put(&scope(region), HOST, &mapping.base_path, &mapping)
        };
        store.write(job).await.unwrap();
    }

    async fn delete(store: &Store, region: &'static str) {
        let job = move |transaction: &mut store::Transaction<'_>| {
            transaction.delete_children::<DomainName>(&scope(region), HOST)?;
            transaction.delete::<DomainName>(&scope(region), "", HOST)
        };
        assert!(store.write(job).await.unwrap());
    }

    async fn check(domains: &DomainLoader, expected: Option<&str>) {
        assert_eq!(domains.contains(HOST).await.unwrap(), expected.is_some());
        let address = domains.address(HOST, "/pets").await.unwrap();
        assert_eq!(address.as_ref().map(|address| address.api_id().as_str()), expected);
    }

    #[tokio::test]
    async fn a_change_is_seen_by_whoever_asks_after_it() {
        let store = Store::in_memory().unwrap();
        let domains = DomainLoader::new(store.clone());
        check(&domains, None).await;
        keep(&store, "us-east-1", "firstfirst").await;
        check(&domains, Some("firstfirst")).await;
        keep(&store, "us-east-1", "secondseco").await;
        check(&domains, Some("secondseco")).await;
        keep(&store, "eu-west-1", "otherother").await;
        check(&domains, Some("secondseco")).await;
        delete(&store, "us-east-1").await;
        check(&domains, Some("otherother")).await;
        delete(&store, "eu-west-1").await;
        check(&domains, None).await;
    }

    #[tokio::test]
    async fn what_is_no_domain_name_leaves_the_table_as_it_is() {
        let store = Store::in_memory().unwrap();
        let domains = DomainLoader::new(store.clone());
        keep(&store, "us-east-1", "firstfirst").await;
        check(&domains, Some("firstfirst")).await;
        let before = domains.shared.table.load_full().unwrap();
        let flush = definition::stage::CacheFlush { flushed_date: definition::time::EpochSeconds(0) };
        let job = move |transaction: &mut store::Transaction<'_>| {
            transaction.put(&scope("us-east-1"), "firstfirst", "prod", &flush)
        };
        store.write::<_, store::Error>(job).await.unwrap();
        check(&domains, Some("firstfirst")).await;
        assert!(Arc::ptr_eq(&before, &domains.shared.table.load_full().unwrap()));
    }
}
