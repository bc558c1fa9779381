//! Queries over HTTP. The language itself is tested where it lives.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Api, floor};

async fn api() -> Api {
    let api = Api::with_models();
    for n in 0..5 {
        api.put(&format!("/digitaltwins/f{n}"), &floor(json!({"name": format!("F{n}")})))
            .await
            .expect(200);
    }
    api.room("r").await;
    let body = json!({"$targetId": "r", "$relationshipName": "contains"});
    api.put("/digitaltwins/f1/relationships/1", &body).await.expect(200);
    api
}

async fn rows(api: &Api, query: &str) -> Vec<Value> {
    let answer = api.post("/query", &json!({"query": query})).await.expect(200);
    answer.json()["value"].as_array().unwrap().clone()
}

#[tokio::test]
async fn rows_and_charge() {
    let api = api().await;
    let query = json!({"query": "select * from digitaltwins where $dtId = 'f1'"});
    let answer = api.post("/Query", &query).await.expect(200);
    let twin = api.get("/digitaltwins/f1").await.json();
    assert_eq!(answer.json(), json!({"value": [twin], "continuationToken": null}));
    assert!(answer.header("query-charge").unwrap().parse::<f64>().unwrap() > 0.0);
    let all = rows(&api, "SELECT * FROM RELATIONSHIPS").await;
    assert_eq!(all, [api.get("/digitaltwins/f1/relationships/1").await.json()]);
    let join = "SELECT F.name, R.$dtId AS room FROM DIGITALTWINS F JOIN R RELATED F.contains \
                WHERE F.$dtId = 'f1'";
    assert_eq!(rows(&api, join).await, [json!({"name": "F1", "room": "r"})]);
}

#[tokio::test]
async fn models_count_with_what_extends_them() {
    let api = api().await;
    let count =
        |model: &str| format!("SELECT COUNT() FROM DIGITALTWINS WHERE IS_OF_MODEL({model})");
    for (model, expected) in [
        ("'dtmi:test:Space;1'", 6),
        ("'dtmi:test:Space;1', exact", 0),
        ("'dtmi:test:Floor;1', exact", 5),
        ("'dtmi:test:Room;1'", 1),
    ] {
        assert_eq!(rows(&api, &count(model)).await, [json!({"COUNT": expected})], "{model}");
    }
    let away = json!([
        {"op": "replace", "path": "/$metadata/$model", "value": "dtmi:test:Room;1"},
        {"op": "add", "path": "/thermostat", "value": {"$metadata": {}}},
    ]);
    api.patch("/digitaltwins/f0", &away).await.empty();
    assert_eq!(rows(&api, &count("'dtmi:test:Floor;1'")).await, [json!({"COUNT": 4})]);
    assert_eq!(rows(&api, &count("'dtmi:test:Space;1'")).await, [json!({"COUNT": 6})]);
}

#[tokio::test]
async fn pages_go_on_by_token_in_the_body() {
    let api = api().await;
    let size = [("max-items-per-page", "2")];
    let mut body = json!({"query": "SELECT T.$dtId FROM DIGITALTWINS T"});
    let mut pages = Vec::new();
    loop {
        let page = api.send("POST", "/query", &size, Some(&body)).await.expect(200).json();
        pages.push(page["value"].as_array().unwrap().len());
        if page["continuationToken"].is_null() {
            break;
        }
        body = json!({"query": "this is ignored", "continuationToken": page["continuationToken"]});
    }
    assert_eq!(pages, [2, 2, 2]);
    let bad = json!({"continuationToken": "nonsense"});
    api.post("/query", &bad).await.refused(400, "BadRequest");
    for bad in ["0", "x"] {
        let headers = [("max-items-per-page", bad)];
        let query = json!({"query": "SELECT * FROM DIGITALTWINS"});
        api.send("POST", "/query", &headers, Some(&query)).await.refused(400, "InvalidArgument");
    }
}

#[tokio::test]
async fn bad_queries_are_refused() {
    let api = api().await;
    let error = api.post("/query", &json!({"query": "SELECT *\nFORM DIGITALTWINS"})).await;
    let error = error.refused(400, "SqlQueryError");
    assert!(error["error"]["message"].as_str().unwrap().contains("line 2, column 1"), "{error}");
    for bad in [json!({}), json!({"query": 1}), json!({"query": null}), json!([])] {
        api.post("/query", &bad).await.refused(400, "BadRequest");
    }
}

#[tokio::test]
async fn the_index_can_lag() {
    let api = api().await;
    api.instance.set_index_lag(Duration::from_secs(5));
    api.room("late").await;
    api.delete("/digitaltwins/f0").await.empty();
    let count = "SELECT COUNT() FROM DIGITALTWINS WHERE $dtId IN ['late', 'f0']";
    let find = "SELECT T.$dtId FROM DIGITALTWINS T WHERE T.$dtId IN ['late', 'f0']";
    assert_eq!(rows(&api, count).await, [json!({"COUNT": 1})]);
    assert_eq!(rows(&api, find).await, [json!({"$dtId": "f0"})]);
    api.get("/digitaltwins/late").await.expect(200);
    api.clock.advance(Duration::from_secs(5));
    assert_eq!(rows(&api, find).await, [json!({"$dtId": "late"})]);
    api.instance.set_index_lag(Duration::ZERO);
    api.delete("/digitaltwins/late").await.empty();
    assert_eq!(rows(&api, count).await, [json!({"COUNT": 0})]);
}
