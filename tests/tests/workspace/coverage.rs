//! Everything of the specification is generated, tested and served.

use serde_json::json;
use twinkit_tests::coverage;
use twinkit_tests::served;
use twinkit_tests::spec::Document;

#[tokio::test]
async fn everything_is_covered() {
    let document = Document::from_file(&coverage::digital_twins_spec()).unwrap();
    let found = coverage::digital_twins(&document).await.unwrap();
    assert!(found.is_complete(), "{found}");
    assert_eq!(found.spec, 32);
    assert_eq!(
        serde_json::to_string(&[found]).unwrap(),
        r#"[{"api":"digital-twins","spec":32,"generated":32,"tested":32,"served":32}]"#
    );
}

#[tokio::test]
async fn everything_of_iot_central_is_covered() {
    for (api, operations) in [("iot-central", 96), ("iot-central-preview", 120)] {
        let found = coverage::count(api, None).await.unwrap();
        assert!(found.is_complete(), "{found}");
        assert_eq!((found.spec, found.served, found.emulated), (operations, operations, true));
    }
    for nothing in ["nothing", "itwin-nothing"] {
        let unknown = coverage::count(nothing, None).await.unwrap_err().to_string();
        assert!(unknown.contains("iot-central-preview"), "{unknown}");
    }
}

#[tokio::test]
async fn everything_of_the_itwin_platform_is_covered() {
    let apis = [
        ("itwin-users", 5),
        ("itwin-itwins", 33),
        ("itwin-access-control", 38),
        ("itwin-imodels", 57),
        ("itwin-storage", 25),
        ("itwin-reality-management", 11),
        ("itwin-webhooks", 5),
    ];
    for (api, operations) in apis {
        let found = coverage::count(api, None).await.unwrap();
        assert!(found.is_complete(), "{found}");
        assert_eq!((found.spec, found.served, found.emulated), (operations, operations, true));
    }
}

#[tokio::test]
async fn what_the_emulator_does_not_have_yet_is_told_and_not_missed() {
    let apis = [("itwin-imodels", 57), ("itwin-reality-management", 11), ("itwin-webhooks", 5)];
    for (api, operations) in apis {
        let found = coverage::count(api, None).await.unwrap();
        assert!(found.is_complete(), "{found}");
        assert_eq!((found.spec, found.served, found.emulated), (operations, 0, false));
        assert!(found.to_string().ends_with("0 served (not emulated yet)"), "{found}");
        let json = serde_json::to_value(&found).unwrap();
        assert_eq!((&json["served"], &json["emulated"]), (&json!(0), &json!(false)));
    }
}

#[tokio::test]
async fn what_the_client_does_not_have_is_counted_as_missing() {
    let document = Document::from_file(&coverage::digital_twins_spec()).unwrap();
    let mut root = document.root().clone();
    let get = root["paths"]["/digitaltwins/{id}"]["get"].clone();
    root["paths"]["/digitaltwins/{id}/ghost"] = serde_json::json!({"get": get});
    root["paths"]["/digitaltwins/{id}/ghost"]["get"]["operationId"] = "get_ghost".into();
    let found = coverage::digital_twins(&Document::from_value(root)).await.unwrap();
    assert_eq!((found.spec, found.generated, found.tested, found.served), (33, 32, 32, 32));
    assert!(found.to_string().contains("not generated: get_ghost"), "{found}");
    assert!(!found.is_complete());
}

#[tokio::test]
async fn answers_that_are_not_as_described_are_not_served() {
    let document = Document::from_file(&coverage::digital_twins_spec()).unwrap();
    let mut root = document.root().clone();
    let schemas = &mut root["components"]["schemas"];
    let twin = schemas["DigitalTwin"]["properties"].as_object_mut().unwrap();
    let id = twin.remove("$dtId").unwrap();
    twin.insert("$id".to_owned(), id);
    schemas["Component"]["properties"]["$metadata"] = json!({"type": "string"});
    schemas["Relationship"]["required"] = json!(["$relationshipLink"]);
    schemas["EventRoute"]["properties"]["filter"] = json!({"type": "boolean"});
    let seen = served::digital_twins(&Document::from_value(root)).await.unwrap();
    let unserved: Vec<&str> =
        seen.iter().filter(|(_, seen)| !seen.holds()).map(|(name, _)| name.as_str()).collect();
    let changed = [
        "get_component",
        "get_event_route",
        "get_relationship",
        "get_twin",
        "list_event_routes",
        "put_relationship",
        "put_twin",
    ];
    assert_eq!(unserved, changed);
}

#[tokio::test]
async fn larger_answers_are_held_to_a_schema_of_their_own() {
    let document = Document::from_file(&coverage::itwin_spec("itwins")).unwrap();
    let mut root = document.root().clone();
    let schemas = &mut root["components"]["schemas"];
    schemas["ITwin"]["required"].as_array_mut().unwrap().push("colour".into());
    schemas["Export"]["properties"]["status"]["enum"] = json!(["Queued"]);
    schemas["ResourceResponse"]["required"] = json!(["colour"]);
    let seen = served::itwins(&Document::from_value(root)).await.unwrap();
    let unserved: Vec<&str> =
        seen.iter().filter(|(_, seen)| !seen.holds()).map(|(name, _)| name.as_str()).collect();
    let changed = [
        "create_itwin",
        "create_resource",
        "get_export",
        "get_global_resource",
        "get_itwin",
        "get_itwin_account",
        "get_resource",
        "list_exports",
        "list_favorites",
        "list_itwins",
        "list_recents",
        "update_itwin",
    ];
    assert_eq!(unserved, changed);
}
