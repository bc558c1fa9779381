//! The picture of an iModel.

use crate::{
    image::png,
    imodels_support::Scene,
    support::{Answer, MISSING},
};

const INVALID: &str = "InvalidiModelsRequest";

async fn put(scene: &Scene, media: &str, content: Vec<u8>) -> Answer {
    let path = scene.at("thumbnail");
    scene.stage.ada.send("PUT", &path, &[("content-type", media)], Some(content)).await
}

#[tokio::test]
async fn a_png_comes_back_as_it_was_sent() {
    let scene = Scene::new().await;
    let path = scene.at("thumbnail");
    let content = png(40, 25, 0);
    assert_eq!(put(&scene, "image/png", content.clone()).await.expect(200).text, "");
    let shown = scene.stage.ada.get(&format!("{path}?size=large")).await.expect(200);
    assert_eq!(shown.headers["content-type"], "image/png");
    assert_eq!(shown.headers["content-length"], content.len().to_string().as_str());
    let answer = scene.stage.ada.get(&format!("{path}?size=huge")).await;
    answer.refused_for(INVALID, "InvalidValue", "size");
}

#[tokio::test]
async fn there_is_a_default_one_of_either_size() {
    let scene = Scene::new().await;
    let length = async |size: &str| {
        let path = scene.at(&format!("thumbnail{size}"));
        let shown = scene.stage.ada.get(&path).await.expect(200);
        assert_eq!(shown.headers["content-type"], "image/png");
        shown.headers["content-length"].to_str().unwrap().parse::<u32>().unwrap()
    };
    let (small, large) = (length("").await, length("?size=large").await);
    assert!(small < large);
    assert_eq!(length("?size=small").await, small);
    // Nothing here can read a JPEG.
    put(&scene, "image/jpeg", b"\xff\xd8\xff\xe0".to_vec()).await.expect(200);
    assert_eq!((length("").await, length("?size=large").await), (small, large));
}

#[tokio::test]
async fn pictures_have_limits() {
    let scene = Scene::new().await;
    for (media, content) in [
        ("image/gif", png(1, 1, 0)),
        ("image/png", b"no picture".to_vec()),
        ("image/jpeg", png(1, 1, 0)),
    ] {
        let details = put(&scene, media, content).await.refused(422, INVALID);
        assert_eq!(details[0].0, "InvalidThumbnailFormat");
    }
    let most = 5 * 1024 * 1024;
    put(&scene, "image/png", png(1, 1, most + 1)).await.refused(413, "RequestTooLarge");
    put(&scene, "image/png", png(1, 1, most)).await.expect(200);
    let vera = scene.viewer("Vera").await;
    vera.get(&scene.at("thumbnail")).await.expect(200);
    let headers = [("content-type", "image/png")];
    let answer = vera.send("PUT", &scene.at("thumbnail"), &headers, Some(png(1, 1, 0))).await;
    answer.refused(403, "InsufficientPermissions");
    vera.get(&format!("/imodels/{MISSING}/thumbnail")).await.refused(404, "iModelNotFound");
}
