//! Repositories, their resources and graphics.

use serde_json::{Value, json};

use crate::support::{Caller, MISSING, Stage, each};

const INVALID: &str = "InvalidiTwinsRequest";

fn maps() -> Value {
    json!({
        "class": "GeographicInformationSystem", "subClass": "WebMapService",
        "displayName": "Maps", "uri": "https://maps.example.com/wms",
        "authentication": {"type": "Header", "key": "X-Key", "value": "a secret of the map"},
        "options": {"queryParameters": {"layer": "1"}, "minimumLevel": 3},
    })
}

async fn make(caller: &Caller, itwin: &str) -> String {
    let path = format!("/itwins/{itwin}/repositories");
    let made = caller.post(&path, &maps()).await.expect(201).json();
    format!("{path}/{}", made["repository"]["id"].as_str().unwrap())
}

#[tokio::test]
async fn generated_repositories_stand_beside_those_that_were_made() {
    let stage = Stage::new().await;
    let id = stage.ada.new_itwin("A").await;
    let path = format!("/itwins/{id}/repositories");
    let made = make(&stage.ada, &id).await;
    let list = async |query: &str| {
        let list = stage.ada.get(&format!("{path}{query}")).await.expect(200).json();
        each(&list["repositories"], "class")
    };
    assert_eq!(
        list("").await,
        ["iModels", "RealityData", "Storage", "GeographicInformationSystem"]
    );
    assert_eq!(list("?class=Storage").await, ["Storage"]);
    let both = "?class=GeographicInformationSystem&subClass=WebMapService";
    assert_eq!(list(both).await, ["GeographicInformationSystem"]);
    for (query, target) in [
        ("?class=Storage&subClass=UrlTemplate", "subClass"),
        ("?subClass=UrlTemplate", "subClass"),
        ("?class=Other", "class"),
    ] {
        let answer = stage.ada.get(&format!("{path}{query}")).await;
        answer.refused_for(INVALID, "InvalidValue", target);
    }
    let models = stage.ada.get(&format!("{path}/iModels")).await.expect(200).json();
    let uri = format!("{}/imodels?iTwinId={id}", stage.emulator.itwin_url());
    assert_eq!(models["repository"]["uri"], uri);
    stage.ada.delete(&format!("{path}/iModels")).await.refused(403, "InsufficientPermissions");
    stage.ada.get(&made).await.expect(200);
}

#[tokio::test]
async fn a_repository_is_made_changed_and_deleted() {
    let stage = Stage::new().await;
    let id = stage.ada.new_itwin("A").await;
    let list = format!("/itwins/{id}/repositories");
    let path = make(&stage.ada, &id).await;
    stage.ada.post(&list, &maps()).await.refused(409, "iTwinRepositoryExists");
    let shown = stage.ada.get(&path).await.expect(200).json();
    for (name, value) in maps().as_object().unwrap() {
        assert_eq!(shown["repository"][name], *value, "{name}");
    }
    let uri = format!("{}{path}/resources", stage.emulator.itwin_url());
    assert_eq!(shown["repository"]["capabilities"]["resources"]["uri"], uri);
    let change = json!({"displayName": "More maps", "authentication": null});
    let changed = stage.ada.patch(&path, &change).await.expect(200).json();
    assert_eq!(changed["repository"]["displayName"], "More maps");
    assert!(changed["repository"].get("authentication").is_none());
    assert_eq!(changed["repository"]["uri"], maps()["uri"]);
    stage.ada.patch(&path, &json!({"uri": ""})).await.refused_for(INVALID, "InvalidValue", "uri");
    stage.ada.delete(&path).await.expect(204);
    for answer in [stage.ada.get(&path).await, stage.ada.delete(&path).await] {
        answer.refused(404, "iTwinRepositoryNotFound");
    }
    stage.ada.patch(&path, &change).await.refused(404, "iTwinRepositoryNotFound");
}

#[tokio::test]
async fn what_a_new_repository_lacks_is_told() {
    let stage = Stage::new().await;
    let id = stage.ada.new_itwin("A").await;
    let path = format!("/itwins/{id}/repositories");
    let missing = "MissingRequiredProperty";
    let uri = "https://a.example";
    for (body, detail, target) in [
        (json!({"class": "Subsurface", "uri": uri}), "InvalidValue", "subClass"),
        (json!({"class": "Construction", "subClass": "Performance"}), missing, "uri"),
        (json!({"class": "Storage", "uri": uri}), "InvalidValue", "class"),
        (
            json!({"class": "Subsurface", "subClass": "EvoWorkspace", "uri": "a"}),
            "InvalidValue",
            "uri",
        ),
        (
            json!({"class": "Subsurface", "subClass": "EvoWorkspace", "uri": uri,
                "authentication": {"type": "Basic", "username": "a"}}),
            missing,
            "authentication.password",
        ),
    ] {
        stage.ada.post(&path, &body).await.refused_for(INVALID, detail, target);
    }
    let path = format!("/itwins/{MISSING}/repositories");
    stage.ada.post(&path, &maps()).await.refused(404, "iTwinNotFound");
    let bob = stage.member(&id, "Bob", &["imodels_read"]).await;
    let path = format!("/itwins/{id}/repositories");
    bob.get(&path).await.expect(200);
    bob.post(&path, &maps()).await.refused(403, "InsufficientPermissions");
}

#[tokio::test]
async fn resources_have_ids_of_the_callers_choice() {
    let stage = Stage::new().await;
    let id = stage.ada.new_itwin("A").await;
    let path = make(&stage.ada, &id).await;
    let list = format!("{path}/resources");
    for id in ["flood/zones", "Graphics", "b"] {
        let body = json!({"id": id, "displayName": format!("Layer {id}")});
        let made = stage.ada.post(&list, &body).await.expect(201).json();
        assert_eq!(made["resource"]["id"], id);
        assert_eq!(made["resource"]["subClass"], "WebMapService");
    }
    let body = json!({"id": "b", "displayName": "Again"});
    stage.ada.post(&list, &body).await.refused(409, "iTwinRepositoryResourceExists");
    let page = stage.ada.get(&format!("{list}?$top=2")).await.expect(200).json();
    assert_eq!(each(&page["resources"], "id"), ["flood/zones", "Graphics"]);
    let next = page["_links"]["next"]["href"].as_str().unwrap();
    let rest = stage.ada.get(next).await.expect(200).json();
    assert_eq!(each(&rest["resources"], "id"), ["b"]);
    assert!(rest["_links"].get("next").is_none());
    let found = stage.ada.get(&format!("{list}?$search=FLOOD")).await.expect(200).json();
    assert_eq!(each(&found["resources"], "id"), ["flood/zones"]);

    let one = format!("{list}/flood%2Fzones");
    let short = stage.ada.get(&one).await.expect(200).json();
    assert!(short["resource"].get("properties").is_none());
    let full = stage.ada.get_all_of(&one).await.expect(200).json();
    assert!(full["resource"]["properties"].is_object());
    let graphics = full["resource"]["capabilities"]["graphics"]["uri"].as_str().unwrap();
    let graphics = stage.ada.get(graphics).await.expect(200).json();
    assert_eq!(graphics["graphics"][0]["uri"], maps()["uri"]);
    assert_eq!(graphics["graphics"][0]["type"], "WebMapService");
    stage.ada.get(&format!("{list}/Graphics")).await.expect(200);
    stage.ada.delete(&one).await.expect(204);
    stage.ada.get(&one).await.refused(404, "iTwinRepositoryResourceNotFound");
    stage.ada.delete(&one).await.refused(404, "iTwinRepositoryResourceNotFound");
    let none = stage.ada.get(&format!("{one}/graphics")).await.expect(200).json();
    assert_eq!(none["graphics"], json!([]));
}

#[tokio::test]
async fn global_repositories_are_the_same_for_everybody() {
    let stage = Stage::new().await;
    let list = stage.service.get("/itwins/repositories").await.expect(200).json();
    assert_eq!(each(&list["repositories"], "id"), ["cesium"]);
    let path = "/itwins/Repositories/cesium";
    let cesium = stage.ada.get(path).await.expect(200).json();
    assert_eq!(cesium["repository"]["class"], "Cesium");
    let page = stage.ada.get(&format!("{path}/resources")).await.expect(200).json();
    assert_eq!(each(&page["resources"], "id"), ["terrain"]);
    let none = stage.ada.get(&format!("{path}/resources?$search=city")).await.expect(200).json();
    assert_eq!(none["resources"], json!([]));
    let terrain = format!("{path}/resources/terrain");
    let found = stage.ada.get_all_of(&terrain).await.expect(200).json();
    assert_eq!(found["resource"]["properties"], json!({}));
    let graphics = found["resource"]["capabilities"]["graphics"]["uri"].as_str().unwrap();
    let graphics = stage.ada.get(graphics).await.expect(200).json();
    assert_eq!(each(&graphics["graphics"], "type"), ["Terrain"]);
    let none = stage.ada.get(&format!("{path}/resources/1")).await;
    none.refused(404, "iTwinRepositoryResourceNotFound");
    let none = stage.ada.get(&format!("{path}/resources/1/graphics")).await.expect(200).json();
    assert_eq!(none["graphics"], json!([]));
    let none = stage.ada.get("/itwins/repositories/other").await;
    none.refused(404, "iTwinRepositoryNotFound");
}
