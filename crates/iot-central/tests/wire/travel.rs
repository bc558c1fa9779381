//! Every future of the hand-written part can be moved to another task: users
//! spawn them. Checked by the compiler, so nothing is sent.

use twinkit_iot_central::{BuiltInRole, Client};

use crate::support::{OBJECT, TENANT, credential};

fn travels<T: Send>(_: T) {}

#[tokio::test]
async fn calls_can_be_spawned() {
    let program = credential("t");
    let client = Client::builder("https://a.example", program.clone()).build().unwrap();
    travels(client.onboard_service_principal(TENANT, OBJECT).role(BuiltInRole::Builder).apply());
    travels(client.onboard_credential(&program).plan());
    travels(client.prove_access(&program).run());
    travels(client.offboard_user("a").tokens_where(|_| false).apply());
    travels(client.make_api_token("a").make());
    travels(client.rotate_api_token("a").rotate());
    travels(client.revoke_api_token("a"));
    travels(client.register_device("a").send());
    travels(client.command("a", "b").payload(&1).run());
    travels(client.properties("a").set(&1));
    travels(client.wait_for_job("a").on_look(|_| {}).wait());
    travels(client.wait_for_scheduled_job("a").wait());
    travels(client.wait_until_provisioned("a").wait());
    travels(client.wait_for_file_upload_removal().wait());
}
