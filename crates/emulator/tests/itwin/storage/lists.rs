//! Lists, their pages, and searches.

use serde_json::json;

use super::{INVALID, Place, new_file, new_folder};
use crate::support::each;

#[tokio::test]
async fn a_folder_lists_what_lies_in_it_folders_first() {
    let Place { stage, itwin, root } = Place::new().await;
    let ada = &stage.ada;
    new_file(ada, &root, "1.pdf", "1").await;
    let plans = new_folder(ada, &root, "Plans").await;
    new_file(ada, &root, "2.pdf", "2").await;
    new_file(ada, &plans, "3.pdf", "3").await;
    let path = format!("/storage/folders/{root}");
    let listed = ada.get(&format!("{path}/list")).await.expect(200).json();
    assert_eq!(each(&listed["items"], "displayName"), ["Plans", "1.pdf", "2.pdf"]);
    assert_eq!(each(&listed["items"], "type"), ["folder", "file", "file"]);
    let folders = ada.get(&format!("{path}/folders")).await.expect(200).json();
    assert_eq!(each(&folders["folders"], "displayName"), ["Plans"]);
    let files = ada.get(&format!("{path}/Files")).await.expect(200).json();
    assert_eq!(each(&files["files"], "displayName"), ["1.pdf", "2.pdf"]);
    for query in [format!("?iTwinId={itwin}"), format!("/?projectId={}", itwin.to_uppercase())] {
        let top = ada.get(&format!("/storage{query}")).await.expect(200).json();
        assert_eq!(top["items"], listed["items"]);
    }
}

#[tokio::test]
async fn a_next_page_is_linked_for_ever() {
    let Place { stage, itwin, root } = Place::new().await;
    for name in ["a", "b", "c"] {
        new_folder(&stage.ada, &root, name).await;
    }
    let first = format!("/storage?iTwinId={itwin}&$top=2");
    let first = stage.ada.get(&first).await.expect(200).json();
    assert_eq!(each(&first["items"], "displayName"), ["a", "b"]);
    let link = |page: &serde_json::Value, name: &str| {
        page["_links"][name]["href"].as_str().unwrap().to_owned()
    };
    assert_eq!(link(&first, "prev"), link(&first, "self"));
    assert!(link(&first, "folder").ends_with(&format!("/storage/folders/{root}")));
    let second = stage.ada.get(&link(&first, "next")).await.expect(200).json();
    assert_eq!(each(&second["items"], "displayName"), ["c"]);
    let third = stage.ada.get(&link(&second, "next")).await.expect(200).json();
    assert_eq!(third["items"], json!([]));
    assert!(link(&third, "next").contains("$skip=6"));
    assert_eq!(link(&third, "prev"), link(&second, "self"));
}

#[tokio::test]
async fn what_a_list_is_asked_for_must_fit() {
    let Place { stage, itwin, root } = Place::new().await;
    let ada = &stage.ada;
    for path in ["/storage", "/storage/recycleBin"] {
        ada.get(path).await.refused_for(INVALID, "MissingRequiredParameter", "iTwinId");
        let odd = ada.get(&format!("{path}?iTwinId=x")).await;
        odd.refused_for(INVALID, "InvalidValue", "iTwinId");
    }
    for list in [
        format!("/storage?iTwinId={itwin}&"),
        format!("/storage/folders/{root}/list?"),
        format!("/storage/folders/{root}/search?name=a&"),
        format!("/storage/recyclebin?iTwinId={itwin}&"),
    ] {
        ada.get(&format!("{list}$top=1001")).await.refused_for(INVALID, "InvalidValue", "$top");
        ada.get(&format!("{list}$skip=-1")).await.refused_for(INVALID, "InvalidValue", "$skip");
    }
}

#[tokio::test]
async fn a_search_goes_below_a_folder() {
    let Place { stage, root, .. } = Place::new().await;
    let ada = &stage.ada;
    let plans = new_folder(ada, &root, "Plans").await;
    let floors = new_folder(ada, &plans, "Floors").await;
    new_file(ada, &floors, "First floor.pdf", "1").await;
    let gone = new_file(ada, &floors, "Old floor.pdf", "2").await;
    new_file(ada, &root, "Floor.dgn", "3").await;
    ada.delete(&format!("/storage/files/{gone}")).await.expect(204);
    for (folder, name, found) in [
        (&root, "*floor*", vec!["Floors", "First floor.pdf", "Floor.dgn"]),
        (&plans, "*floor*", vec!["Floors", "First floor.pdf"]),
        (&root, "floor.dg?", vec!["Floor.dgn"]),
        (&root, "floor", vec![]),
    ] {
        let path = format!("/storage/folders/{folder}/search?name={name}");
        let listed = ada.get(&path).await.expect(200).json();
        assert_eq!(each(&listed["items"], "displayName"), found, "{name}");
    }
    let path = format!("/storage/folders/{root}/search");
    ada.get(&path).await.refused_for(INVALID, "MissingRequiredParameter", "name");
}
