//! What the workload does, step by step, and what is there in the end. It follows from
//! the seed and the size alone, and must not know how a step is done.

use serde_json::{Value, json};

use super::dice::Dice;
use super::world::{self, World};

/// Twins for each floor.
const FLOOR: usize = 500;
/// The template of all devices.
pub(super) const TEMPLATE: &str = "dtmi:chaos:sensor;1";
/// The twin at the root of the building.
const BUILDING: &str = "building";

/// One thing to do; a good program does it once, whatever happens meanwhile.
#[derive(Clone, Debug)]
pub(super) enum Step {
    /// Upload the ontology.
    Models(Vec<Value>),
    /// Make the device template.
    Template,
    /// Make the iTwin with its folder.
    Project,
    PutTwin {
        id: String,
        document: Value,
    },
    /// Set the temperature.
    PatchTwin {
        id: String,
        temperature: f64,
    },
    DeleteTwin(String),
    PutRelationship {
        source: String,
        id: String,
        document: Value,
    },
    /// Relationships by an import job: source, id, document.
    Import(Vec<(String, String, Value)>),
    PutDevice {
        id: String,
        name: String,
    },
    RenameDevice {
        id: String,
        name: String,
    },
    DeleteDevice(String),
    /// Read all devices; so many must be there at least.
    ListDevices(usize),
    UploadFile {
        name: String,
        contents: Vec<u8>,
    },
    ReplaceFile {
        name: String,
        contents: Vec<u8>,
    },
    DeleteFile(String),
}

/// Steps in waves: those of one wave go in any order and beside each other, and none
/// begins before the wave ahead has ended.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) waves: Vec<Vec<Step>>,
    /// What is there in the end.
    pub(super) expected: World,
}

impl Plan {
    pub(super) fn new(seed: u64, twins: usize) -> Self {
        let mut dice = Dice::new(seed);
        let mut made = first_wave(&mut dice, twins);
        let mut changed = second_wave(&mut dice, twins);
        dice.shuffle(&mut made);
        dice.shuffle(&mut changed);
        let waves =
            vec![vec![Step::Models(models()), Step::Template, Step::Project], made, changed];
        let mut expected = World::new();
        waves.iter().flatten().for_each(|step| step.carry_out(&mut expected));
        Self { waves, expected }
    }

    pub(super) fn steps(&self) -> usize {
        self.waves.iter().map(Vec::len).sum()
    }
}

impl Step {
    /// The step in the model of the world.
    fn carry_out(&self, world: &mut World) {
        match self {
            Self::Models(models) => world.extend(models.iter().map(|model| {
                let id = model["@id"].as_str().unwrap_or_default();
                (world::model(id), model.clone())
            })),
            Self::Template | Self::Project | Self::ListDevices(_) => {}
            Self::PutTwin { id, document } => {
                world.insert(world::twin(id), world::written(document));
            }
            Self::PatchTwin { id, temperature } => {
                if let Some(twin) = world.get_mut(&world::twin(id)) {
                    twin["temperature"] = json!(temperature);
                }
            }
            Self::DeleteTwin(id) => drop(world.remove(&world::twin(id))),
            Self::PutRelationship { source, id, document } => {
                world.insert(world::relationship(source, id), world::written(document));
            }
            Self::Import(lines) => world.extend(lines.iter().map(|(source, id, document)| {
                (world::relationship(source, id), world::written(document))
            })),
            Self::PutDevice { id, name } | Self::RenameDevice { id, name } => {
                world.insert(world::device(id), json!({"displayName": name}));
            }
            Self::DeleteDevice(id) => drop(world.remove(&world::device(id))),
            Self::UploadFile { name, contents } | Self::ReplaceFile { name, contents } => {
                world.insert(world::file(name), world::contents(contents));
            }
            Self::DeleteFile(name) => drop(world.remove(&world::file(name))),
        }
    }
}

fn models() -> Vec<Value> {
    let context = "dtmi:dtdl:context;3";
    let model = |name: &str, contents: Value| {
        json!({"@id": format!("dtmi:chaos:{name};1"), "@type": "Interface", "@context": context,
            "extends": "dtmi:chaos:Space;1", "contents": contents})
    };
    let contains = json!([{"@type": "Relationship", "name": "contains", "properties": [
        {"@type": "Property", "name": "order", "schema": "integer"}]}]);
    vec![
        json!({"@id": "dtmi:chaos:Space;1", "@type": "Interface", "@context": context, "contents": [
            {"@type": "Property", "name": "name", "schema": "string"},
            {"@type": "Property", "name": "temperature", "schema": "double"}]}),
        model("Building", contains.clone()),
        model("Floor", contains),
        model("Room", json!([{"@type": "Telemetry", "name": "humidity", "schema": "double"}])),
    ]
}

/// Identifiers of the twins: the building, its floors, and rooms on them.
fn twin_id(number: usize, twins: usize) -> String {
    match number {
        0 => BUILDING.to_owned(),
        _ if number <= floors(twins) => format!("floor-{number}"),
        _ => format!("room-{number}"),
    }
}

fn floors(twins: usize) -> usize {
    (twins / FLOOR).max(2)
}

/// Rooms that are taken down again, and so have no place in the building.
fn is_spare(number: usize, twins: usize) -> bool {
    number > floors(twins) && number.is_multiple_of(50)
}

fn temperature(dice: &mut Dice) -> f64 {
    // Digits enough to show whether they come back as they went.
    f64::from(u32::try_from(dice.next() >> 40).unwrap_or_default()) / 700_000.1
}

fn bytes(dice: &mut Dice, most: usize) -> Vec<u8> {
    let length = dice.within(0..most);
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        bytes.extend_from_slice(&dice.next().to_le_bytes());
    }
    bytes.truncate(length);
    bytes
}

fn devices(twins: usize) -> usize {
    (twins / 25).max(10)
}

fn files(twins: usize) -> usize {
    (twins / 200).max(6)
}

/// Most bytes of a file.
const FILE: usize = 200_000;

fn first_wave(dice: &mut Dice, twins: usize) -> Vec<Step> {
    let mut steps = Vec::new();
    for number in 0..twins {
        let id = twin_id(number, twins);
        let kind = match number {
            0 => "Building",
            _ if number <= floors(twins) => "Floor",
            _ => "Room",
        };
        let document = json!({
            "$metadata": {"$model": format!("dtmi:chaos:{kind};1")},
            "name": format!("{kind} {number} \u{e9}\u{1f3e0}"),
            "temperature": temperature(dice),
        });
        steps.push(Step::PutTwin { id, document });
    }
    for number in 0..devices(twins) {
        let (id, name) = (format!("sensor-{number}"), format!("Sensor {}", dice.next()));
        steps.push(Step::PutDevice { id, name });
    }
    for number in 0..files(twins) {
        let contents = bytes(dice, FILE);
        steps.push(Step::UploadFile { name: format!("plan-{number}.bin"), contents });
    }
    steps
}

fn second_wave(dice: &mut Dice, twins: usize) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut imported = Vec::new();
    let floors = floors(twins);
    for number in 1..twins {
        let id = twin_id(number, twins);
        if is_spare(number, twins) {
            steps.push(Step::DeleteTwin(id));
            continue;
        }
        let source = if number <= floors { 0 } else { 1 + number % floors };
        let (source, relationship) = (twin_id(source, twins), format!("to-{id}"));
        let document = json!({"$relationshipName": "contains", "$targetId": id, "order": number});
        if number.is_multiple_of(10) || number <= floors {
            steps.push(Step::PutRelationship { source, id: relationship, document });
        } else {
            imported.push((source, relationship, document));
        }
        if number % 10 == 3 {
            steps.push(Step::PatchTwin { id, temperature: temperature(dice) });
        }
    }
    steps.push(Step::Import(imported));
    let devices = devices(twins);
    let mut deleted = 0;
    for number in 0..devices {
        let id = format!("sensor-{number}");
        match number % 10 {
            1 => {
                deleted += 1;
                steps.push(Step::DeleteDevice(id));
            }
            2..=4 => {
                steps.push(Step::RenameDevice { id, name: format!("Renamed {}", dice.next()) });
            }
            _ => {}
        }
    }
    for _ in 0..8 {
        steps.push(Step::ListDevices(devices - deleted));
    }
    for number in 0..files(twins) {
        let name = format!("plan-{number}.bin");
        match number % 5 {
            1 => steps.push(Step::DeleteFile(name)),
            2 => steps.push(Step::ReplaceFile { name, contents: bytes(dice, FILE) }),
            _ => {}
        }
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_follows_from_its_seed_and_ends_in_a_whole_building() {
        let plan = Plan::new(7, 5_000);
        let again = Plan::new(7, 5_000);
        assert_eq!(format!("{:?}", plan.waves), format!("{:?}", again.waves));
        assert_eq!(plan.expected, again.expected);
        assert_ne!(plan.expected, Plan::new(8, 5_000).expected);
        let count = |kind: &str| plan.expected.keys().filter(|key| key.starts_with(kind)).count();
        assert_eq!(count("twin "), count("relationship ") + 1, "a tree");
        assert!(count("twin ") > 4_800 && plan.steps() > 6_000);
        assert_eq!((count("model "), count("device "), count("file ")), (4, 180, 20));
    }
}
