//! Locks of more elements than one call takes, and who is in the way.

use twinkit_itwin::ITwinErrorExt as _;
use twinkit_itwin::imodels::Conflict;
use twinkit_itwin::imodels::enums::LockLevel;
use twinkit_tests::support::itwin_stage::ITwinStage;

use super::support::{bytes, changeset_id, new_briefcase, new_imodel, new_itwin, push, stage};

struct Locked {
    stage: ITwinStage,
    imodel: String,
    /// The numbers of two briefcases.
    own: i64,
    other: i64,
}

impl Locked {
    async fn new() -> Self {
        let stage = stage().await;
        let itwin = new_itwin(&stage.ada, "Bridge").await;
        let imodel = new_imodel(&stage.ada, &itwin, "M").await;
        let own = new_briefcase(&stage.ada, &imodel).await;
        let other = new_briefcase(&stage.ada, &imodel).await;
        stage.emulator.requests().clear();
        Self { stage, imodel, own, other }
    }

    /// How many elements a briefcase keeps locked.
    async fn kept(&self, briefcase: i64) -> usize {
        let list = self.stage.ada.imodels().list_locks().id(&self.imodel).briefcase_id(briefcase);
        let locks = list.items().into_vec().await.unwrap();
        locks.iter().flat_map(|lock| &lock.locked_objects).map(|it| it.object_ids.len()).sum()
    }

    fn changes(&self) -> usize {
        self.stage.calls().iter().filter(|call| !call.starts_with("GET")).count()
    }
}

fn elements(count: u32) -> impl Iterator<Item = String> {
    (1..=count).map(|number| format!("0x{number:x}"))
}

#[tokio::test]
async fn twenty_five_hundred_elements_are_locked_and_released() {
    let locked = Locked::new().await;
    let imodels = locked.stage.ada.imodels();
    let changing = imodels.change_locks(&locked.imodel, locked.own);
    let changed = changing.objects(LockLevel::Exclusive, elements(2500)).send().await.unwrap();
    assert!(changed.is_complete() && changed.changed == 2500);
    assert_eq!((locked.changes(), locked.kept(locked.own).await), (3, 2500));
    locked.stage.emulator.requests().clear();
    let calls = imodels.release_all_locks(&locked.imodel, locked.own, None).await.unwrap();
    assert_eq!((calls, locked.changes(), locked.kept(locked.own).await), (3, 3, 0));
    assert_eq!(imodels.release_all_locks(&locked.imodel, locked.own, None).await.unwrap(), 1);
}

#[tokio::test]
async fn a_portion_that_is_refused_names_who_is_in_the_way() {
    let locked = Locked::new().await;
    let imodels = locked.stage.ada.imodels();
    let taken = imodels.change_locks(&locked.imodel, locked.other);
    taken.objects(LockLevel::Shared, ["0x5dc"]).send().await.unwrap();
    let changing = imodels.change_locks(&locked.imodel, locked.own);
    let changed = changing.objects(LockLevel::Exclusive, elements(2500)).send().await.unwrap();
    assert_eq!(changed.changed, 1000);
    let refused = changed.refused.unwrap();
    assert!(refused.error.is_held_by_others(), "{}", refused.error);
    let [lock] = refused.conflict.locks.as_slice() else { panic!("{:?}", refused.conflict) };
    assert_eq!((lock.object_id.as_str(), &lock.lock_level), ("0x5dc", &LockLevel::Shared));
    assert_eq!(lock.briefcase_ids, [locked.other]);
    assert_eq!((refused.objects.len(), refused.objects[0].1.as_str()), (1500, "0x3e9"));
    assert_eq!(locked.kept(locked.own).await, 1000, "the second portion was not changed at all");
}

#[tokio::test]
async fn elements_that_newer_changesets_changed_are_named() {
    let locked = Locked::new().await;
    let (ada, imodels) = (&locked.stage.ada, locked.stage.ada.imodels());
    let taking = imodels.change_locks(&locked.imodel, locked.other);
    taking.objects(LockLevel::Exclusive, ["0x7", "0x8"]).send().await.unwrap();
    push(ada, &locked.imodel, locked.other, 1, bytes(3)).run().await.unwrap();
    let newest = Some(changeset_id(1));
    imodels.release_all_locks(&locked.imodel, locked.other, newest).await.unwrap();

    let changing = imodels.change_locks(&locked.imodel, locked.own);
    let changed = changing.objects(LockLevel::Exclusive, ["0x8", "0x9"]).send().await.unwrap();
    let refused = changed.refused.unwrap();
    assert!(refused.error.is_behind() && refused.conflict.object_ids == ["0x8"], "{refused:?}");
    let new = serde_json::json!({"id": changeset_id(9), "briefcaseId": locked.own, "fileSize": 1});
    let late = imodels.push_changeset(&locked.imodel, super::support::body(new), bytes(1));
    let late = late.run().await.unwrap_err();
    let mut objects = Conflict::of(&late.error).object_ids;
    objects.sort();
    assert_eq!(objects, ["0x7", "0x8"]);

    // Whoever knows the changeset gets them.
    let knowing = imodels.change_locks(&locked.imodel, locked.own).changeset(changeset_id(1));
    let changed = knowing.objects(LockLevel::Exclusive, ["0x8", "0x9"]).send().await.unwrap();
    assert!(changed.is_complete(), "{changed:?}");
}
