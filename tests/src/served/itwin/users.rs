//! People, and groups of the identity service.

use serde_json::json;
use twinkit_emulator::ims::{USER_EMAIL, USER_ID};
use twinkit_itwin::users::Client;

use super::{MISSING, Stand, one};
use crate::coverage::itwin::Users;
use crate::generated::Values;
use crate::served::Play;

pub(super) async fn play(play: &mut Play<Client, Users>, stand: &Stand) -> anyhow::Result<()> {
    play.succeeds("get_me", Values::new()).await;
    play.denied("get_me", Values::new()).await;
    play.succeeds("get_user", one("id", USER_ID)).await;
    play.refused("get_user", one("id", MISSING)).await;
    play.succeeds("search_users", one("$search", "ada")).await;
    play.refused("search_users", one("$search", "ad")).await;
    let ids = |id: &str| Values::new().with("body", json!([id]));
    play.succeeds("get_users_by_ids", ids(USER_ID)).await;
    play.refused("get_users_by_ids", ids("no GUID")).await;
    stand.emulator.itwin().set_ims_group("Engineers", &[USER_EMAIL.to_owned()]);
    play.succeeds("search_user_groups", one("$search", "engin")).await;
    play.refused("search_user_groups", one("$search", "en")).await;
    Ok(())
}
