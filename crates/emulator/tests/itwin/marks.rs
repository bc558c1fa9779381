//! Favorites and recents.

use serde_json::json;

use crate::support::{MISSING, Stage, each};

#[tokio::test]
async fn favorites_are_each_users_own() {
    let stage = Stage::new().await;
    let (one, other) = (stage.ada.new_itwin("One").await, stage.ada.new_itwin("Other").await);
    for id in [&other, &one, &other] {
        stage.ada.mark(&format!("/itwins/favorites/{id}")).await.expect(204);
    }
    let list = async |query: &str| {
        let page = stage.ada.get(&format!("/itwins/favorites{query}")).await.expect(200).json();
        each(&page["iTwins"], "displayName")
    };
    assert_eq!(list("").await, ["Other", "One"]);
    assert_eq!(list("/?$search=one").await, ["One"]);
    assert_eq!(list("?$top=1&$skip=1").await, ["One"]);
    let full = stage.ada.get_all_of("/itwins/favorites").await.expect(200).json();
    assert_eq!(full["iTwins"][0]["status"], "Active");
    let none = stage.service.get("/itwins/favorites").await.expect(200).json();
    assert_eq!(none["iTwins"], json!([]));

    stage.ada.delete(&format!("/itwins/favorites/{other}")).await.expect(204);
    stage.ada.delete(&format!("/itwins/favorites/{other}")).await.expect(204);
    assert_eq!(list("").await, ["One"]);
    for id in [MISSING, "x"] {
        let path = format!("/itwins/favorites/{id}");
        stage.ada.mark(&path).await.refused(404, "iTwinNotFound");
        stage.ada.delete(&path).await.refused(404, "iTwinNotFound");
    }
    let path = format!("/itwins/favorites/{one}");
    stage.service.mark(&path).await.refused(404, "iTwinNotFound");
    stage.ada.delete(&format!("/itwins/{one}")).await.expect(204);
    assert!(list("").await.is_empty());
}

#[tokio::test]
async fn the_25_newest_recents_are_kept() {
    let stage = Stage::new().await;
    let mut ids = Vec::new();
    for index in 0..26 {
        ids.push(stage.ada.new_itwin(&format!("T{index}")).await);
    }
    for id in &ids {
        stage.ada.mark(&format!("/itwins/recents/{id}")).await.expect(204);
    }
    stage.ada.mark(&format!("/itwins/recents/{}", ids[3])).await.expect(204);
    let page = stage.ada.get("/itwins/recents").await.expect(200).json();
    let names = each(&page["iTwins"], "displayName");
    assert_eq!(names.len(), 25);
    assert_eq!(names[..3], ["T3", "T25", "T24"]);
    assert_eq!(names[24], "T1");
    stage.ada.mark(&format!("/itwins/recents/{MISSING}")).await.refused(404, "iTwinNotFound");
    let path = format!("/itwins/recents/{}", ids[3]);
    stage.ada.delete(&path).await.refused(404, "ResourceNotFound");
}
