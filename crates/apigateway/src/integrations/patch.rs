//! What can be patched of an integration.

use definition::integration::{Integration, TlsConfig};

use super::{rules, wire};
use crate::{
    methods::{ENTRY_OPS, UNKNOWN_CONTENT_TYPE, UNKNOWN_PARAMETER},
    patch::{Dialect, Op, Patch, Rule, Table, edit_entry, edit_list},
};

const REPLACE: &[Op] = &[Op::Replace];
const ADD_REMOVE: &[Op] = &[Op::Add, Op::Remove];

/// The paths of an integration.
pub(super) static TABLE: Table<Integration> = Table {
    dialect: Dialect::Plain,
    rules: &[
        Rule::set("/uri", REPLACE, |integration, patch| set(&mut integration.uri, patch)),
        Rule::set("/httpMethod", REPLACE, |integration, patch| set(&mut integration.http_method, patch)),
        Rule::set("/credentials", REPLACE, |integration, patch| set(&mut integration.credentials, patch)),
        Rule::set("/connectionType", REPLACE, |integration, patch| set(&mut integration.connection_type, patch)),
        Rule::set("/connectionId", REPLACE, |integration, patch| set(&mut integration.connection_id, patch)),
        Rule::new("/contentHandling", REPLACE, |integration, patch| {
            integration.content_handling = wire::content_handling(patch.value.as_deref())?;
            Ok(())
        }),
        Rule::new("/passthroughBehavior", REPLACE, |integration, patch| {
            integration.passthrough_behavior = wire::passthrough_behavior(patch.value.as_deref())?;
            Ok(())
        }),
        Rule::new("/timeoutInMillis", REPLACE, |integration, patch| {
            let refusal = |_| rules::timeout_out_of_range(integration.timeout_ms_max());
            integration.timeout_in_millis = patch.text().parse().map_err(refusal)?;
            Ok(())
        }),
        Rule::set("/cacheNamespace", REPLACE, |integration, patch| {
            patch.text().clone_into(&mut integration.cache_namespace);
        }),
        Rule::set("/tlsConfig/insecureSkipVerification", REPLACE, |integration, patch| {
            integration.tls_config = Some(TlsConfig { insecure_skip_verification: patch.flag() });
        }),
        Rule::new("/responseTransferMode", REPLACE, |integration, patch| {
            integration.response_transfer_mode = wire::response_transfer_mode(patch.value.as_deref())?;
            Ok(())
        }),
        Rule::set("/integrationTarget", REPLACE, |integration, patch| set(&mut integration.integration_target, patch)),
        Rule::new("/requestParameters/*", ENTRY_OPS, |integration, patch| {
            let (name, source) = (patch.segment(1), patch.text().to_owned());
            edit_entry(&mut integration.request_parameters, name, patch.op, source, UNKNOWN_PARAMETER)
        }),
        Rule::new("/requestTemplates/*", ENTRY_OPS, |integration, patch| {
            let (content_type, template) = (patch.segment(1), patch.optional_text());
            edit_entry(&mut integration.request_templates, content_type, patch.op, template, UNKNOWN_CONTENT_TYPE)
        }),
        Rule::set("/cacheKeyParameters", &[Op::Add], |integration, patch| {
            edit_list(&mut integration.cache_key_parameters, patch.op, patch.text());
        }),
        Rule::set("/cacheKeyParameters/*", ADD_REMOVE, |integration, patch| {
            edit_list(&mut integration.cache_key_parameters, patch.op, patch.segment(1));
        }),
    ],
};

fn set(member: &mut Option<String>, patch: &Patch) {
    *member = patch.optional_text();
}
