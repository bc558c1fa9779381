//! The API: two routes, each of which works in the name of who calls it.

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::routing::get;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use twinkit::auth::{Credential, SecretString};
use twinkit::digital_twins::{Client, Error, Twin, TwinId};

use crate::refusal::Refusal;

/// Rooms that one answer lists; a page is for more.
const MOST_ROOMS: usize = 100;

/// What all calls share. A clone is cheap.
#[derive(Clone)]
pub(crate) struct Api {
    /// Connections, settings and retry budget; on its own it calls as nobody.
    twins: Client,
    on_behalf: Credential,
}

/// A room as this API shows it.
#[derive(Serialize)]
struct Room {
    id: String,
    #[serde(flatten)]
    properties: RoomProperties,
}

#[derive(Serialize, Deserialize)]
struct RoomProperties {
    name: Option<String>,
    temperature: Option<f64>,
}

impl Api {
    /// `on_behalf` exchanges the callers' tokens.
    pub(crate) fn new(endpoint: &str, on_behalf: Credential) -> Result<Self, Error> {
        let twins = Client::builder(endpoint, on_behalf.clone()).build()?;
        Ok(Self { twins, on_behalf })
    }

    pub(crate) fn router(self) -> Router {
        Router::new()
            .route("/rooms", get(list_rooms))
            .route("/rooms/{id}", get(get_room))
            .with_state(self)
    }

    /// The instance, in the name of who calls.
    fn for_caller(&self, headers: &HeaderMap) -> Result<Client, Refusal> {
        let token = bearer(headers).ok_or(Refusal::NoToken)?;
        Ok(self.twins.with_credential(self.on_behalf.for_user(token))?)
    }
}

async fn list_rooms(
    State(api): State<Api>,
    headers: HeaderMap,
) -> Result<Json<Vec<Room>>, Refusal> {
    let twins = api.for_caller(&headers)?;
    let mut rows = twins
        .query("SELECT * FROM DIGITALTWINS T WHERE IS_OF_MODEL(T, 'dtmi:com:example:Room;1')")
        .rows::<Twin<RoomProperties>>();
    let mut rooms = Vec::new();
    while let Some(row) = rows.next_row().await {
        rooms.push(shown(row?));
        if rooms.len() == MOST_ROOMS {
            break;
        }
    }
    Ok(Json(rooms))
}

async fn get_room(
    State(api): State<Api>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Json<Room>, Refusal> {
    let twins = api.for_caller(&headers)?;
    let id = TwinId::new(id).map_err(|error| Refusal::BadId(error.to_string()))?;
    let twin = twins.get_twin().id(&id).send().await?.parse::<Twin<RoomProperties>>()?;
    Ok(Json(shown(twin)))
}

fn shown(twin: Twin<RoomProperties>) -> Room {
    let id = twin.id.map(|id| id.to_string()).unwrap_or_default();
    Room { id, properties: twin.properties }
}

/// The token of the `Authorization` header (RFC 6750 section 2.1), as far as it has the
/// form of one.
fn bearer(headers: &HeaderMap) -> Option<SecretString> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    let is_token = !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic());
    (scheme.eq_ignore_ascii_case("bearer") && is_token).then(|| SecretString::from(token))
}
