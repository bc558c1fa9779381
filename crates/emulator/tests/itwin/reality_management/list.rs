//! The list: pages by tokens, filters, order.

use std::time::Duration;

use serde_json::{Value, json};

use super::{INVALID, LIST, made};
use crate::support::{Caller, MISSING, Stage, each};

async fn names(caller: &Caller, query: &str) -> Vec<String> {
    let listed: Value = caller.get(&format!("{LIST}?{query}")).await.expect(200).json();
    each(&listed["realityData"], "displayName")
}

#[tokio::test]
async fn pages_go_on_with_tokens_until_none_is_given() {
    let stage = Stage::new().await;
    let itwin = stage.ada.new_itwin("A").await;
    for number in 1..=5 {
        let name = number.to_string();
        made(&stage.ada, &json!({"iTwinId": itwin, "displayName": name, "dataset": "D"})).await;
    }
    let path = format!("{LIST}?iTwinId={itwin}&$top=2&$orderBy=displayName%20desc");
    let first = stage.ada.get(&path).await.expect(200).json();
    assert_eq!(each(&first["realityData"], "displayName"), ["5", "4"]);
    // The essentials and no more, and one link alone.
    let members: Vec<&String> = first["realityData"][0].as_object().unwrap().keys().collect();
    assert_eq!(members, ["id", "displayName", "type"]);
    assert_eq!(first["_links"].as_object().unwrap().len(), 1);
    let next = first["_links"]["next"]["href"].as_str().unwrap();
    assert!(next.contains("continuationToken=") && !next.contains("$continuationToken"));
    let second = stage.ada.get(next).await.expect(200).json();
    assert_eq!(each(&second["realityData"], "displayName"), ["3", "2"]);
    // The token knows how long a page is.
    let next = second["_links"]["next"]["href"].as_str().unwrap().replace("&$top=2", "");
    let third = stage.ada.get_all_of(&next).await.expect(200).json();
    assert_eq!(each(&third["realityData"], "displayName"), ["1"]);
    assert_eq!(each(&third["realityData"], "dataset"), ["D"]);
    assert_eq!(third.get("_links"), None);
    let next = first["_links"]["next"]["href"].as_str().unwrap().replace("&$top=2", "");
    let second = stage.ada.get(&next).await.expect(200).json();
    assert_eq!(each(&second["realityData"], "displayName"), ["3", "2"]);
}

#[tokio::test]
async fn filters_and_order_are_followed() {
    let stage = Stage::new().await;
    let itwin = stage.ada.new_itwin("A").await;
    let make = |name: &str, more: Value| {
        let mut members = json!({"iTwinId": itwin, "displayName": name});
        members.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let ada = stage.ada.clone();
        async move { made(&ada, &members).await }
    };
    let square = |from: f64, to: f64| {
        json!({
            "southWest": {"latitude": from, "longitude": from},
            "northEast": {"latitude": to, "longitude": to},
        })
    };
    make("b", json!({"type": "PointCloud", "extent": square(0.0, 1.0), "tags": ["x", "y"]})).await;
    let between = stage.emulator.clock().now() + Duration::from_secs(30);
    stage.emulator.clock().advance(Duration::from_secs(60));
    let acquisition =
        json!({"startDateTime": "2024-05-01T00:00:00Z", "endDateTime": "2024-05-03T00:00:00Z"});
    make("A", json!({"type": "OBJ", "acquisition": acquisition, "description": "A Tall Tower"}))
        .await;
    make("c", json!({"extent": square(10.0, 11.0), "ownerId": stage.service.id})).await;

    let later = between + Duration::from_secs(3600);
    for (query, found) in [
        (String::new(), vec!["b", "A", "c"]),
        ("&$orderBy=displayName".to_owned(), vec!["A", "b", "c"]),
        ("&$orderBy=createdDateTime desc,displayName".to_owned(), vec!["c", "A", "b"]),
        ("&types=OBJ,PointCloud".to_owned(), vec!["b", "A"]),
        ("&tag=y".to_owned(), vec!["b"]),
        ("&tag=z".to_owned(), vec![]),
        ("&$search=tall tower".to_owned(), vec!["A"]),
        ("&extent=0.5,0.5,2,2".to_owned(), vec!["b"]),
        ("&extent=-20,-20,20,20".to_owned(), vec!["b", "c"]),
        (format!("&ownerId={}", stage.service.id), vec!["c"]),
        ("&dataCenter=East US".to_owned(), vec!["b", "A", "c"]),
        ("&dataCenter=UK South".to_owned(), vec![]),
        ("&acquisitionDateTime=2024-05-02T00:00:00Z/2024-06-01T00:00:00Z".to_owned(), vec!["A"]),
        ("&acquisitionDateTime=2024-05-04T00:00:00Z/2024-06-01T00:00:00Z".to_owned(), vec![]),
        (format!("&createdDateTime={between}/{later}"), vec!["A", "c"]),
        (format!("&modifiedDateTime=2024-01-01T00:00:00Z/{between}"), vec!["b"]),
        (format!("&lastAccessedDateTime=2024-01-01T00:00:00Z/{between}"), vec!["b"]),
    ] {
        assert_eq!(names(&stage.ada, &format!("iTwinId={itwin}{query}")).await, found, "{query}");
    }
    // Without an iTwin: what the caller owns.
    assert_eq!(names(&stage.ada, "").await, ["b", "A"]);
    assert_eq!(names(&stage.service, "").await, ["c"]);
}

#[tokio::test]
async fn parameters_that_do_not_fit_are_told() {
    let stage = Stage::new().await;
    let itwin = stage.ada.new_itwin("A").await;
    for top in ["0", "1001", "-1", "x"] {
        let answer = stage.ada.get(&format!("{LIST}?$top={top}")).await;
        answer.refused_for(INVALID, "InvalidParameter", "$Top");
    }
    for (name, value) in [
        ("extent", "1,2,3"),
        ("$orderBy", "nothing"),
        ("createdDateTime", "2024-01-01T00:00:00Z"),
        ("acquisitionDateTime", "yesterday/today"),
        ("ownerId", "x"),
    ] {
        let answer = stage.ada.get(&format!("{LIST}?{name}={value}")).await;
        answer.refused_for(INVALID, "InvalidParameter", name);
    }
    let odd = stage.ada.get(&format!("{LIST}?continuationToken=x")).await;
    odd.refused_for(INVALID, "InvalidValue", "continuationToken");
    stage.ada.get(&format!("{LIST}?iTwinId=x")).await.refused_for(
        INVALID,
        "InvalidValue",
        "iTwinId",
    );
    let missing = stage.ada.get(&format!("{LIST}?iTwinId={MISSING}")).await;
    missing.refused(403, "InsufficientPermissions");
    let bob = stage.member(&itwin, "Bob", &["realitydata_manage"]).await;
    let answer = bob.get(&format!("{LIST}?iTwinId={itwin}")).await;
    answer.refused(403, "InsufficientPermissions");
}
