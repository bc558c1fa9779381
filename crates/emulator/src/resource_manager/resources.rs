//! The resources, each as ARM shows it.

use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use super::{LOCATION, Manager, RESOURCE_GROUP, SUBSCRIPTION_ID};
use crate::storage::ACCOUNT;

/// Types of resources that are known here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    DigitalTwins,
    Storage,
    IotCentral,
}

impl Kind {
    const ALL: [Self; 3] = [Self::DigitalTwins, Self::Storage, Self::IotCentral];

    /// Provider and type, as paths name them.
    pub(super) fn type_name(self) -> &'static str {
        match self {
            Self::DigitalTwins => "Microsoft.DigitalTwins/digitalTwinsInstances",
            Self::Storage => "Microsoft.Storage/storageAccounts",
            Self::IotCentral => "Microsoft.IoTCentral/iotApps",
        }
    }

    pub(super) fn read(provider: &str, kind: &str) -> Option<Self> {
        let name = format!("{provider}/{kind}");
        Self::ALL.into_iter().find(|kind| kind.type_name().eq_ignore_ascii_case(&name))
    }
}

/// One resource.
pub(super) struct Resource {
    pub(super) name: String,
    kind: Kind,
    properties: Value,
}

impl Resource {
    pub(super) fn document(&self) -> Value {
        let (name, kind) = (&self.name, self.kind.type_name());
        let mut document = json!({
            "id": format!(
                "/subscriptions/{SUBSCRIPTION_ID}/resourceGroups/{RESOURCE_GROUP}/providers/{kind}/{name}"
            ),
            "name": name,
            "type": kind,
            "location": LOCATION,
            "tags": {},
            "properties": self.properties,
        });
        if self.kind == Kind::Storage
            && let Some(members) = document.as_object_mut()
        {
            members.insert("kind".to_owned(), "StorageV2".into());
            let sku = json!({"name": "Standard_LRS", "tier": "Standard"});
            members.insert("sku".to_owned(), sku);
        }
        document
    }
}

impl Manager {
    /// Every resource of a type.
    pub(super) fn resources(&self, kind: Kind) -> Vec<Resource> {
        match kind {
            Kind::DigitalTwins => self
                .instances
                .iter()
                .map(|(name, host)| Resource {
                    name: name.clone(),
                    kind,
                    properties: json!({
                        "provisioningState": "Succeeded",
                        "hostName": host,
                        "publicNetworkAccess": "Enabled",
                        "privateEndpointConnections": [],
                    }),
                })
                .collect(),
            Kind::Storage => {
                let address = format!("{}/{ACCOUNT}/", self.storage_url);
                let properties = json!({
                    "provisioningState": "Succeeded",
                    "primaryLocation": LOCATION,
                    "statusOfPrimary": "available",
                    // More than one, as every real account has; only the first
                    // is served.
                    "primaryEndpoints": {"blob": address, "dfs": address, "file": address},
                });
                vec![Resource { name: ACCOUNT.to_owned(), kind, properties }]
            }
            Kind::IotCentral => self
                .applications
                .iter()
                .map(|application| Resource {
                    name: application.name().to_owned(),
                    kind,
                    properties: json!({
                        "provisioningState": "Succeeded",
                        "state": "created",
                        "applicationId": application.id(),
                        "displayName": application.name(),
                        "subdomain": application.name(),
                        "template": "iotc-pnp-preview@1.0.0",
                        "publicNetworkAccess": "Enabled",
                    }),
                })
                .collect(),
        }
    }

    /// The keys of the storage account; real ones are two.
    pub(super) fn keys(&self) -> Value {
        let key = self.storage.account_key();
        let key =
            |name| json!({"keyName": name, "value": key.expose_secret(), "permissions": "FULL"});
        json!({"keys": [key("key1"), key("key2")]})
    }
}
