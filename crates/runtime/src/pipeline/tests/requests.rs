//! What goes out, and what is refused before it does.

use std::time::Duration;

use futures_util::FutureExt as _;

use super::*;
use crate::{CallOptions, ErrorKind, PathSegment};

#[tokio::test]
async fn a_request_gets_what_its_row_says() {
    let server = Server::start([Step::json("{}")]).await;
    call(&context(&server), "update_twin").await.unwrap();
    let seen = only(&server);
    assert_eq!(seen.line, "PATCH /digitaltwins/room?api-version=2023-10-31 HTTP/1.1");
    assert_eq!(seen.header("accept"), Some("application/json"));
    assert_eq!(seen.header("content-type"), Some("application/json-patch+json"));
    assert_eq!(seen.header("authorization"), Some("Bearer canary-token"));
    assert_eq!(seen.header("traceparent"), None);
    assert!(seen.header("user-agent").unwrap().starts_with("twinkit/"));
    assert_eq!(seen.body, "[]");
}

#[tokio::test]
async fn an_api_version_that_is_there_stays_alone() {
    let server = Server::start([Step::json("{}")]).await;
    let context = context(&server);
    let url = format!("{}/digitaltwins/room?a=b&api-version=mine", server.url);
    let request = context.client().get(url).build().unwrap();
    exec(&context, "get_twin", request).await.unwrap();
    assert_eq!(only(&server).line, "GET /digitaltwins/room?a=b&api-version=mine HTTP/1.1");
}

#[tokio::test]
async fn options_add_headers_and_the_trace_and_the_programs_name_go_along() {
    let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let server = Server::start([Step::json("{}")]).await;
    let builder = builder(&server.url).trace_parent(move || Some(parent.into()));
    let context = builder.user_agent_suffix("inspector/7").build().unwrap();
    let context = context.with_options(CallOptions::new().header("x-own", "1"));
    call(&context, "get_twin").await.unwrap();
    assert_eq!(only(&server).header("traceparent"), Some(parent));
    assert_eq!(only(&server).header("x-own"), Some("1"));
    assert!(only(&server).header("user-agent").unwrap().ends_with(" inspector/7"));
}

#[tokio::test]
async fn collapsed_paths_foreign_urls_and_faulty_options_are_not_sent() {
    let server = Server::start([Step::json("{}")]).await;
    let context = context(&server);
    for url in [
        format!("{}/digitaltwins/", server.url),
        format!("{}/digitaltwins/../x", server.url),
        format!("{}/digitaltwins/a/../b/c", server.url),
        "http://127.0.0.1:1/digitaltwins/a".to_owned(),
        "http://user@h.example/digitaltwins/a".to_owned(),
    ] {
        let request = context.client().get(&url).build().unwrap();
        let error = exec(&context, "get_twin", request).await.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::InvalidRequest, 0), "{url}");
        assert_eq!(error.operation(), Some("get_twin"));
    }
    let faulty = context.with_options(CallOptions::new().header("authorization", "mine"));
    let error = call(&faulty, "get_twin").await.unwrap_err();
    assert!(error.to_string().contains("authorization"), "{error}");
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn a_base_path_belongs_to_every_url() {
    let server = Server::start([Step::json("{}")]).await;
    let context = builder(&format!("{}/base/", server.url)).build().unwrap();
    assert!(context.base_url().ends_with("/base"));
    call(&context, "get_twin").await.unwrap();
    assert!(only(&server).line.starts_with("GET /base/digitaltwins/room?"));
}

#[tokio::test]
async fn next_links_are_followed_as_given_on_the_same_origin_only() {
    let server = Server::start([Step::json("[]")]).await;
    let context = context(&server);
    let link = format!("{}/Models?continuationToken=%7Ba%2Bb%7D&api-version=x", server.url);
    follow(&context, &link).await.unwrap();
    assert_eq!(
        only(&server).line,
        "GET /Models?continuationToken=%7Ba%2Bb%7D&api-version=x HTTP/1.1"
    );
    for link in [
        "http://evil.example/models",
        "//evil.example/models",
        &server.url.replace("http", "https"),
        "http://127.0.0.1:1/models",
        &server.url.replace("//", "//user:pw@"),
        "ftp://127.0.0.1/",
        "http://[",
        "?continuationToken=2",
        "models?continuationToken=2",
        "",
        &format!("{}/{}", server.url, "a".repeat(65_535)),
    ] {
        let error = follow(&context, link).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Paging, "{link}");
        assert_eq!(error.operation(), Some("get_twin"));
    }
    assert_eq!(server.seen().len(), 1);
    follow(&context, "/models?continuationToken=2").await.unwrap();
    assert_eq!(server.seen()[1].line, "GET /models?continuationToken=2 HTTP/1.1");
}

#[tokio::test]
async fn raw_requests_take_the_same_way() {
    let server = Server::start([Step::json("{\"a\":1}")]).await;
    let context = context(&server);
    let sent = context
        .request(Method::POST, "/new/a%2Fb")
        .query("q", "x y&z")
        .header("x-own", "1")
        .json_body(&[1])
        .send()
        .await
        .unwrap();
    assert_eq!(&sent[..], b"{\"a\":1}");
    let seen = only(&server);
    assert_eq!(seen.line, "POST /new/a%2Fb?q=x+y%26z HTTP/1.1");
    assert_eq!(seen.header("authorization"), Some("Bearer canary-token"));
    assert_eq!(seen.header("content-type"), Some("application/json"));
    assert_eq!((seen.header("x-own"), seen.body.as_str()), (Some("1"), "[1]"));

    let as_row = context.request(Method::GET, "/digitaltwins/a").operation(TABLE, "get_twin");
    assert_eq!(as_row.json::<serde_json::Value>().await.unwrap()["a"], 1);
    assert!(server.seen()[1].line.ends_with("a?api-version=2023-10-31 HTTP/1.1"));
}

#[tokio::test]
async fn headers_that_are_not_a_callers_are_refused_of_raw_requests_too() {
    let server = Server::start([Step::json("{}")]).await;
    let context = context(&server);
    for (name, value) in [
        ("authorization", "Bearer mine"),
        ("host", "evil.example"),
        ("content-length", "0"),
        ("x-own", "a\r\nb"),
    ] {
        let error = context.request(Method::GET, "/a").header(name, value).send().await;
        let error = error.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::InvalidRequest, 0));
        assert!(error.to_string().contains(name), "{error}");
    }
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn a_raw_request_may_ask_for_a_part() {
    let server = Server::start([Step::with(206, &[], "ab")]).await;
    let context = context(&server);
    let part = context.request(Method::GET, "/file").header("range", "bytes=0-1").send().await;
    let part = part.unwrap();
    assert_eq!((part.status().as_u16(), &part[..]), (206, &b"ab"[..]));
    let as_row = context.request(Method::GET, "/digitaltwins/a").operation(TABLE, "get_twin");
    assert_eq!(as_row.send().await.unwrap_err().kind(), ErrorKind::Decode);
}

#[tokio::test]
async fn raw_paths_that_mean_something_else_are_refused() {
    let server = Server::start([Step::json("{}")]).await;
    let context = context(&server);
    for path in ["", "x", "//evil.example/x", "/a/../b", "/a?b", "/a#b", "/a\\b", "/%2e%2e/a"] {
        let result = context.request(Method::GET, path).send().await;
        // Two slashes stay on this host: they are part of the path.
        if let Err(error) = result {
            assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{path}");
        } else {
            assert_eq!(path, "//evil.example/x");
        }
    }
    let error = context.request(Method::GET, "/a").operation(TABLE, "nope").send().await;
    assert!(error.unwrap_err().to_string().contains("nope"));
    assert_eq!(server.seen().len(), 1);
}

#[test]
fn endpoints_are_checked_when_a_client_is_made() {
    for endpoint in [
        "http://a.example",
        "a.example",
        "",
        "https://u:canary@a.example",
        "https://a.example?x=canary",
        "ftp://a.example",
    ] {
        let error = builder_for(endpoint).build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration, "{endpoint}");
        assert!(error.to_string().starts_with("configuration: the endpoint"), "{error}");
        assert!(!error.to_string().contains("canary"), "{error}");
    }
    assert!(builder_for("http://a.example").allow_http(true).build().is_ok());
    let context = builder_for("https://a.example/").build().unwrap();
    assert_eq!(context.base_url(), "https://a.example");
    let error = builder_for("https://a.example").ca_pem("junk").build().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
}

fn builder_for(endpoint: &str) -> ClientBuilder {
    let origin = Origin::parse("https://a.example").unwrap();
    let authorizer = StaticAuthorizer::new("Bearer x".to_owned(), origin).unwrap();
    Context::builder(endpoint, Arc::new(authorizer))
}

#[tokio::test]
async fn an_address_lies_below_the_base_whatever_the_id() {
    let host = "https://h.example:8443";
    for base in [host, "https://[::1]", "https://h.example/base", "https://h.example/a%20b//"] {
        let context = builder(host).endpoint(base).build().unwrap();
        for id in ["a", "é ?#%", "a/b\\c", "dtmi:com:x;1", "a\tb"] {
            let made = context.address(format_args!("/twins/{}/x", PathSegment(id)));
            let text = format!("{}/twins/{}/x", context.base_url(), PathSegment(id));
            assert_eq!(made, reqwest::Url::parse(&text).unwrap(), "{base} {id:?}");
        }
        let made = context.address(format_args!("/models"));
        assert_eq!(made.as_str(), format!("{}/models", context.base_url()));
    }
}

#[tokio::test(start_paused = true)]
async fn a_proxy_that_lets_nobody_through_is_told_from_a_service_that_is_not_there() {
    for (status, attempts) in [(407, 1), (403, 4)] {
        let proxy = Server::start([Step::status(status)]).await;
        let context = builder("https://h.example").proxy(&proxy.url).build().unwrap();
        let error = call(&context, "get_twin").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Connect);
        assert!(error.hint().unwrap().starts_with("the proxy makes no way"), "{error}");
        assert_eq!(proxy.seen().len(), attempts, "{error}");
        assert!(proxy.seen().iter().all(|seen| seen.header("authorization").is_none()));
    }
}

#[tokio::test]
async fn a_call_without_any_time_left_is_not_sent() {
    let server = Server::start([Step::json("{}")]).await;
    let context = context(&server).with_options(CallOptions::new().timeout(Duration::ZERO));
    let error = call(&context, "get_twin").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.to_string().contains("over before this was sent"), "{error}");
    assert!(server.seen().is_empty());
}

#[test]
fn a_call_outside_of_a_runtime_is_an_error() {
    let context = builder("https://h.example").build().unwrap();
    let error = call(&context, "get_twin").now_or_never().unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert!(error.to_string().contains("Tokio runtime"), "{error}");
}
