//! What is preferred decides what comes, and the type of it.

use serde_json::json;
use twinkit_itwin::access_control::types::{Job, JobCreate};
use twinkit_itwin::imodels::types as imodels;
use twinkit_itwin::itwins::types::{ITwin as ITwinFull, ITwinMinimal};
use twinkit_itwin::reality_management::types::{
    RealityData, RealityDataCreate, RealityDataMinimal,
};

use super::support::{body, bytes, new_briefcase, new_imodel, new_itwin, push, stage};

#[tokio::test]
async fn itwins_come_with_the_essentials_or_with_everything() {
    let stage = stage().await;
    let id = new_itwin(&stage.ada, "Bridge").await;
    let few: ITwinMinimal =
        stage.ada.itwins().get_itwin().id(&id).send().await.unwrap().into_inner().itwin;
    let all: ITwinFull = stage
        .ada
        .itwins()
        .get_itwin()
        .id(&id)
        .representation()
        .send()
        .await
        .unwrap()
        .into_inner()
        .itwin;
    assert_eq!((&few.id, &few.display_name), (&all.id, &all.display_name));
    assert_eq!(all.data_center_location.as_deref(), Some("East US"));
    assert!(all.status.is_some() && all.created_by.is_some());
    let list = stage.ada.itwins().list_itwins();
    let listed: Vec<ITwinFull> = list.representation().items().into_vec().await.unwrap();
    assert!(listed.iter().any(|it| it.id == id && it.status.is_some()));
    let list = stage.ada.itwins().list_itwins();
    let listed: Vec<ITwinMinimal> = list.items().into_vec().await.unwrap();
    assert!(listed.iter().any(|it| it.id == id));
}

#[tokio::test]
async fn so_do_imodels_changesets_and_reality_data() {
    let stage = stage().await;
    let itwin = new_itwin(&stage.ada, "Bridge").await;
    let imodel = new_imodel(&stage.ada, &itwin, "M").await;
    let briefcase = new_briefcase(&stage.ada, &imodel).await;
    push(&stage.ada, &imodel, briefcase, 1, bytes(10)).run().await.unwrap();
    let client = stage.ada.imodels();
    let few: Vec<imodels::IModelMinimal> =
        client.list_imodels().itwin_id(&itwin).items().into_vec().await.unwrap();
    let all: Vec<imodels::IModel> =
        client.list_imodels().itwin_id(&itwin).representation().items().into_vec().await.unwrap();
    assert_eq!((&few[0].id, &few[0].display_name), (&all[0].id, &all[0].name));
    assert_eq!(all[0].itwin_id, itwin);

    let list = || client.list_changesets().id(&imodel);
    let few: Vec<imodels::ChangesetMinimal> = list().items().into_vec().await.unwrap();
    let all: Vec<imodels::Changeset> = list().representation().items().into_vec().await.unwrap();
    assert_eq!((few[0].index, all[0].index), (1, 1));
    assert!(all[0].links.download.is_some());

    let reality = stage.ada.reality_management();
    let new: RealityDataCreate = body(json!({"iTwinId": itwin, "displayName": "D", "type": "3MX",
        "classification": "Model", "tags": ["old"]}));
    reality.create_reality_data().body(new).send().await.unwrap();
    let list = || reality.list_reality_data().itwin_id(&itwin);
    let few: Vec<RealityDataMinimal> = list().items().into_vec().await.unwrap();
    let all: Vec<RealityData> = list().representation().items().into_vec().await.unwrap();
    assert_eq!((&few[0].id, few[0].type_.as_str()), (&all[0].id, "3MX"));
    assert_eq!(all[0].tags.as_deref(), Some(&["old".to_owned()][..]));
}

#[tokio::test]
async fn a_job_tells_its_errors_where_everything_is_asked_for() {
    let stage = stage().await;
    let itwin = new_itwin(&stage.ada, "Bridge").await;
    let access = stage.ada.access_control();
    let actions = json!({"actions": {"removeMembers": [{"email": "nobody@twinkit.example"}]}});
    let new: JobCreate = body(actions);
    let job = access.create_job().id(&itwin).body(new).send().await.unwrap().into_inner();
    stage.emulator.clock().advance(std::time::Duration::from_secs(60));
    let get = || access.get_job().id(&itwin).job_id(&job.id);
    let few = get().send().await.unwrap().into_inner();
    let all: Job = get().representation().send().await.unwrap().into_inner();
    assert_eq!((&few.id, few.status.as_str()), (&all.id, all.status.as_str()));
    assert!(all.error.is_some_and(|errors| errors.len() == 1));
}
