//! Folders and files as answers show them.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::{
    drives::{Drives, Item},
    ids,
};
use crate::itwin::{routes::Call, state::ITwin, time};

/// Shows items, with the names of the people who changed them.
pub(super) struct Shower<'c> {
    base: &'c str,
    names: HashMap<String, String>,
}

impl<'c> Shower<'c> {
    pub(super) fn of(call: &'c Call) -> Self {
        let name = |given: &str, surname: &str| format!("{given} {surname}").trim().to_owned();
        let users = call.platform.users().into_iter();
        let names = users.map(|user| (user.id, name(&user.given_name, &user.surname))).collect();
        Self { base: &call.base, names }
    }

    pub(super) fn folder_link(&self, id: &str) -> Value {
        json!({"href": format!("{}/storage/folders/{id}", self.base)})
    }

    pub(super) fn item(&self, drives: &Drives, item: &Item) -> Value {
        let user = |id: &str| {
            let base = self.base;
            json!({"href": format!("{base}/accesscontrol/itwins/{}/members/{id}", item.itwin_id)})
        };
        let mut shown = json!({
            "type": "folder",
            "id": item.id,
            "displayName": item.name,
            "description": item.description,
            "path": drives.path(item),
            "lastModifiedByDisplayName": self.name_of(&item.modified_by),
            "createdDateTime": time::shown(item.created),
            "lastModifiedDateTime": time::shown(item.modified),
            "parentFolderId": item.parent_id,
            "_links": {
                "createdBy": user(&item.created_by),
                "lastModifiedBy": user(&item.modified_by),
                "parentFolder": self.folder_link(&item.parent_id),
            },
        });
        if let (Some(content), Some(members)) = (&item.content, shown.as_object_mut()) {
            members.insert("type".to_owned(), "file".into());
            members.insert("size".to_owned(), content.size.into());
            members.insert("isFileLocked".to_owned(), content.locked_by.is_some().into());
        }
        shown
    }

    /// The root folder of an iTwin.
    pub(super) fn root(&self, itwin: &ITwin) -> Value {
        let modified_by = itwin.modified_by.as_ref().unwrap_or(&itwin.created_by);
        json!({
            "type": "folder",
            "id": ids::root(&itwin.id),
            "displayName": itwin.display_name,
            "description": null,
            "path": "",
            "lastModifiedByDisplayName": self.name_of(modified_by),
            "createdDateTime": time::shown(itwin.created),
            "lastModifiedDateTime": time::shown(itwin.modified.unwrap_or(itwin.created)),
            "parentFolderId": null,
            "_links": {},
        })
    }

    fn name_of(&self, user_id: &str) -> &str {
        self.names.get(user_id).map_or("", String::as_str)
    }
}
