//! Entity tags and conditions, end to end.

use serde_json::{Value, json};
use twinkit_digital_twins::{ETag, IfMatch, IfNoneMatch, Json, TwinPatch};
use twinkit_tests::support::stage::{Stage, contains, room};

#[tokio::test]
async fn a_twin_is_created_once() {
    let stage = Stage::seeded().await.unwrap();
    let put = || {
        let body = Json::from(room("new", "New", 1.0));
        stage.client.put_twin().id("new").if_none_match(IfNoneMatch::Any).body(body)
    };
    let created = put().send().await.unwrap();
    let body: Value = created.parse().unwrap();
    let tag = created.etag().unwrap();
    assert_eq!(body["$etag"], tag.as_str());
    assert!(tag.is_weak(), "{tag}");
    let error = put().send().await.unwrap_err();
    assert!(error.is_precondition_failed(), "{error}");
    assert_eq!(error.code(), Some("PreconditionFailed"));
    assert!(error.hint().is_some());
}

#[tokio::test]
async fn a_patch_gives_the_new_tag_and_only_the_newest_one_holds() {
    let stage = Stage::seeded().await.unwrap();
    let client = &stage.client;
    let patch = async |tag: IfMatch, value: f64| {
        let change = TwinPatch::new().set("temperature", value);
        client.update_twin().id("room-1").if_match(tag).body(change).send().await
    };
    let first = client.get_twin().id("room-1").send().await.unwrap().etag().unwrap();
    let changed = patch((&first).into(), 30.0).await.unwrap();
    let second = changed.etag().expect("a patch answers with the new tag");
    assert_eq!(changed.status().as_u16(), 204);
    assert_ne!(first, second);
    assert!(patch((&first).into(), 31.0).await.unwrap_err().is_precondition_failed());
    let third = patch((&second).into(), 32.0).await.unwrap().etag().unwrap();
    let twin = client.get_twin().id("room-1").send().await.unwrap();
    assert_eq!(twin.etag().unwrap(), third);
    assert_eq!(twin.parse::<Value>().unwrap()["temperature"], 32.0);

    let stale = client.delete_twin().id("room-2").if_match(&first).send().await.unwrap_err();
    assert!(stale.is_precondition_failed());
    assert!(patch(IfMatch::Any, 33.0).await.is_ok());
}

#[tokio::test]
async fn components_share_the_tag_of_their_twin_and_relationships_have_their_own() {
    let stage = Stage::seeded().await.unwrap();
    let client = &stage.client;
    let twin = client.get_twin().id("room-1").send().await.unwrap().etag().unwrap();
    let component = client.get_component().id("room-1").component_path("thermostat");
    let component = component.send().await.unwrap();
    assert_eq!(component.etag().unwrap(), twin);
    let patch = client.update_component().id("room-1").component_path("thermostat");
    let patch = patch.if_match(&twin).body(TwinPatch::new().set("setPoint", 19.5));
    let after = patch.send().await.unwrap().etag().unwrap();
    assert_eq!(client.get_twin().id("room-1").send().await.unwrap().etag().unwrap(), after);

    let named = || client.get_relationship().id("floor-1").relationship_id("floor-1-room-1");
    let own: ETag = named().send().await.unwrap().etag().unwrap();
    let update = || client.update_relationship().id("floor-1").relationship_id("floor-1-room-1");
    let body = || TwinPatch::new().set("since", "2024");
    let stale = update().if_match(&twin).body(body()).send().await.unwrap_err();
    assert!(stale.is_precondition_failed());
    let newer = update().if_match(&own).body(body()).send().await.unwrap().etag().unwrap();
    assert_ne!(own, newer);
    let delete = || client.delete_relationship().id("floor-1").relationship_id("floor-1-room-1");
    assert!(delete().if_match(&own).send().await.unwrap_err().is_precondition_failed());
    delete().if_match(&newer).send().await.unwrap();
}

#[tokio::test]
async fn a_component_read_goes_back_whole() {
    let stage = Stage::seeded().await.unwrap();
    let client = &stage.client;
    let twin = client.get_twin().id("room-1").send().await.unwrap();
    let document: Value = twin.parse().unwrap();
    assert!(document["thermostat"]["$metadata"].is_object());
    let back = client.put_twin().id("room-1").body(twin.into_inner()).send().await.unwrap();
    let again: Value = back.parse().unwrap();
    assert_eq!(again["thermostat"]["setPoint"], document["thermostat"]["setPoint"]);
    let relationship = contains("floor-1", "more", "room-1");
    let put = client.put_relationship().id("floor-1").relationship_id("more");
    put.if_none_match("*").body(Json::from(relationship)).send().await.unwrap();
    let replaced = client.update_twin().id("room-1");
    let error = replaced.body(TwinPatch::new().remove("nothing")).send().await.unwrap_err();
    assert_eq!(error.code(), Some("JsonPatchInvalid"), "{error}");
    assert_eq!(json!(error.status().unwrap().as_u16()), 400);
}
