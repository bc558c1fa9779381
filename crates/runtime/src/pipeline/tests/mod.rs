//! The pipeline over real sockets against a scripted server, on a paused
//! clock wherever time matters.

mod answers;
mod pacing;
mod redirects;
mod renewal;
mod requests;
mod retries;
mod secrets;
mod server;
mod sources;
mod versions;

use std::sync::Arc;

use reqwest::Method;
use twinkit_auth::StaticAuthorizer;
use twinkit_http::Origin;

use crate::operation::tests::GET;
use crate::{ClientBuilder, Context, Error, HeaderMap, Operation, Response, Served};
use server::{Seen, Server, Step, raw};

const TOKEN: &str = "canary-token";

/// Sorted by id, as generated tables are.
static TABLE: &[Operation] = &[
    Operation { id: "download_file", success: &[302], ..GET },
    Operation { id: "get_elsewhere", redirects: true, ..GET },
    GET,
    Operation {
        id: "get_version",
        served: Some(Served { header: "x-version", value: "platform.v2" }),
        ..GET
    },
    Operation { id: "post_500", method: "POST", path: "/things", retry_500: true, ..POST },
    Operation { id: "post_thing", ..POST },
    Operation { id: "run_command", answer_seconds: Some(60), ..POST },
    Operation {
        id: "update_twin",
        method: "PATCH",
        content_type: Some("application/json-patch+json"),
        idempotent: false,
        ..GET
    },
];

const POST: Operation = Operation {
    method: "POST",
    path: "/things",
    content_type: Some("application/json"),
    idempotent: false,
    ..GET
};

fn builder(url: &str) -> ClientBuilder {
    let origin = Origin::parse(url).unwrap();
    let authorizer = StaticAuthorizer::new(format!("Bearer {TOKEN}"), origin).unwrap();
    Context::builder(url, Arc::new(authorizer))
}

fn context(server: &Server) -> Context {
    builder(&server.url).build().unwrap()
}

fn row(id: &str) -> &'static Operation {
    TABLE.iter().find(|row| row.id == id).unwrap()
}

/// Calls an operation as generated code does.
async fn call(context: &Context, id: &'static str) -> Result<Response<serde_json::Value>, Error> {
    let row = row(id);
    let path = row.path.replace("{id}", "room");
    let method: Method = row.method.parse().unwrap();
    let mut request = context.client().request(method, format!("{}{path}", context.base_url()));
    if row.content_type.is_some() {
        request = request.json(&serde_json::json!([]));
    }
    exec(context, id, request.build().unwrap()).await
}

async fn exec(
    context: &Context,
    id: &'static str,
    request: reqwest::Request,
) -> Result<Response<serde_json::Value>, Error> {
    context.call(Ok(request), row(id)).await?.decode()
}

async fn follow(context: &Context, link: &str) -> Result<Response<serde_json::Value>, Error> {
    context.links(TABLE, "get_twin", HeaderMap::new())(link.to_owned()).await
}

fn only(server: &Server) -> Seen {
    let seen = server.seen();
    assert_eq!(seen.len(), 1);
    seen[0].clone()
}
