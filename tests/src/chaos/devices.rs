//! The steps on IoT Central.

use serde_json::json;
use twinkit_iot_central::DeviceTemplate;
use twinkit_iot_central::patches::DevicePatch;
use twinkit_iot_central::types::Device;

use super::outcome::{Fault, may_be_echo, settle};
use super::plan::TEMPLATE;
use super::workload::Workload;

impl Workload {
    pub(super) async fn create_template(&self) -> Result<(), Fault> {
        let model = json!({"@id": "dtmi:chaos:sensor_model;1", "@type": "Interface",
            "displayName": "Sensor", "contents": [
                {"@type": "Property", "name": "goal", "schema": "double", "writable": true}]});
        let model = model.as_object().cloned().unwrap_or_default();
        settle(async |_| {
            let create = self.clients.central.create_device_template();
            let create = create.device_template_id(TEMPLATE);
            create.body(DeviceTemplate::new(model.clone())).send().await?;
            Ok(())
        })
        .await
    }

    /// To create or to replace: the same whether it is done once or twice.
    pub(super) async fn put_device(&self, id: &str, name: &str) -> Result<(), Fault> {
        settle(async |_| {
            let device = Device::builder()
                .display_name(name.to_owned())
                .template(TEMPLATE.to_owned())
                .simulated(false)
                .enabled(true);
            self.clients.central.create_device().device_id(id).body(device).send().await?;
            Ok(())
        })
        .await
    }

    /// Nobody else changes it, so a second time does no harm.
    pub(super) async fn rename_device(&self, id: &str, name: &str) -> Result<(), Fault> {
        settle(async |_| {
            let patch = DevicePatch::new().display_name(name.to_owned());
            self.clients.central.update_device().device_id(id).body(patch).send().await?;
            Ok(())
        })
        .await
    }

    pub(super) async fn delete_device(&self, id: &str) -> Result<(), Fault> {
        let central = &self.clients.central;
        settle(async |in_doubt| match central.delete_device().device_id(id).send().await {
            Ok(_) => Ok(()),
            Err(error) if error.is_not_found() && may_be_echo(&error, in_doubt) => Ok(()),
            Err(error) => Err(error.into()),
        })
        .await
    }

    pub(super) async fn list_devices(&self, least: usize) -> Result<(), Fault> {
        settle(async |_| {
            let mut devices = self.clients.central.list_devices().items();
            let mut count = 0;
            while let Some(device) = devices.next_item().await {
                device?;
                count += 1;
            }
            if count < least {
                return Err(Fault::Wrong(format!("{count} devices are listed, not {least}")));
            }
            Ok(())
        })
        .await
    }
}
