//! Queries end to end: values of any kind, rows and pages, charges, resuming.

use futures_util::{StreamExt as _, TryStreamExt as _};
use serde::Deserialize;
use serde_json::Value;
use twinkit_digital_twins::{Json, QueryCharge as _, QueryValue};
use twinkit_tests::support::stage::{Stage, room};

/// Texts that would leave a literal if they were not escaped.
const NASTY: [&str; 14] = [
    "O'Brien",
    "'",
    "''",
    "\\",
    "\\'",
    "\\\\'",
    "' OR 1=1 OR T.name = '",
    "\" double \"",
    "$name and $dtId",
    "[[x]] {y} %20 --",
    "line\nbreak\ttab",
    "ünï😀 日本",
    "",
    "true",
];

#[derive(Debug, Deserialize, PartialEq)]
struct Room {
    #[serde(rename = "$dtId")]
    id: String,
    name: String,
    temperature: f64,
}

async fn rooms() -> Stage {
    let stage = Stage::seeded().await.unwrap();
    for (number, name) in NASTY.iter().enumerate() {
        let body = Json::from(room(&format!("n{number}"), name, f64::from(number as u32)));
        stage.client.put_twin().id(format!("n{number}")).body(body).send().await.unwrap();
    }
    stage
}

#[tokio::test]
async fn bound_texts_find_exactly_what_they_name() {
    let stage = rooms().await;
    for (number, name) in NASTY.iter().enumerate() {
        let query = stage.client.query("SELECT * FROM DIGITALTWINS T WHERE T.name = $wanted");
        let found: Vec<Room> = query.bind("wanted", *name).rows().try_collect().await.unwrap();
        let ids: Vec<&str> = found.iter().map(|room| room.id.as_str()).collect();
        assert_eq!(ids, [format!("n{number}")], "{name:?}");
    }
    let query = stage.client.query("SELECT * FROM DIGITALTWINS T WHERE T.name IN $names");
    let all: Vec<Room> = query.bind("names", NASTY.to_vec()).rows().try_collect().await.unwrap();
    assert_eq!(all.len(), NASTY.len());
}

#[tokio::test]
async fn other_values_are_bound_too() {
    let stage = rooms().await;
    let count = async |text: &str, value: QueryValue| {
        let text = format!("SELECT * FROM DIGITALTWINS T WHERE {text}");
        stage.client.query(text).bind("x", value).rows::<Json>().count().await
    };
    assert_eq!(count("T.temperature = $x", 20.5.into()).await, 1);
    assert_eq!(count("T.temperature > $x", 12.into()).await, 3);
    assert_eq!(count("T.temperature < $x", (-1.5e-3).into()).await, 0);
    assert_eq!(count("T.temperature IN $x", vec![1, 2, 99].into()).await, 2);
    assert_eq!(count("T.$dtId = $x", "room-1".into()).await, 1);
    assert_eq!(count("IS_OF_MODEL(T, $x)", "dtmi:test:Floor;1".into()).await, 1);
    assert_eq!(count("IS_DEFINED(T.temperature) = $x", true.into()).await, 16);
}

#[tokio::test]
async fn rows_come_over_all_pages_and_charges_are_summed() {
    let stage = rooms().await;
    let query = || {
        let text = "SELECT * FROM DIGITALTWINS T WHERE IS_OF_MODEL(T, $model)";
        stage.client.query(text).bind("model", "dtmi:test:Room;1").max_items_per_page(3)
    };
    let mut rows = query().rows::<Room>();
    let mut ids = Vec::new();
    while let Some(row) = rows.next().await {
        ids.push(row.unwrap().id);
    }
    assert_eq!(ids.len(), 16);
    assert!(rows.continuation().is_none());

    let (mut charge, mut pages, mut same) = (0.0, 0, Vec::new());
    let mut all = query().pages::<Room>();
    while let Some(page) = all.next_page().await {
        let page = page.unwrap();
        charge += page.query_charge().unwrap();
        pages += 1;
        assert!(page.rows.len() <= 3);
        same.extend(page.into_inner().rows.into_iter().map(|room| room.id));
    }
    assert_eq!(same, ids);
    assert_eq!(pages, 6);
    assert!(charge > 0.0 && (rows.query_charge() - charge).abs() < 1e-9);
    let log = stage.emulator.requests().list();
    let sizes = log.iter().filter(|request| request.path == "/query");
    assert!(sizes.clone().count() >= 12);
    assert!(sizes.into_iter().all(|request| request.headers["max-items-per-page"] == "3"));
}

#[tokio::test]
async fn a_query_is_resumed_where_it_stopped() {
    let stage = rooms().await;
    let query = || stage.client.query("SELECT * FROM DIGITALTWINS").max_items_per_page(5);
    let every: Vec<Value> = ids(query().rows().try_collect().await.unwrap());
    let mut first = query().rows::<Json>();
    let begin: Vec<Json> = first.by_ref().take(5).try_collect().await.unwrap();
    let token = first.continuation().unwrap().to_owned();
    let rest: Vec<Json> = query().resume(token).rows().try_collect().await.unwrap();
    let both: Vec<Value> = ids(begin.into_iter().chain(rest).collect());
    assert_eq!(both, every);

    let mut stale = query().resume("stale").rows::<Json>();
    let error = stale.next().await.unwrap().unwrap_err();
    assert_eq!(error.status().unwrap().as_u16(), 400, "{error}");
}

fn ids(rows: Vec<Json>) -> Vec<Value> {
    rows.iter().map(|row| row.parse::<Value>().unwrap()["$dtId"].clone()).collect()
}

#[tokio::test]
async fn a_query_that_does_not_parse_says_where() {
    let stage = Stage::seeded().await.unwrap();
    let mut rows =
        stage.client.query("SELECT * FROM DIGITALTWINS WHERE\n T.x = = 1").rows::<Json>();
    let error = rows.next().await.unwrap().unwrap_err();
    assert_eq!(error.code(), Some("SqlQueryError"), "{error}");
    assert!(error.message().unwrap().contains('2'), "{error}");
    assert!(rows.next().await.is_none());
}
