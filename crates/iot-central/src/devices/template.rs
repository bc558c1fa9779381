//! Whether an id names a published device template, and not the capability model
//! within one, which looks just alike. It must not change anything.

use progenitor_client::{Error, Json};
use serde::Deserialize;

use crate::{Client, DeviceTemplateId};

/// As much of a template as is needed here.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Heads {
    #[serde(rename = "@id")]
    id: Option<String>,
    capability_model: Option<Head>,
}

#[derive(Deserialize)]
struct Head {
    #[serde(rename = "@id")]
    id: Option<String>,
}

impl Client {
    /// Checks that `template` can be given to a device: with the id of a
    /// template's capability model in its place the service says no more than
    /// 400. One call if it is a template; else all templates are looked through.
    ///
    /// An id that is neither is let through: the service may know more.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`](crate::ErrorKind::InvalidRequest) if it is a
    /// capability model's, naming the template to give; what the look-ups say.
    pub async fn check_device_template(&self, template: &str) -> Result<(), Error> {
        let id = DeviceTemplateId::new(template)?;
        match self.get_device_template().device_template_id(&id).send().await {
            Ok(_) => return Ok(()),
            Err(error) if error.is_not_found() => {}
            Err(error) => return Err(error),
        }
        let mut owners = Vec::new();
        let mut listed = self.list_device_templates().items();
        while let Some(document) = listed.next_item().await {
            match owner(&document?, template) {
                Some(Owner::Template) => return Ok(()),
                Some(Owner::ModelOf(template)) => owners.push(template),
                None => {}
            }
        }
        match owners.as_slice() {
            [] => Ok(()),
            owners => {
                let message = format!("{template} is a capability model, not a device template");
                let hint = format!("give the template's own id: {}", owners.join(", or "));
                Err(Error::InvalidRequest(message).with_hint(hint))
            }
        }
    }
}

enum Owner {
    Template,
    ModelOf(String),
}

/// A template of another shape is nobody's owner.
#[inline]
fn owner(document: &Json, id: &str) -> Option<Owner> {
    let heads: Heads = document.parse().ok()?;
    let own = heads.id?;
    if own == id {
        return Some(Owner::Template);
    }
    let model = heads.capability_model?.id?;
    (model == id).then_some(Owner::ModelOf(own))
}
