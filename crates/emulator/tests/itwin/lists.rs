//! The list of iTwins: pages, filters, order, scope.

use serde_json::{Value, json};

use crate::support::{Caller, Stage, each};

const INVALID: &str = "InvalidiTwinsRequest";

/// Makes assets with these names, and a project among them that is inactive.
async fn fill(caller: &Caller, count: usize) {
    for index in 0..count {
        let body = json!({
            "class": "Thing", "subClass": "Asset", "displayName": format!("Asset {index}"),
            "number": format!("N{}", count - index), "type": if index == 0 { "first" } else { "rest" },
        });
        caller.post("/itwins", &body).await.expect(201);
    }
    let body = json!({
        "class": "Endeavor", "subClass": "Project", "displayName": "Idle", "status": "Inactive",
    });
    caller.post("/itwins", &body).await.expect(201);
}

async fn names(caller: &Caller, query: &str) -> Vec<String> {
    let page = caller.get(&format!("/itwins{query}")).await.expect(200).json();
    each(&page["iTwins"], "displayName")
}

#[tokio::test]
async fn pages_go_on_until_next_is_missing() {
    let stage = Stage::new().await;
    fill(&stage.ada, 5).await;
    let mut next = Some("/itwins/?subClass=Asset&$top=2".to_owned());
    let mut pages: Vec<Vec<String>> = Vec::new();
    while let Some(path) = next {
        let page = stage.ada.get(&path).await.expect(200).json();
        pages.push(each(&page["iTwins"], "displayName"));
        let links = &page["_links"];
        assert!(links["self"]["href"].is_string());
        assert_eq!(links.get("prev").is_some(), pages.len() > 1);
        next = links.get("next").map(|next| next["href"].as_str().unwrap().to_owned());
        if let Some(next) = &next {
            assert!(next.contains("subClass=Asset") && next.contains("$top=2"), "{next}");
            assert!(next.starts_with(stage.emulator.itwin_url()), "{next}");
        }
    }
    let sizes: Vec<usize> = pages.iter().map(Vec::len).collect();
    assert_eq!(sizes, [2, 2, 1]);
    assert_eq!(names(&stage.ada, "?$top=0").await.len(), 0);
    assert_eq!(names(&stage.ada, "?$skip=99").await.len(), 0);
    for (query, target) in
        [("$top=1001", "$top"), ("$top=-1", "$top"), ("$top=x", "$top"), ("$skip=-1", "$skip")]
    {
        let answer = stage.ada.get(&format!("/itwins?{query}")).await;
        answer.refused_for(INVALID, "InvalidValue", target);
    }
}

#[tokio::test]
async fn paging_ends_silently_at_the_most_that_is_returned() {
    let stage = Stage::new().await;
    fill(&stage.ada, 4).await;
    let list = async |most: &str| {
        let headers = [("x-max-return", most)];
        stage.ada.send("GET", "/itwins?$top=2&$skip=2", &headers, None).await
    };
    let cut = list("3").await.expect(200);
    assert_eq!(cut.headers["x-max-return"], "3");
    assert_eq!(cut.json()["iTwins"].as_array().unwrap().len(), 1);
    assert!(cut.json()["_links"].get("next").is_none());
    for bad in ["0", "10001", "x"] {
        list(bad).await.refused_for(INVALID, "InvalidHeaderValue", "X-Max-Return");
    }
    let usual = stage.ada.get("/itwins").await.expect(200);
    assert_eq!(usual.headers["x-max-return"], "1000");
}

#[tokio::test]
async fn filters_narrow_down() {
    let stage = Stage::new().await;
    fill(&stage.ada, 3).await;
    for (query, expected) in [
        ("", vec!["Asset 0", "Asset 1", "Asset 2"]),
        ("?includeInactive=true", vec!["Asset 0", "Asset 1", "Asset 2", "Idle"]),
        ("?status=Inactive", vec!["Idle"]),
        ("?subClass=project,ASSET&includeInactive=true&$top=1", vec!["Asset 0"]),
        ("?number=N1", vec!["Asset 2"]),
        ("?displayName=Asset%201", vec!["Asset 1"]),
        ("?displayName=Asset", vec![]),
        ("?$search=ASSET%202", vec!["Asset 2"]),
        ("?$search=n3", vec!["Asset 0"]),
        ("?type=first", vec!["Asset 0"]),
        ("?parentId=00000000-0000-4000-8000-000000000000", vec![]),
        ("?$filter=number%20gt%20'N1'%20and%20contains(displayName,'1')", vec!["Asset 1"]),
        ("?$filter=number%20gt%20'N1'&subClass=Project", vec![]),
        ("?$orderby=number", vec!["Asset 2", "Asset 1", "Asset 0"]),
        ("?$orderBy=type%20desc,displayName%20desc", vec!["Asset 2", "Asset 1", "Asset 0"]),
    ] {
        assert_eq!(names(&stage.ada, query).await, expected, "{query}");
    }
    let account = "iTwinAccountId=99999999-9999-9999-9999-999999999901";
    assert_eq!(names(&stage.ada, &format!("?{account}")).await.len(), 3);
}

#[tokio::test]
async fn filters_that_do_not_fit_are_refused() {
    let stage = Stage::new().await;
    let exclusive = "MutuallyExclusiveParametersProvided";
    for (query, detail, target) in [
        ("subClass=Road", "InvalidValue", "subClass"),
        ("status=Gone", "InvalidValue", "status"),
        ("includeInactive=maybe", "InvalidValue", "includeInactive"),
        ("includeInactive=true&status=Active", exclusive, "includeInactive"),
        ("displayName=a&$search=a", exclusive, "displayName"),
        ("$filter=number%20eq%20'1'&status=Active", exclusive, "$filter"),
        ("$filter=number", "InvalidValue", "$filter"),
        ("$select=id,colour", "InvalidValue", "$select"),
        ("$orderby=colour", "InvalidValue", "$orderby"),
        ("$orderby=number%20up", "InvalidValue", "$orderby"),
    ] {
        let answer = stage.ada.get(&format!("/itwins?{query}")).await;
        answer.refused_for(INVALID, detail, target);
    }
    let answer = stage.ada.get("/itwins?$top=x&subClass=y").await.refused(422, INVALID);
    assert_eq!(answer.len(), 2, "all at once");
}

#[tokio::test]
async fn a_list_shows_as_much_as_is_asked_for() {
    let stage = Stage::new().await;
    fill(&stage.ada, 1).await;
    let count = |page: &Value| page["iTwins"][0].as_object().unwrap().len();
    assert_eq!(count(&stage.ada.get("/itwins").await.expect(200).json()), 7);
    assert_eq!(count(&stage.ada.get_all_of("/itwins").await.expect(200).json()), 20);
    let selected = stage.ada.get("/itwins?$select=DISPLAYNAME,status").await.expect(200).json();
    assert_eq!(selected["iTwins"][0], json!({"displayName": "Asset 0", "status": "Active"}));
}

#[tokio::test]
async fn the_scope_says_whose_itwins_are_meant() {
    let stage = Stage::new().await;
    let bob = stage.person("Bob").await;
    bob.new_itwin("Bob's").await;
    stage.ada.new_itwin("Ada's").await;
    let list = async |caller: &Caller, scope: &str| {
        let headers = [("x-itwin-query-scope", scope)];
        let answer = caller.send("GET", "/itwins?subClass=Asset", &headers, None).await;
        each(&answer.expect(200).json()["iTwins"], "displayName")
    };
    assert_eq!(names(&stage.ada, "").await, ["Ada's"]);
    assert_eq!(list(&stage.ada, "memberOfItwin").await, ["Ada's"]);
    for scope in ["all", "organizationAdmin", "OrganizationAdmin"] {
        assert_eq!(list(&stage.ada, scope).await, ["Bob's", "Ada's"], "{scope}");
    }
    assert_eq!(list(&bob, "all").await, ["Bob's"]);
    assert!(list(&bob, "organizationAdmin").await.is_empty());
    let headers = [("x-itwin-query-scope", "mine")];
    let answer = bob.send("GET", "/itwins", &headers, None).await;
    answer.refused_for(INVALID, "InvalidHeaderValue", "X-iTwin-Query-Scope");
    // A service application sees nothing by default, and is not refused.
    assert!(names(&stage.service, "").await.is_empty());
}
