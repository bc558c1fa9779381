//! One destination: what each kind of it needs, and which of that is secret.

use serde_json::Value;

use crate::iot_central::{
    rules::{Body, secrets},
    state::Document,
};

/// A kind of authorization and the texts that it needs.
type Authorization = (&'static str, &'static [&'static str]);

/// A kind of destination, the texts that it needs, and how it may be authorized.
struct Kind {
    name: &'static str,
    texts: &'static [&'static str],
    authorizations: &'static [Authorization],
}

const IDENTITY: &str = "systemAssignedManagedIdentity";
const WEBHOOK: &str = "webhook@v1";

const KINDS: [Kind; 6] = [
    Kind {
        name: "blobstorage@v1",
        texts: &[],
        authorizations: &[
            ("connectionString", &["connectionString", "containerName"]),
            (IDENTITY, &["endpointUri", "containerName"]),
        ],
    },
    Kind {
        name: "dataexplorer@v1",
        texts: &["clusterUrl", "database", "table"],
        authorizations: &[
            ("servicePrincipal", &["clientId", "tenantId", "clientSecret"]),
            (IDENTITY, &[]),
        ],
    },
    Kind {
        name: "eventhubs@v1",
        texts: &[],
        authorizations: &[
            ("connectionString", &["connectionString"]),
            (IDENTITY, &["hostName", "eventHubName"]),
        ],
    },
    Kind {
        name: "servicebusqueue@v1",
        texts: &[],
        authorizations: &[
            ("connectionString", &["connectionString"]),
            (IDENTITY, &["hostName", "queueName"]),
        ],
    },
    Kind {
        name: "servicebustopic@v1",
        texts: &[],
        authorizations: &[
            ("connectionString", &["connectionString"]),
            (IDENTITY, &["hostName", "topicName"]),
        ],
    },
    Kind {
        name: WEBHOOK,
        texts: &["url"],
        authorizations: &[
            ("header", &["value"]),
            ("oauth", &["tokenUrl", "clientId", "clientSecret"]),
        ],
    },
];

/// Secret members of authorizations, connection strings aside.
const SECRETS: [&str; 2] = ["clientSecret", "value"];
const CUSTOMIZATIONS: [&str; 2] = ["queryCustomizations", "headerCustomizations"];

/// Looks a destination over.
pub(super) fn check(body: &mut Body<'_>) {
    body.text("displayName");
    let names: Vec<&str> = KINDS.iter().map(|kind| kind.name).collect();
    let Some(name) = body.one_of("type", &names) else { return };
    let Some(kind) = KINDS.iter().find(|kind| kind.name == name) else { return };
    for text in kind.texts {
        body.text(text);
    }
    // A webhook may do without.
    let authorization = if name == WEBHOOK {
        CUSTOMIZATIONS.iter().for_each(|member| check_customizations(body, member));
        body.optional_object("authorization")
    } else {
        body.object("authorization")
    };
    if let Some(authorization) = authorization {
        body.part("authorization", authorization, |body| {
            check_authorization(body, kind.authorizations);
        });
    }
}

fn check_authorization(body: &mut Body<'_>, known: &[Authorization]) {
    let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
    let Some(name) = body.one_of("type", &names) else { return };
    let texts = known.iter().find(|(known, _)| *known == name).map(|(_, texts)| *texts);
    for member in texts.unwrap_or_default() {
        let Some(text) = body.text(member) else { continue };
        let is_masked = SECRETS.contains(member) && secrets::is_mask(text)
            || secrets::is_masked_connection_string(text);
        if is_masked {
            body.fault(format!(
                "{member} has asterisks in place of the secret; leave it out of a PATCH to \
                 keep the one that is there"
            ));
        }
    }
    if name == "oauth" {
        body.optional_one_of("requestType", &["auto", "json", "urlencoded"]);
    }
}

fn check_customizations(body: &mut Body<'_>, member: &str) {
    let Some(customizations) = body.optional_object(member) else { return };
    body.part(member, customizations, |body| {
        for name in customizations.keys() {
            let Some(customization) = body.object(name) else { continue };
            body.part(name, customization, |body| {
                let value = body.text("value");
                let is_secret = body.optional_bool("secret") == Some(true);
                if is_secret && value.is_some_and(secrets::is_mask) {
                    body.fault(format!("{member}.{name} has asterisks in place of the secret"));
                }
            });
        }
    });
}

/// Puts asterisks in the place of secrets.
pub(super) fn mask(destination: &mut Document) {
    if let Some(members) = destination.get_mut("authorization").and_then(Value::as_object_mut) {
        for (member, value) in members {
            if SECRETS.contains(&member.as_str()) {
                *value = secrets::mask().into();
            } else if member == "connectionString" {
                *value =
                    secrets::masked_connection_string(value.as_str().unwrap_or_default()).into();
            }
        }
    }
    for member in CUSTOMIZATIONS {
        let customizations = destination.get_mut(member).and_then(Value::as_object_mut);
        for customization in customizations.into_iter().flat_map(|found| found.values_mut()) {
            if customization.get("secret") == Some(&Value::Bool(true))
                && let Some(value) = customization.get_mut("value")
            {
                *value = secrets::mask().into();
            }
        }
    }
}
