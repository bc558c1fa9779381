//! The picture of an iTwin, behind signed addresses.

use serde_json::Value;

use crate::support::{MISSING, Stage, client};

/// The head of a PNG of this size, which is all that is looked at.
pub(crate) fn png(width: u32, height: u32, length: usize) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
    bytes.extend(width.to_be_bytes());
    bytes.extend(height.to_be_bytes());
    bytes.extend([8, 6, 0, 0, 0, 0, 0, 0, 0]);
    bytes.resize(length.max(bytes.len()), 0);
    bytes
}

const PNG: [(&str, &str); 1] = [("content-type", "image/png")];

#[tokio::test]
async fn a_picture_is_read_from_storage_without_a_token() {
    let stage = Stage::new().await;
    let id = stage.ada.new_itwin("A").await;
    let path = format!("/itwins/{id}/image");
    stage.ada.get(&path).await.refused(404, "iTwinNotFound");
    let content = png(500, 100, 0);
    let made = stage.ada.send("PUT", &path, &PNG, Some(content.clone())).await.expect(201).json();
    assert_eq!(made["image"]["id"], id);
    let shown = stage.ada.get(&path).await.expect(200).json();
    let itwin = stage.ada.get_all_of(&format!("/itwins/{id}")).await.expect(200).json();
    assert!(itwin["iTwin"]["imageName"].is_string());
    for url in [
        &shown["image"]["smallImageUrl"],
        &shown["image"]["largeImageUrl"],
        &itwin["iTwin"]["image"],
    ] {
        let url = url.as_str().unwrap();
        assert!(url.starts_with(stage.emulator.storage_url()));
        let read = client().get(url).send().await.unwrap();
        assert_eq!(read.bytes().await.unwrap(), content);
        // The token must not go there.
        stage.ada.get(url).await.expect(403);
    }
    stage.ada.delete(&path).await.expect(204);
    stage.ada.get(&path).await.refused(404, "iTwinNotFound");
    stage.ada.delete(&path).await.refused(404, "iTwinNotFound");
    let itwin = stage.ada.get_all_of(&format!("/itwins/{id}")).await.expect(200).json();
    assert_eq!(
        (&itwin["iTwin"]["image"], &itwin["iTwin"]["imageName"]),
        (&Value::Null, &Value::Null)
    );
}

#[tokio::test]
async fn pictures_have_limits() {
    let stage = Stage::new().await;
    let id = stage.ada.new_itwin("A").await;
    let path = format!("/itwins/{id}/image");
    let put = async |media: &str, content: Vec<u8>| {
        stage.ada.send("PUT", &path, &[("content-type", media)], Some(content)).await
    };
    put("image/png", png(501, 100, 0)).await.refused(422, "InvalidiTwinsRequest");
    put("image/png", png(100, 501, 0)).await.refused(422, "InvalidiTwinsRequest");
    put("image/png", b"no picture".to_vec()).await.refused(422, "InvalidiTwinsRequest");
    put("image/jpeg", png(1, 1, 0)).await.refused(422, "InvalidiTwinsRequest");
    put("image/gif", png(1, 1, 0)).await.refused(415, "UnsupportedMediaType");
    put("image/png", png(1, 1, 5 * 1024 * 1024 + 1)).await.refused(413, "RequestTooLarge");
    put("image/png", png(1, 1, 5 * 1024 * 1024)).await.expect(201);
    let other = format!("/itwins/{MISSING}/image");
    let answer = stage.ada.send("PUT", &other, &PNG, Some(png(1, 1, 0))).await;
    answer.refused(404, "iTwinNotFound");
    let bob = stage.member(&id, "Bob", &["imodels_read"]).await;
    bob.get(&path).await.expect(200);
    let answer = bob.send("PUT", &path, &PNG, Some(png(1, 1, 0))).await;
    answer.refused(403, "InsufficientPermissions");
    bob.delete(&path).await.refused(403, "InsufficientPermissions");
}
