//! The API on an emulator, called by two people: one who has a role on the instance,
//! and one who has none.

use std::process::ExitCode;

use serde_json::json;
use tokio::net::TcpListener;
use twinkit::auth::{Credential, ExposeSecret as _};
use twinkit_emulator::Emulator;
use twinkit_emulator::identity::{
    API_CLIENT_ID, API_CLIENT_SECRET, GUEST_NAME, TENANT_ID, USER_NAME,
};
use twinkit_examples::{person, platform};

use crate::api::Api;

pub(crate) async fn run(listener: TcpListener) -> anyhow::Result<ExitCode> {
    let emulator = Emulator::start().await?;
    let owner = platform::digital_twins_of(&emulator)?;
    let models: Vec<serde_json::Value> =
        serde_json::from_str(include_str!("../../../data/models.json"))?;
    owner.upload_models(models).send().await?;
    let room = json!({"$metadata": {"$model": "dtmi:com:example:Room;1"},
        "name": "Lobby", "temperature": 20.5});
    owner
        .put_twin()
        .id("room-1")
        .body(twinkit::digital_twins::Json::from_serialize(&room)?)
        .send()
        .await?;

    let on_behalf = Credential::on_behalf_of(TENANT_ID, API_CLIENT_ID)
        .secret(API_CLIENT_SECRET)
        .authority(emulator.authority_url())
        .build()?;
    let api = Api::new(emulator.digital_twins_url(), on_behalf)?;
    let address = format!("http://{}", listener.local_addr()?);
    println!("listening on {address}");
    let serving = tokio::spawn(axum::serve(listener, api.router()).into_future());

    let caller = reqwest::Client::builder().no_proxy().build()?;
    for name in [USER_NAME, GUEST_NAME] {
        let token = person::token_for_api(&emulator, name).await?;
        let call = caller.get(format!("{address}/rooms/room-1"));
        let answer = call.bearer_auth(token.expose_secret()).send().await?;
        println!("{name}: {} {}", answer.status().as_u16(), answer.text().await?);
    }
    let answer = caller.get(format!("{address}/rooms/room-1")).send().await?;
    println!("nobody: {} {}", answer.status().as_u16(), answer.text().await?);
    serving.abort();
    emulator.shutdown().await;
    Ok(ExitCode::SUCCESS)
}
