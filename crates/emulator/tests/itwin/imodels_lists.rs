//! Lists of iModels: filters, order, pages, how much of each.

use serde_json::{Value, json};

use crate::{
    imodels_support::Scene,
    support::{MISSING, Stage, each},
};

/// An iTwin with iModels of these names.
async fn filled(names: &[&str]) -> (Stage, String) {
    let stage = Stage::new().await;
    let itwin = stage.ada.new_itwin("Bridge").await;
    for name in names {
        stage.ada.new_imodel(&itwin, name).await;
    }
    (stage, format!("/imodels?iTwinId={itwin}"))
}

#[tokio::test]
async fn a_list_holds_the_essentials_unless_more_is_asked_for() {
    let (stage, path) = filled(&["A"]).await;
    let list = stage.ada.get(&path).await.expect(200).json();
    let imodel = list["iModels"][0].as_object().unwrap();
    assert_eq!(imodel.keys().collect::<Vec<_>>(), ["id", "displayName"]);
    assert_eq!((&list["_links"]["next"], &list["_links"]["prev"]), (&Value::Null, &Value::Null));
    assert!(list["_links"]["self"]["href"].is_string());
    let list = stage.ada.get_all_of(&path).await.expect(200).json();
    assert_eq!(list["iModels"][0]["state"], "initialized");
}

#[tokio::test]
async fn filters_and_order_are_followed() {
    let (stage, path) = filled(&["b one", "A one", "c two"]).await;
    let names = async |query: &str| {
        let list = stage.ada.get(&format!("{path}&{query}")).await.expect(200).json();
        each(&list["iModels"], "displayName")
    };
    assert_eq!(names("").await, ["b one", "A one", "c two"]);
    assert_eq!(names("$orderBy=name").await, ["A one", "b one", "c two"]);
    assert_eq!(names("$orderBy=name%20desc").await, ["c two", "b one", "A one"]);
    assert_eq!(names("%24orderby=createdDateTime+DESC").await.len(), 3);
    let several = "$orderBy=name%20desc,%20createdDateTime%20asc";
    assert_eq!(names(several).await, ["c two", "b one", "A one"]);
    assert_eq!(names("$orderBy=createdDateTime,name").await, ["b one", "A one", "c two"]);
    assert_eq!(names("$search=ONE").await, ["b one", "A one"]);
    assert_eq!(names("name=c%20two").await, ["c two"]);
    assert_eq!(names("name=C%20two").await, [""; 0]);
    assert_eq!(names("state=initialized&$search=two").await, ["c two"]);
    assert_eq!(names("state=notInitialized").await, [""; 0]);
}

#[tokio::test]
async fn parameters_are_looked_over() {
    let (stage, path) = filled(&[]).await;
    let invalid = "InvalidiModelsRequest";
    let missing = "MissingRequiredParameter";
    stage.ada.get("/imodels").await.refused_for(invalid, missing, "iTwinId");
    stage.ada.get(&format!("/imodels?iTwinId={MISSING}")).await.refused(404, "iTwinNotFound");
    for (query, target) in [
        ("$top=0", "$top"),
        ("$top=1001", "$top"),
        ("$skip=-1", "$skip"),
        ("$orderBy=id", "$orderBy"),
        ("$orderBy=name+up", "$orderBy"),
        ("$orderBy=name,", "$orderBy"),
        ("$orderBy=name,id", "$orderBy"),
        ("state=done", "state"),
        ("$continuationToken=x", "$continuationToken"),
    ] {
        let answer = stage.ada.get(&format!("{path}&{query}")).await;
        answer.refused_for(invalid, "InvalidValue", target);
    }
    let answer = stage.ada.get(&format!("{path}&$continuationToken=&$skip=1")).await;
    answer.refused_for(invalid, "MutuallyExclusiveParametersProvided", "$continuationToken");
}

#[tokio::test]
async fn pages_go_by_skip_or_by_token() {
    let (stage, path) = filled(&["a", "b", "c", "d", "e"]).await;
    for begin in ["$top=2", "$top=2&$continuationToken="] {
        let mut next = Some(format!("{path}&{begin}&$search="));
        let (mut names, mut pages) = (Vec::new(), 0);
        while let Some(at) = next {
            let page = stage.ada.get(&at).await.expect(200).json();
            names.extend(each(&page["iModels"], "displayName"));
            next = page["_links"]["next"]["href"].as_str().map(str::to_owned);
            let by_token = next.as_ref().is_some_and(|next| next.contains("$continuationToken="));
            let by_skip = next.as_ref().is_some_and(|next| next.contains("$skip="));
            assert!(next.is_none() || by_token != by_skip);
            assert_eq!(page["_links"]["prev"].is_null(), pages == 0);
            pages += 1;
        }
        assert_eq!((names.join(""), pages), ("abcde".to_owned(), 3));
    }
}

#[tokio::test]
async fn who_may_not_see_an_itwin_sees_no_list() {
    let scene = Scene::new().await;
    let path = format!("/imodels?iTwinId={}", scene.itwin);
    let bob = scene.stage.person("Bob").await;
    bob.get(&path).await.refused(404, "iTwinNotFound");
    let eve = scene.stage.member(&scene.itwin, "Eve", &["storage_read"]).await;
    eve.get(&path).await.refused(403, "InsufficientPermissions");
    let vera = scene.viewer("Vera").await;
    let list = vera.get(&path).await.expect(200).json();
    assert_eq!(list["iModels"], json!([{"id": scene.id, "displayName": "Model"}]));
}
