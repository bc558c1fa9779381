//! 100,000 twins and 200,000 relationships: what a query looks at does not
//! grow with them.

use std::sync::Arc;

use serde_json::json;
use twinkit_emulator::{
    clock::Clock,
    digital_twins::{Config, IfNoneMatch, Instance, NoBlobs, QueryPage},
};

use crate::support::{floor, models, room};

const TWINS: usize = 100_000;
const FLOORS: usize = 1_000;

fn full() -> Arc<Instance> {
    let instance = Instance::new(Config::default(), Clock::new(), Arc::new(NoBlobs));
    instance.create_models(&models()).unwrap();
    let put = |id: String, body| {
        instance.put_twin(&id, &body, IfNoneMatch::Absent, None).unwrap();
    };
    for n in 0..FLOORS {
        put(format!("floor-{n}"), floor(json!({})));
    }
    for n in FLOORS..TWINS {
        put(format!("room-{n}"), room(json!({"seats": n % 7})));
    }
    // Two relationships for each twin: its floor has it, and another floor is near it.
    for n in 0..TWINS {
        let target = if n < FLOORS { format!("floor-{n}") } else { format!("room-{n}") };
        for (step, name) in [(1, "contains"), (2, "near")] {
            let source = format!("floor-{}", (n + step) % FLOORS);
            let body = json!({"$targetId": target, "$relationshipName": name});
            let id = format!("{name}-{n}");
            instance.put_relationship(&source, &id, &body, IfNoneMatch::Absent, None).unwrap();
        }
    }
    instance
}

fn ask(instance: &Instance, query: &str) -> QueryPage {
    instance.query(query, None, None).unwrap()
}

#[test]
fn queries_look_at_what_they_need_only() {
    let instance = full();
    assert_eq!(instance.counts(), (4, TWINS, 2 * TWINS));

    let one = ask(&instance, "SELECT * FROM DIGITALTWINS WHERE $dtId = 'room-50000'");
    assert_eq!(one.rows.len(), 1);
    assert!(one.visited <= 2, "{}", one.visited);

    let floors = "SELECT COUNT() FROM DIGITALTWINS WHERE IS_OF_MODEL('dtmi:test:Floor;1')";
    let count = ask(&instance, floors);
    assert_eq!(count.rows, [json!({"COUNT": FLOORS})]);
    assert!(count.visited <= FLOORS + 1, "{}", count.visited);

    let page = ask(&instance, "SELECT * FROM DIGITALTWINS");
    assert_eq!(page.rows.len(), 100);
    assert!(page.visited <= 102, "{}", page.visited);
    let next = instance.query("", page.continuation.as_deref(), None).unwrap();
    assert!(next.visited <= 102, "{}", next.visited);

    let join = "SELECT R FROM DIGITALTWINS F JOIN R RELATED F.contains WHERE F.$dtId = 'floor-5'";
    let degree = TWINS / FLOORS;
    let rooms = ask(&instance, join);
    assert_eq!(rooms.rows.len(), degree);
    assert!(rooms.visited <= 3 * degree + 3, "{}", rooms.visited);

    let back =
        "SELECT F FROM DIGITALTWINS F JOIN R RELATED F.contains WHERE R.$dtId = 'room-50000'";
    let floors = ask(&instance, back);
    assert_eq!(floors.rows.len(), 1);
    assert!(floors.visited <= 8, "{}", floors.visited);
}
