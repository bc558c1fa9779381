//! Reads what is on the platforms, in fair weather.

use futures_util::StreamExt as _;
use serde_json::{Value, json};
use twinkit_digital_twins::Json;
use twinkit_iot_central::types::Device;

use super::clients::Clients;
use super::plan::TEMPLATE;
use super::world::{self, World, written};

/// Everything that is there. The folder is that of the files.
pub(super) async fn look(
    clients: &Clients,
    folder: Option<&twinkit_itwin::FolderId>,
) -> anyhow::Result<World> {
    let mut found = World::new();
    graph(clients, &mut found).await?;
    let mut devices = clients.central.list_devices().items();
    while let Some(device) = devices.next_item().await {
        let device = device?;
        let shown = shown(&device);
        found.insert(world::device(&device.id.unwrap_or_default()), shown);
    }
    if let Some(folder) = folder {
        let storage = clients.platform.storage();
        let mut files = storage.list_folder_files().folder_id(folder).items();
        while let Some(file) = files.next_item().await {
            let file = file?;
            let bytes = storage.fetch_file(file.id.as_str()).bytes(1 << 30).await?;
            found.insert(world::file(&file.display_name), world::contents(&bytes));
        }
    }
    Ok(found)
}

async fn graph(clients: &Clients, found: &mut World) -> anyhow::Result<()> {
    let twins = &clients.twins;
    let mut models = twins.list_models().include_model_definition(true).items();
    while let Some(model) = models.next_item().await {
        let model = model?;
        let document = model.model.map(|model| model.parse()).transpose()?;
        found.insert(world::model(&model.id), document.unwrap_or_default());
    }
    let mut rows =
        twins.query("SELECT * FROM DIGITALTWINS").max_items_per_page(1000).rows::<Json>();
    while let Some(row) = rows.next().await {
        let row: Value = row?.parse()?;
        let id = row.get("$dtId").and_then(Value::as_str).unwrap_or_default();
        found.insert(world::twin(id), written(&row));
    }
    let mut rows =
        twins.query("SELECT * FROM RELATIONSHIPS").max_items_per_page(1000).rows::<Json>();
    while let Some(row) = rows.next().await {
        let row: Value = row?.parse()?;
        let text = |name: &str| row.get(name).and_then(Value::as_str).unwrap_or_default();
        let address = world::relationship(text("$sourceId"), text("$relationshipId"));
        found.insert(address, written(&row));
    }
    Ok(())
}

/// The name; all the rest is the same for all devices, and shown where it is not.
fn shown(device: &Device) -> Value {
    let is_usual = device.template.as_deref() == Some(TEMPLATE)
        && device.enabled == Some(true)
        && device.simulated == Some(false);
    if is_usual { json!({"displayName": device.display_name}) } else { json!(device) }
}
