//! Pages: 25 items, a link that is followed as it is, tokens of one list only.

use serde_json::json;

use crate::support::{OLDER_PREVIEW, PREVIEW, Stage};

async fn with_organizations(count: usize) -> Stage {
    let stage = Stage::new().await;
    for number in 0..count {
        let body = json!({"displayName": format!("Organization {number}")});
        stage.owner.put(&format!("/organizations/org-{number:03}"), &body).await.expect(200);
    }
    stage
}

#[tokio::test]
async fn lists_come_in_pages_of_25_and_every_item_once() {
    let stage = with_organizations(60).await;
    let (items, pages) = stage.owner.all("/organizations").await;
    assert_eq!(pages, 3);
    let ids: Vec<&str> = items.iter().map(|item| item["id"].as_str().unwrap()).collect();
    let expected: Vec<String> = (0..60).map(|number| format!("org-{number:03}")).collect();
    assert_eq!(ids, expected);
    let (_, pages) = with_organizations(25).await.owner.all("/organizations").await;
    assert_eq!(pages, 1);
}

#[tokio::test]
async fn a_link_is_absolute_and_holds_all_it_needs() {
    let stage = with_organizations(26).await;
    let page = stage.owner.get("/organizations?odd=a%26b").await.expect(200).json();
    let link = page["nextLink"].as_str().unwrap();
    let base = format!("{}/api/organizations?", stage.emulator.iot_central_url());
    assert!(link.starts_with(&base), "{link}");
    assert!(link.contains("odd=a%26b&api-version=2022-07-31&%24skiptoken="), "{link}");
    // Also where the version is sent twice, it is told once.
    let twice =
        stage.owner.get("/organizations?api-version=2022-07-31&api-version=2022-07-31").await;
    assert_eq!(twice.json()["nextLink"].as_str().unwrap().matches("api-version").count(), 1);
}

#[tokio::test]
async fn a_token_is_of_one_list() {
    let stage = with_organizations(26).await;
    let page = stage.owner.get("/organizations").await.json();
    let link = page["nextLink"].as_str().unwrap();
    let elsewhere = link.replace("/organizations?", "/users?");
    stage.owner.get(&elsewhere).await.refused(400, "BadRequest");
    let broken = format!("{link}x");
    stage.owner.get(&broken).await.refused(400, "BadRequest");
}

#[tokio::test]
async fn the_size_is_chosen_in_previews_where_the_list_has_it() {
    let stage = Stage::new().await;
    let (preview, older) = (stage.owner.version(PREVIEW), stage.owner.version(OLDER_PREVIEW));
    for (caller, path, pages) in [
        (&preview, "/users?maxpagesize=1", 2),
        (&older, "/users?$top=1", 2),
        (&older, "/users?maxpagesize=1", 1),
        (&stage.owner, "/users?maxpagesize=1", 1),
        (&preview, "/roles?maxpagesize=1", 1),
    ] {
        assert_eq!(caller.all(path).await.1, pages, "{path}");
    }
    for size in ["0", "101", "x", "-1"] {
        preview.get(&format!("/users?maxpagesize={size}")).await.refused(400, "BadRequest");
    }
}
