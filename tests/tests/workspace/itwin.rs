//! The iTwin client over TCP: what is sent, how lists end, which answer comes,
//! and what comes of versions, redirects and pictures.

use serde_json::{Value, json};
use twinkit_itwin::imodels::{Conflict, types as imodels};
use twinkit_itwin::itwins::{self, patches::ITwinPatch, types};
use twinkit_itwin::storage::kinds::Item;
use twinkit_itwin::{Change, ENDPOINT, ErrorKind, ITwin, Image, ListEnd, Method};
use twinkit_tests::support::recorder::{Canned, Recorded, Recorder};
use twinkit_tests::support::token;

const V1: &str = "application/vnd.bentley.itwin-platform.v1+json";
const V2: &str = "application/vnd.bentley.itwin-platform.v2+json";

struct Service {
    recorder: Recorder,
    platform: ITwin,
}

impl Service {
    async fn start() -> Self {
        let recorder = Recorder::start().await.unwrap();
        let credential = token::fixed("fixed-token");
        let platform = ITwin::builder(credential).endpoint(recorder.url()).build().unwrap();
        Self { recorder, platform }
    }

    async fn answering(body: Value) -> Self {
        let service = Self::start().await;
        service.answer(200, &[], Some(body));
        service
    }

    fn answer(&self, status: u16, headers: &[(&str, &str)], body: Option<Value>) {
        self.recorder.answer_with(Canned {
            status,
            headers: headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect(),
            content: body.map(|body| ("application/json".to_owned(), body)),
        });
    }

    fn request(&self) -> Recorded {
        self.recorder.take().pop().unwrap()
    }

    /// An absolute link of the service.
    fn link(&self, target: &str) -> Value {
        json!({"href": format!("{}{target}", self.recorder.url())})
    }
}

fn small(number: u32) -> Value {
    json!({"id": number.to_string(), "class": "Thing", "subClass": "Asset", "displayName": "d"})
}

#[tokio::test]
async fn each_api_asks_for_its_own_version() {
    let service = Service::answering(json!({"user": {"id": "u", "email": "e"}})).await;
    service.platform.users().get_me().send().await.unwrap();
    let request = service.request();
    assert_eq!(request.target, "/users/me");
    assert_eq!(request.header("accept").as_deref(), Some(V1));
    assert_eq!(request.header("authorization").as_deref(), Some("Bearer fixed-token"));
    service.answer(200, &[], Some(json!({"permissions": []})));
    service.platform.access_control().get_my_permissions().id("i").send().await.unwrap();
    assert_eq!(service.request().header("accept").as_deref(), Some(V2));
    service.platform.imodels().request(Method::GET, "/imodels/new").send().await.unwrap();
    assert_eq!(service.request().header("accept").as_deref(), Some(V2));
    service.platform.request(Method::GET, "/savedviews", 1).send().await.unwrap();
    assert_eq!(service.request().header("accept").as_deref(), Some(V1));
    assert_eq!(ENDPOINT, "https://api.bentley.com");
}

#[tokio::test]
async fn another_version_is_noticed() {
    let service = Service::start().await;
    let v1 = [("X-ITwinPlatform-Media-Type", "bentley.itwin-platform.v1")];
    service.answer(200, &v1, Some(json!({"permissions": []})));
    let client = service.platform.access_control();
    let error = client.get_my_permissions().id("i").send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert!(error.to_string().contains("bentley.itwin-platform.v1"), "{error}");
    let missing = json!({"error": {"code": "ResourceNotFound", "message": "Not found."}});
    service.answer(404, &v1, Some(missing));
    let error = client.get_my_permissions().id("i").send().await.unwrap_err();
    assert!(error.hint().unwrap().contains("v2"), "{:?}", error.hint());
    let v2 = [("X-ITwinPlatform-Media-Type", "bentley.itwin-platform.v2")];
    service.answer(200, &v2, Some(json!({"permissions": ["a"]})));
    let answer = client.get_my_permissions().id("i").send().await.unwrap();
    assert_eq!(answer.permissions, ["a"]);
}

#[tokio::test]
async fn the_answer_follows_what_is_preferred() {
    let service = Service::answering(json!({"iTwin": small(1)})).await;
    let get = || service.platform.itwins().get_itwin().id("i");
    let few: types::ITwinMinimal = get().send().await.unwrap().into_inner().itwin;
    assert_eq!((few.id.as_str(), service.request().header("prefer")), ("1", None));
    let mut whole = small(1);
    whole["status"] = json!("Dormant");
    service.answer(200, &[], Some(json!({"iTwin": whole})));
    let all: types::ITwin = get().representation().send().await.unwrap().into_inner().itwin;
    assert_eq!(all.status, Some(itwins::enums::ITwinStatus::Unknown("Dormant".to_owned())));
    let prefer = service.request().header("prefer");
    assert_eq!(prefer.as_deref(), Some("return=representation"));

    // From page to page as well.
    let next = service.link("/itwins?$skip=1");
    let page = json!({"iTwins": [whole], "_links": {"self": next, "next": next}});
    service.answer(200, &[], Some(page));
    let mut pages = service.platform.itwins().list_itwins().representation().pages();
    for _ in 0..2 {
        pages.next_page().await.unwrap().unwrap();
    }
    for request in service.recorder.take() {
        assert_eq!(request.header("prefer").as_deref(), Some("return=representation"));
        assert_eq!(request.header("accept").as_deref(), Some(V1));
    }
}

#[tokio::test]
async fn a_list_of_itwins_tells_that_it_stopped_at_the_ceiling() {
    let service = Service::start().await;
    let page = json!({"iTwins": [small(1), small(2)], "_links": {"self": service.link("/itwins")}});
    let list = || service.platform.itwins().list_itwins().x_max_return(2).items();
    for (header, end) in [("2", ListEnd::Ceiling(2)), ("1000", ListEnd::Complete)] {
        service.answer(200, &[("X-Max-Return", header)], Some(page.clone()));
        let mut items = list();
        while let Some(item) = items.next_item().await {
            item.unwrap();
        }
        assert_eq!(items.end(), Some(end));
        assert_eq!(service.request().header("x-max-return").as_deref(), Some("2"));
    }
}

#[tokio::test]
async fn a_ceiling_that_the_answer_does_not_name_is_the_one_asked_for_or_the_platforms_own() {
    let service = Service::start().await;
    let page = |count: u32| {
        let all: Vec<Value> = (0..count).map(small).collect();
        json!({"iTwins": all, "_links": {"self": service.link("/itwins")}})
    };
    let list = || service.platform.itwins().list_itwins();
    for (asked, count, end) in [
        (Some(2), 2, ListEnd::Ceiling(2)),
        (Some(3), 2, ListEnd::Complete),
        (None, 999, ListEnd::Complete),
        (None, 1000, ListEnd::Ceiling(1000)),
    ] {
        service.answer(200, &[], Some(page(count)));
        let list = asked.into_iter().fold(list(), |list, most| list.x_max_return(most));
        let mut pages = list.pages();
        while let Some(page) = pages.next_page().await {
            page.unwrap();
        }
        assert_eq!(pages.end(), Some(end), "{asked:?} {count}");
    }
}

#[tokio::test]
async fn lists_that_always_name_a_next_page_end_with_a_short_one() {
    let service = Service::start().await;
    let next = service.link("/storage?iTwinId=i&$top=2&$skip=2");
    let page = |items: Vec<Value>| json!({"items": items, "_links": {"self": next, "prev": next, "next": next, "folder": next}});
    let file = json!({"type": "file", "id": "f", "displayName": "a", "size": 3, "path": null});
    let odd = json!({"type": "shortcut", "id": "s", "to": 1.50});
    service.answer(200, &[], Some(page(vec![file.clone()])));
    let list = || service.platform.storage().list_top_level().itwin_id("i").top(2);
    let items = list().items().into_vec().await.unwrap();
    let [Item::File(read)] = items.as_slice() else { panic!("{items:?}") };
    assert_eq!((read.display_name.as_str(), read.size), ("a", Some(3)));
    assert_eq!(service.recorder.take().len(), 1);
    service.answer(200, &[], Some(page(Vec::new())));
    assert!(list().items().into_vec().await.unwrap().is_empty());
    assert_eq!(service.recorder.take().len(), 1);

    // A full page is followed; what is not known is kept.
    service.answer(200, &[], Some(page(vec![file, odd])));
    let mut pages = list().pages();
    let first = pages.next_page().await.unwrap().unwrap();
    assert_eq!(first.links.as_ref().unwrap().folder.href, next["href"].as_str().unwrap());
    assert_eq!(first.items[1].kind(), "shortcut");
    assert_eq!(pages.continuation(), next["href"].as_str());
    pages.next_page().await.unwrap().unwrap();
    let targets: Vec<String> = service.recorder.take().into_iter().map(|it| it.target).collect();
    assert_eq!(targets[1], "/storage?iTwinId=i&$top=2&$skip=2");
}

#[tokio::test]
async fn lists_that_name_no_next_page_end_there_whatever_is_missing() {
    let service = Service::start().await;
    let link = service.link("/imodels?iTwinId=i&$continuationToken=AbC%3D%3D");
    let item = json!({"id": "i", "displayName": "d"});
    // iModels: null.
    let last = json!({"iModels": [item], "_links": {"self": link, "prev": null, "next": null}});
    let list = || service.platform.imodels().list_imodels().itwin_id("i").continuation_token("");
    service.answer(200, &[], Some(last));
    assert_eq!(list().items().into_vec().await.unwrap().len(), 1);
    assert_eq!(service.request().target, "/imodels?%24continuationToken=&iTwinId=i");
    let more = json!({"iModels": [item], "_links": {"self": link, "prev": null, "next": link}});
    service.answer(200, &[], Some(more));
    let mut pages = list().pages();
    pages.next_page().await.unwrap().unwrap();
    pages.next_page().await.unwrap().unwrap();
    let targets: Vec<String> = service.recorder.take().into_iter().map(|it| it.target).collect();
    assert_eq!(targets[1], "/imodels?iTwinId=i&$continuationToken=AbC%3D%3D");

    // Reality data: no links, or no next among them.
    let item = json!({"id": "r", "displayName": "d", "type": "3MX"});
    for links in [json!(null), json!({})] {
        service.answer(200, &[], Some(json!({"realityData": [item], "_links": links})));
        let list = service.platform.reality_management().list_reality_data();
        let items = list.items().into_vec().await.unwrap();
        assert_eq!((items.len(), service.recorder.take().len()), (1, 1));
    }

    // Groups come in pages only if a size is asked for.
    let group = json!({"id": "g", "name": "n", "description": "d", "members": [], "imsGroups": []});
    service.answer(200, &[], Some(json!({"groups": [group]})));
    let list = || service.platform.access_control().list_groups().id("i");
    list().items().into_vec().await.unwrap();
    assert!(service.request().target.ends_with("/groups?%24top=100"));
    list().top(7).items().into_vec().await.unwrap();
    assert!(service.request().target.ends_with("/groups?%24top=7"));
    list().send().await.unwrap();
    assert!(service.request().target.ends_with("/groups"));
}

#[tokio::test]
async fn words_of_a_path_are_no_ids() {
    let service = Service::answering(json!({})).await;
    for word in ["favorites", "Exports", "myprimaryaccount", "repositories", ".."] {
        let error = service.platform.itwins().get_itwin().id(word).send().await.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::InvalidRequest, 0), "{word}");
        assert!(error.to_string().contains("iTwin id"), "{error}");
    }
    assert!(service.platform.users().get_user().id("me").send().await.is_err());
    assert!(service.recorder.take().is_empty());
    service.answer(200, &[], Some(json!({"changeset": null})));
    let get = service.platform.imodels().get_changeset().id("i").changeset(7);
    assert_eq!(get.send().await.unwrap_err().kind(), ErrorKind::Decode);
    assert_eq!(service.request().target, "/imodels/i/changesets/7");
}

#[tokio::test]
async fn a_change_leaves_alone_takes_away_and_sets() {
    let service = Service::answering(json!({"iTwin": small(1)})).await;
    let change = ITwinPatch::new().display_name("Bridge").number(Change::Remove);
    service.platform.itwins().update_itwin().id("i").body(change).send().await.unwrap();
    let request = service.request();
    assert_eq!(request.header("content-type").as_deref(), Some("application/json"));
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    assert_eq!(body, json!({"displayName": "Bridge", "number": null}));
}

#[tokio::test]
async fn pictures_travel_as_what_they_are() {
    let service = Service::start().await;
    service.answer(204, &[], None);
    let upload = || service.platform.imodels().upload_thumbnail().id("i");
    upload().body(Image::jpeg("jpeg bytes")).send().await.unwrap();
    let request = service.request();
    assert_eq!(request.header("content-type").as_deref(), Some("image/jpeg"));
    assert_eq!((request.method.as_str(), &request.body[..]), ("PUT", &b"jpeg bytes"[..]));
    let gif = upload().body(b"GIF89a".to_vec()).send().await.unwrap_err();
    assert!(gif.to_string().contains("PNG"), "{gif}");
    let png = b"\x89PNG\r\n\x1a\n...".to_vec();
    upload().body(png.clone()).send().await.unwrap();
    assert_eq!(service.request().header("content-type").as_deref(), Some("image/png"));

    service.recorder.answer_with(Canned {
        status: 200,
        headers: Vec::new(),
        content: Some(("image/png".to_owned(), json!("bytes"))),
    });
    let get = service.platform.imodels().get_thumbnail().id("i");
    let image = get.size(twinkit_itwin::imodels::enums::ThumbnailSize::Large).send().await.unwrap();
    assert_eq!((image.media_type(), &image.bytes()[..]), ("image/png", &b"bytes"[..]));
    assert_eq!(service.request().header("accept").as_deref(), Some(V2));
}

#[tokio::test]
async fn downloads_answer_with_the_address_and_leave_it_alone() {
    let service = Service::start().await;
    let signed = "https://account.blob.example/file?sig=canary";
    service.answer(302, &[("Location", signed)], None);
    let answer = service.platform.storage().download_file().file_id("f").send().await.unwrap();
    assert_eq!((answer.status().as_u16(), answer.location()), (302, Some(signed)));
    assert!(!format!("{answer:?}").contains("canary"));
    assert_eq!(service.recorder.take().len(), 1);

    // A resource that lies elsewhere on the platform is fetched there; not so one
    // that lies at somebody else's.
    let get = || service.platform.itwins().get_resource_graphics();
    let get = || get().itwin_id("i").repository_id("r").resource_id("x");
    let error = get().send().await.unwrap_err();
    assert!(error.to_string().contains("account.blob.example"), "{error}");
    assert!(!format!("{error:?}").contains("canary") && service.recorder.take().len() == 1);
}

#[tokio::test]
async fn signed_addresses_and_keys_are_not_shown() {
    let signed = "https://account.blob.example/x?sig=canary";
    let links = json!({"completeUrl": {"href": "https://api.bentley.com/storage/files/f/complete"},
                       "uploadUrl": {"href": signed}});
    let service = Service::start().await;
    service.answer(202, &[], Some(json!({"_links": links})));
    let body = twinkit_itwin::storage::types::ItemCreate::builder().display_name("a.pdf");
    let create = service.platform.storage().create_file().folder_id("f").body(body);
    let answer = create.send().await.unwrap();
    assert!(!format!("{answer:?}").contains("canary"), "{answer:?}");
    assert_eq!(answer.links.upload_url.href.expose(), signed);

    let share = json!({"share": {"id": "s", "iTwinId": "i", "shareKey": "canary",
        "shareContract": "Default", "expiration": "2026-01-01T00:00:00Z"}});
    service.answer(200, &[], Some(share));
    let get = service.platform.access_control().get_share().id("i").share_id("s");
    let share = get.send().await.unwrap().into_inner().share;
    assert!(!format!("{share:?}").contains("canary"));
    drop(service.recorder.take());
    let shared = ITwin::with_share_key(service.recorder.url(), share.share_key).unwrap();
    service.answer(200, &[], Some(json!({"realityData": []})));
    shared.build().unwrap().reality_management().list_reality_data().send().await.unwrap();
    assert_eq!(service.request().header("authorization").as_deref(), Some("Basic canary"));
}

#[tokio::test]
async fn a_conflict_names_who_is_in_the_way_however_many_they_are() {
    let service = Service::start().await;
    let locks: Vec<Value> = (0..1000)
        .map(|n| {
            json!({"objectId": format!("0x{n:x}"), "lockLevel": "exclusive",
                        "briefcaseIds": [2, 3], "more": "x".repeat(60)})
        })
        .collect();
    let body = json!({"error": {"code": "ConflictWithAnotherUser", "message": "Owned.",
                                "conflictingLocks": locks}});
    service.answer(409, &[("x-correlation-id", "c-1")], Some(body));
    let change = imodels::LockUpdate::builder().briefcase_id(1).locked_objects(Vec::new());
    let update = service.platform.imodels().update_locks().id("i").body(change);
    let error = update.send().await.unwrap_err();
    assert!(error.is_conflict() && error.body().len() < 70_000);
    assert_eq!(error.request_id(), Some("c-1"));
    assert!(error.hint().unwrap().contains("Conflict::of"));
    let conflict = Conflict::of(&error);
    assert_eq!((conflict.locks.len(), conflict.object_ids.len()), (1000, 0));
    assert_eq!(conflict.locks[999].object_id, "0x3e7");
    assert_eq!(conflict.locks[0].briefcase_ids, [2, 3]);
}
