//! What the demo puts on stage: twins, relationships, one patch, one telemetry
//! message and some queries. It must not know how any of it is sent.

use serde_json::{Value, json};
use twinkit::digital_twins::{ModelId, QueryValue};

/// The ontology that the demo brings along.
pub(super) const BUILDING_MODELS: &str = include_str!("../../models/building.json");

/// A complete plan; ids carry a prefix that keeps runs apart.
pub(super) struct Scene {
    pub(super) twins: Vec<SceneTwin>,
    pub(super) relationships: Vec<SceneRelationship>,
    pub(super) patch: Option<ScenePatch>,
    pub(super) telemetry: Option<SceneTelemetry>,
    pub(super) queries: Vec<SceneQuery>,
}

pub(super) struct SceneTwin {
    pub(super) id: String,
    pub(super) document: Value,
}

pub(super) struct SceneRelationship {
    pub(super) source: String,
    pub(super) id: String,
    pub(super) document: Value,
}

/// One property of one twin, or of one of its components, to be set.
pub(super) struct ScenePatch {
    pub(super) twin: String,
    pub(super) path: Vec<String>,
    pub(super) value: Value,
}

pub(super) struct SceneTelemetry {
    pub(super) twin: String,
    pub(super) component: Option<String>,
    pub(super) payload: Value,
}

/// A query and the number of rows it must give.
pub(super) struct SceneQuery {
    pub(super) what: String,
    pub(super) text: String,
    pub(super) values: Vec<(&'static str, QueryValue)>,
    pub(super) rows: usize,
}

const FLOORS: usize = 3;
const ROOMS_PER_FLOOR: usize = 4;
/// Rooms start at this temperature and get half a degree more each.
const COOLEST: f64 = 19.0;
const WARM: f64 = 21.0;

/// A building of three floors with four rooms each and a sensor per room, on
/// the demo's own ontology.
pub(super) fn building(prefix: &str) -> Scene {
    let model = |name: &str| format!("dtmi:org:twinkit:demo:{name};1");
    let building = format!("{prefix}-building");
    let mut twins = vec![SceneTwin {
        id: building.clone(),
        document: json!({
            "$metadata": {"$model": model("Building")},
            "name": "Head office",
            "area": 1480.0,
            "address": {"street": "1 Example Square", "city": "Springfield"},
        }),
    }];
    let mut relationships = Vec::new();
    let mut warm_rooms = 0;
    let mut relate = |source: &str, name: &str, target: &str, properties: Value| {
        let mut document = json!({"$relationshipName": name, "$targetId": target});
        if let (Some(into), Value::Object(members)) = (document.as_object_mut(), properties) {
            into.extend(members);
        }
        let id = format!("{source}-{name}-{target}");
        relationships.push(SceneRelationship { source: source.to_owned(), id, document });
    };
    for level in 0..FLOORS {
        let floor = format!("{prefix}-floor-{level}");
        twins.push(SceneTwin {
            id: floor.clone(),
            document: json!({
                "$metadata": {"$model": model("Floor")},
                "name": format!("Floor {level}"),
                "level": level,
            }),
        });
        relate(&building, "hasFloor", &floor, json!({}));
        for number in 0..ROOMS_PER_FLOOR {
            let room = format!("{prefix}-room-{level}{number:02}");
            let temperature = COOLEST + (level * ROOMS_PER_FLOOR + number) as f64 / 2.0;
            warm_rooms += usize::from(temperature > WARM);
            twins.push(SceneTwin {
                id: room.clone(),
                document: json!({
                    "$metadata": {"$model": model("Room")},
                    "name": format!("Room {level}.{number:02}"),
                    "area": 22.5,
                    "use": if number == 0 { "meeting" } else { "office" },
                    "occupied": number % 2 == 0,
                    "climate": {"$metadata": {}, "temperature": temperature},
                }),
            });
            relate(&floor, "hasRoom", &room, json!({"accessControlled": number == 0}));
            let sensor = format!("{prefix}-sensor-{level}{number:02}");
            twins.push(SceneTwin {
                id: sensor.clone(),
                document: json!({
                    "$metadata": {"$model": model("Sensor")},
                    "serialNumber": format!("SN-{level}{number:02}"),
                }),
            });
            relate(&sensor, "observes", &room, json!({}));
        }
    }
    let room = format!("{prefix}-room-000");
    Scene {
        twins,
        relationships,
        patch: Some(ScenePatch {
            twin: room.clone(),
            path: vec!["climate".into(), "setPoint".into()],
            value: json!(20.5),
        }),
        telemetry: Some(SceneTelemetry {
            twin: room.clone(),
            component: Some("climate".into()),
            payload: json!({"carbonDioxide": 612}),
        }),
        queries: vec![
            SceneQuery {
                what: "rooms that are warm".into(),
                text: "SELECT T.$dtId AS id, T.climate.temperature AS temperature \
                       FROM DIGITALTWINS T WHERE IS_OF_MODEL(T, $model) \
                       AND T.climate.temperature > $limit AND STARTSWITH(T.$dtId, $prefix)"
                    .into(),
                values: vec![
                    ("model", model("Room").into()),
                    ("limit", WARM.into()),
                    ("prefix", prefix.into()),
                ],
                rows: warm_rooms,
            },
            SceneQuery {
                what: "rooms of the first floor, by relationship".into(),
                text: "SELECT room FROM DIGITALTWINS floor JOIN room RELATED floor.hasRoom \
                       WHERE floor.$dtId = $floor"
                    .into(),
                values: vec![("floor", format!("{prefix}-floor-1").into())],
                rows: ROOMS_PER_FLOOR,
            },
            SceneQuery {
                what: "everything within two steps of the building".into(),
                text: "SELECT place FROM DIGITALTWINS MATCH \
                       (building)-[:hasFloor|hasRoom*..2]->(place) WHERE building.$dtId = $building"
                    .into(),
                values: vec![("building", building.into())],
                rows: FLOORS + FLOORS * ROOMS_PER_FLOOR,
            },
        ],
    }
}

/// The query that shows a model's twins of this run.
pub(super) fn twins_of_model(prefix: &str, model: &ModelId, rows: usize) -> SceneQuery {
    SceneQuery {
        what: format!("twins of {model}"),
        text: "SELECT T FROM DIGITALTWINS T WHERE IS_OF_MODEL(T, $model, exact) \
               AND STARTSWITH(T.$dtId, $prefix)"
            .into(),
        values: vec![("model", model.into()), ("prefix", prefix.into())],
        rows,
    }
}
