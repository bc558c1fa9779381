//! Device templates: made and published in one step. Everybody may read them,
//! whatever organization they belong to.
//!
//! Our choices: a published capability may not be lost (422), a template that
//! devices use may not be deleted (409). With [`Config::own_template_ids`] a new
//! template gets an id of the service's own, and the one in the path stays
//! unknown.
//!
//! [`Config::own_template_ids`]: crate::iot_central::Config::own_template_ids

use serde_json::Value;
use uuid::Uuid;

use super::collection::{self, Collection, Context, table};
use crate::iot_central::{
    ApiError,
    access::Area,
    model,
    routes::{Answer, Call, ListOptions},
    rules::{Body, ids},
    state::{Document, Record},
};

pub(super) struct DeviceTemplates;

pub(super) fn answer(call: &Call, path: &[&str]) -> Result<Answer, ApiError> {
    if let ("PUT", [id]) = (call.method(), path)
        && call.application.config.own_template_ids
        && !call.application.read().device_templates.contains_key(*id)
    {
        DeviceTemplates::check_id(id)?;
        return collection::put::<DeviceTemplates>(call, &own_id());
    }
    DeviceTemplates::answer(call, path)
}

/// An id such as the platform's samples show.
fn own_id() -> String {
    let random = Uuid::new_v4().simple().to_string();
    let (first, rest) = random.split_at_checked(8).unwrap_or((&random, ""));
    let second: String = rest.chars().take(10).collect();
    format!("dtmi:modelDefinition:{first}:{second}")
}

impl Collection for DeviceTemplates {
    const KIND: &'static str = "device template";
    const AREA: Area = Area::Templates;
    const HAS_ETAG: bool = true;
    const OPTIONS: ListOptions = ListOptions::All;
    const COMMON: bool = true;

    table!(device_templates);

    fn check_id(id: &str) -> Result<(), ApiError> {
        ids::model_of(Self::KIND, id)
    }

    fn organizations<'r>(_id: &'r str, _record: &'r Record) -> Vec<&'r str> {
        Vec::new()
    }

    fn check(
        context: &Context<'_>,
        id: &str,
        document: &Document,
        old: Option<&Record>,
    ) -> Result<(), ApiError> {
        let config = &context.call.application.config;
        let mut body = Body::new(document);
        let given = body.optional_text("@id");
        if given.is_some_and(|given| given != id) && !config.own_template_ids {
            body.fault(format!("@id is not the id in the path, {id:?}"));
        }
        if body.list("@type").is_some_and(|types| !types.iter().all(Value::is_string)) {
            body.fault("@type is no list of texts");
        }
        body.optional_text("displayName");
        body.optional_text("description");
        if let Some(model) = body.object("capabilityModel") {
            for fault in model::check(model) {
                body.fault(fault);
            }
            let most = config.limits.capabilities;
            let count = model::capabilities(document).len();
            if count > most {
                body.fault(format!("capabilityModel has {count} capabilities, {most} are allowed"));
            }
            for lost in old.map(|old| model::lost(&old.document, document)).unwrap_or_default() {
                body.fault(format!("capabilityModel has lost what was published: {lost}"));
            }
        }
        body.verdict()?;
        let limit = config.limits.device_templates;
        collection::check_room::<Self>(context.state, old, limit)
    }

    fn settle(_: &Context<'_>, _: &str, document: &mut Document, _: Option<&Record>) {
        document.shift_remove("@id");
    }

    /// The id is called `@id` here.
    fn show(_context: &Context<'_>, id: &str, record: &Record) -> Value {
        let mut members = Document::new();
        members.insert("@id".to_owned(), id.into());
        members.insert("etag".to_owned(), record.etag.clone().into());
        members.extend(record.document.clone());
        members.into()
    }

    fn check_delete(context: &Context<'_>, id: &str) -> Result<(), ApiError> {
        let used = context.state.devices.values().any(|device| device.text("template") == Some(id));
        if used { Err(ApiError::conflict("There are devices of this template.")) } else { Ok(()) }
    }
}
