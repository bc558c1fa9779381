//! Reality Management: what is known of captured data, their files, their iTwins.

mod associations;
mod container;
mod list;
mod one;

use serde_json::{Value, json};

use crate::support::Caller;

const INVALID: &str = "InvalidRealityDataRequest";
const LIST: &str = "/reality-management/reality-data";

/// Makes data with these members, beside a name and a type; answers them.
async fn made(caller: &Caller, members: &Value) -> Value {
    let mut body = json!({"displayName": "Bridge", "type": "Cesium3DTiles"});
    let members = members.as_object().unwrap().clone();
    body.as_object_mut().unwrap().extend(members);
    caller.post(LIST, &body).await.expect(201).json()["realityData"].clone()
}

/// The same for an iTwin; answers the path.
async fn new_data(caller: &Caller, itwin: &str) -> String {
    let made = made(caller, &json!({"iTwinId": itwin})).await;
    format!("{LIST}/{}", made["id"].as_str().unwrap())
}
