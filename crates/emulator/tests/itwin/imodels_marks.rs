//! Favorites and recents of iModels.

use crate::{
    imodels_support::Scene,
    support::{MISSING, each},
};

#[tokio::test]
async fn favorites_are_by_user_and_itwin() {
    let scene = Scene::new().await;
    let ada = &scene.stage.ada;
    let list = format!("/imodels/favorites?iTwinId={}", scene.itwin);
    let favorite = format!("/imodels/favorites/{}", scene.id);
    ada.send("PUT", &favorite, &[], None).await.expect(204);
    ada.send("PUT", &favorite, &[], None).await.expect(204);
    let shown = ada.get_all_of(&list).await.expect(200).json();
    assert_eq!(each(&shown["iModels"], "name"), ["Model"]);
    let vera = scene.viewer("Vera").await;
    assert_eq!(vera.get(&list).await.expect(200).json()["iModels"].as_array().unwrap().len(), 0);
    let elsewhere = ada.get(&format!("/imodels/favorites?iTwinId={MISSING}")).await.expect(200);
    assert_eq!(elsewhere.json()["iModels"].as_array().unwrap().len(), 0);
    ada.delete(&favorite).await.expect(204);
    ada.delete(&favorite).await.expect(204);
    assert_eq!(ada.get(&list).await.expect(200).json()["iModels"].as_array().unwrap().len(), 0);
    let missing = format!("/imodels/favorites/{MISSING}");
    ada.send("PUT", &missing, &[], None).await.refused(404, "iModelNotFound");
    ada.delete(&missing).await.refused(404, "iModelNotFound");
    // As in the iTwins API, which this one is not.
    ada.mark(&favorite).await.refused(404, "ResourceNotFound");
    let answer = ada.get("/imodels/favorites").await;
    answer.refused_for("InvalidiModelsRequest", "MissingRequiredParameter", "iTwinId");
}

#[tokio::test]
async fn the_last_one_used_is_the_first_of_the_recents() {
    let scene = Scene::new().await;
    let ada = &scene.stage.ada;
    let other = ada.new_imodel(&scene.itwin, "Other").await;
    let list = format!("/imodels/recents?iTwinId={}", scene.itwin);
    for id in [&scene.id, &other, &scene.id] {
        ada.mark(&format!("/imodels/recents/{id}")).await.expect(204);
    }
    let shown = ada.get(&list).await.expect(200).json();
    assert_eq!(each(&shown["iModels"], "displayName"), ["Model", "Other"]);
    ada.delete(&format!("/imodels/recents/{other}")).await.expect(204);
    ada.delete(&scene.path).await.expect(204);
    assert_eq!(ada.get(&list).await.expect(200).json()["iModels"].as_array().unwrap().len(), 0);
    ada.mark(&format!("/imodels/recents/{MISSING}")).await.refused(404, "iModelNotFound");
    ada.delete(&format!("/imodels/recents/{MISSING}")).await.refused(404, "iModelNotFound");
    let answer = ada.get("/imodels/recents").await;
    answer.refused_for("InvalidiModelsRequest", "MissingRequiredParameter", "iTwinId");
}
