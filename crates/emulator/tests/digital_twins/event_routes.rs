//! Event routes.

use serde_json::{Value, json};

use crate::support::{Api, all_pages};

fn route(filter: &str) -> Value {
    json!({"endpointName": "events", "filter": filter})
}

#[tokio::test]
async fn routes_are_put_read_listed_and_deleted() {
    let api = Api::new();
    let answer = api.put("/eventroutes/r1", &route("true")).await.empty();
    assert_eq!(answer.header("etag"), None);
    let expected = json!({"id": "r1", "endpointName": "events", "filter": "true"});
    assert_eq!(api.get("/EventRoutes/r1").await.expect(200).json(), expected);
    let filter = "type = 'Microsoft.DigitalTwins.Twin.Create'";
    api.put("/eventroutes/r1", &route(filter)).await.empty();
    assert_eq!(api.get("/eventroutes/r1").await.json()["filter"], filter);
    for n in 2..=6 {
        api.put(&format!("/eventroutes/r{n}"), &route("true")).await.empty();
    }
    let pages = all_pages(&api, "/eventroutes", &[("max-items-per-page", "4")]).await;
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [4, 2]);
    let size = [("max-items-per-page", "1")];
    let first = api.send("GET", "/eventroutes", &size, None).await.expect(200).json();
    let link = first["nextLink"].as_str().unwrap();
    assert!(link.starts_with("http://adt.example:8443/EventRoutes?continuationToken="), "{link}");
    api.delete("/eventroutes/r1").await.empty();
    api.delete("/eventroutes/r1").await.refused(404, "EventRouteNotFound");
    api.get("/eventroutes/r1").await.refused(404, "EventRouteNotFound");
    api.get("/eventroutes/R2").await.refused(404, "EventRouteNotFound");
}

#[tokio::test]
async fn bad_routes_are_refused() {
    let api = Api::new();
    for (body, code) in [
        (json!({"filter": "true"}), "EventRouteEndpointInvalid"),
        (json!({"endpointName": "none", "filter": "true"}), "EventRouteEndpointInvalid"),
        (json!({"endpointName": "events"}), "EventRouteFilterInvalid"),
        (route("type = "), "EventRouteFilterInvalid"),
        (route("colour = 'red'"), "EventRouteFilterInvalid"),
    ] {
        api.put("/eventroutes/r", &body).await.refused(400, code);
    }
    let long = format!("/eventroutes/{}", "a".repeat(129));
    api.put(&long, &route("true")).await.refused(400, "EventRouteIdInvalid");
    api.put("/eventroutes/a%0A", &route("true")).await.refused(400, "EventRouteIdInvalid");
    api.instance.add_endpoint("none");
    for n in 1..=6 {
        let body = json!({"endpointName": "none", "filter": "true"});
        api.put(&format!("/eventroutes/{n}"), &body).await.empty();
    }
    api.put("/eventroutes/7", &route("true")).await.refused(400, "LimitExceeded");
    api.put("/eventroutes/6", &route("false")).await.empty();
}
