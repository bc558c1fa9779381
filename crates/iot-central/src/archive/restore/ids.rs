//! Ids that are others in the application than in the archive: those of device
//! templates, which the service may choose, and of roles, which are made by
//! hand. It must not know how either is found.

use std::collections::HashMap;

use crate::Json;
use crate::archive::Collection;
use crate::archive::document::{Members, text};

/// What the ids of the archive are in the application.
#[derive(Clone, Debug, Default)]
pub(super) struct Ids {
    /// `None` for templates that were not carried.
    templates: HashMap<String, Option<String>>,
    /// Roles that the application has, by the archive's id.
    roles: HashMap<String, String>,
}

impl Ids {
    pub(super) fn template_is(&mut self, archived: &str, here: Option<String>) {
        self.templates.insert(archived.to_owned(), here);
    }

    pub(super) fn role_is(&mut self, archived: &str, here: &str) {
        self.roles.insert(archived.to_owned(), here.to_owned());
    }

    pub(super) fn role(&self, archived: &str) -> Option<&str> {
        self.roles.get(archived).map(String::as_str)
    }

    /// A template's id here. One that the archive does not have is looked for
    /// by the service, under the same id.
    fn template(&self, archived: &str) -> Result<String, String> {
        match self.templates.get(archived) {
            Some(Some(here)) => Ok(here.clone()),
            Some(None) => Err(format!("its template {archived} was not carried")),
            None => Ok(archived.to_owned()),
        }
    }

    /// Puts the application's ids into what is to be sent; the reason, if one
    /// is not there.
    pub(super) fn translate(&self, collection: Collection, body: &mut Members) -> Option<String> {
        let translated = match collection {
            Collection::Devices => self.member(body, "template"),
            Collection::DeviceGroups => {
                if let Some(filter) = body.text("filter") {
                    body.set("filter", text(&self.filter(&filter)));
                }
                Ok(())
            }
            Collection::ScheduledJobs => self.steps(body),
            _ => Ok(()),
        };
        translated.err()
    }

    fn member(&self, body: &mut Members, name: &str) -> Result<(), String> {
        if let Some(template) = body.text(name) {
            body.set(name, text(&self.template(&template)?));
        }
        Ok(())
    }

    /// The template that each step of a job is for, or leads to.
    fn steps(&self, body: &mut Members) -> Result<(), String> {
        let Some(mut steps) = body.read::<Vec<Members>>("data") else { return Ok(()) };
        for step in &mut steps {
            self.member(step, "target")?;
            self.member(step, "template")?;
        }
        let steps = Json::from_serialize(&steps).map_err(|error| error.to_string())?;
        body.set("data", steps);
        Ok(())
    }

    /// A group's filter names templates in double quotes.
    fn filter(&self, filter: &str) -> String {
        self.templates.iter().fold(filter.to_owned(), |filter, (archived, here)| match here {
            Some(here) if here != archived => {
                filter.replace(&format!("\"{archived}\""), &format!("\"{here}\""))
            }
            _ => filter,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn translated(collection: Collection, body: Value) -> Result<Value, String> {
        let mut ids = Ids::default();
        ids.template_is("dtmi:a;1", Some("dtmi:b;1".to_owned()));
        ids.template_is("dtmi:c;1", None);
        let mut members: Members = Json::from(body).parse().unwrap();
        match ids.translate(collection, &mut members) {
            None => Ok(members.to_json().unwrap().parse().unwrap()),
            Some(reason) => Err(reason),
        }
    }

    #[test]
    fn templates_are_named_anew_wherever_they_stand() {
        let body = json!({"template": "dtmi:a;1", "displayName": "dtmi:a;1"});
        let device = translated(Collection::Devices, body).unwrap();
        assert_eq!(device, json!({"template": "dtmi:b;1", "displayName": "dtmi:a;1"}));
        let filter = r#"SELECT * FROM devices WHERE $template = "dtmi:a;1" AND $id != "dtmi:a;12""#;
        let group = translated(Collection::DeviceGroups, json!({"filter": filter})).unwrap();
        let expected = filter.replace("\"dtmi:a;1\"", "\"dtmi:b;1\"");
        assert_eq!(group["filter"], expected);
        let steps = json!({"data": [
            {"type": "property", "target": "dtmi:a;1", "path": "p", "value": 1},
            {"type": "deviceTemplateMigration", "template": "dtmi:a;1"},
            {"type": "command", "target": "dtmi:other;1", "path": "c"},
        ]});
        let job = translated(Collection::ScheduledJobs, steps).unwrap();
        assert_eq!(job["data"][0]["target"], "dtmi:b;1");
        assert_eq!(job["data"][1]["template"], "dtmi:b;1");
        assert_eq!(job["data"][2]["target"], "dtmi:other;1");
    }

    #[test]
    fn a_template_that_was_not_carried_is_told() {
        let reason = translated(Collection::Devices, json!({"template": "dtmi:c;1"})).unwrap_err();
        assert!(reason.contains("dtmi:c;1"), "{reason}");
        assert!(translated(Collection::Devices, json!({"displayName": "x"})).is_ok());
    }
}
