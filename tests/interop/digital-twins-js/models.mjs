// Models, with what they need, and the end of them.

import assert from "node:assert/strict";

import { all, pages, refused } from "./support.mjs";

const CONTEXT = "dtmi:dtdl:context;3";
const [SPACE, ROOM, FLOOR, THERMOSTAT] = ["Space", "Room", "Floor", "Thermostat"].map(
  (name) => `dtmi:interop:js:${name};1`,
);
export { FLOOR, ROOM };

const property = (name, schema) => ({ "@type": "Property", name, schema });
const interfaceOf = (id, contents, more = {}) => ({
  "@id": id,
  "@type": "Interface",
  "@context": CONTEXT,
  contents,
  ...more,
});
/** Those that need others come first: the platform sorts them out. */
const MODELS = [
  interfaceOf(
    FLOOR,
    [
      {
        "@type": "Relationship",
        name: "contains",
        target: ROOM,
        properties: [property("since", "string")],
      },
    ],
    { extends: SPACE },
  ),
  interfaceOf(
    ROOM,
    [
      property("temperature", "double"),
      { "@type": "Telemetry", name: "humidity", schema: "double" },
      { "@type": "Component", name: "thermostat", schema: THERMOSTAT },
    ],
    { displayName: { en: "Room", de: "Raum" }, description: "Has walls", extends: SPACE },
  ),
  interfaceOf(THERMOSTAT, [
    property("setPoint", "double"),
    { "@type": "Telemetry", name: "reading", schema: "double" },
  ]),
  interfaceOf(SPACE, [property("name", "string")]),
];
const IDS = MODELS.map((model) => model["@id"]).sort();
const ids = (models) => models.map(({ id }) => id).sort();

async function create_models({ client }) {
  const stored = await client.createModels(MODELS);
  assert.deepEqual(ids([...stored]), IDS);
  for (const { uploadTime, decommissioned } of stored) {
    assert.ok(uploadTime instanceof Date && !Number.isNaN(uploadTime.getTime()));
    assert.equal(decommissioned, false);
  }
  await refused(409, "ModelAlreadyExists", () => client.createModels(MODELS.slice(0, 1)));
  await refused(400, "DTDLParserError", () => client.createModels([{ "@id": "dtmi:interop:Bad;1" }]));
  const orphan = interfaceOf("dtmi:interop:js:Orphan;1", [], { extends: "dtmi:interop:js:None;1" });
  await refused(400, undefined, () => client.createModels([orphan]));
}
// Without models there is nothing.
create_models.essential = true;

async function get_models({ client }) {
  const room = await client.getModel(ROOM, true);
  assert.deepEqual(room.displayName, { en: "Room", de: "Raum" });
  assert.deepEqual(room.description, { en: "Has walls" });
  assert.equal(room.model["@id"], ROOM);
  assert.equal(room.model.contents.length, 3);
  assert.equal((await client.getModel(ROOM)).model, undefined);
  await refused(404, "ModelNotFound", () => client.getModel("dtmi:interop:js:None;1"));
}

async function list_models({ client }) {
  assert.deepEqual(ids(await all(client.listModels())), IDS);
  const needed = await all(client.listModels([ROOM], true));
  assert.deepEqual(ids(needed), [ROOM, SPACE, THERMOSTAT].sort());
  assert.ok(needed.every(({ id, model }) => model["@id"] === id));
  const both = await all(client.listModels([THERMOSTAT, SPACE]));
  assert.deepEqual(ids(both), [SPACE, THERMOSTAT].sort());
  // The client takes the size of pages from `byPage` alone.
  const sizes = await pages(client.listModels(), { maxPageSize: 3 });
  assert.deepEqual(sizes, [3, 1]);
}

async function end_of_a_model({ client }) {
  const lamp = interfaceOf("dtmi:interop:js:Lamp;1", []);
  await client.createModels([lamp]);
  await client.decomissionModel(lamp["@id"]);
  assert.equal((await client.getModel(lamp["@id"])).decommissioned, true);
  const twin = JSON.stringify({ $metadata: { $model: lamp["@id"] } });
  await refused(400, undefined, () => client.upsertDigitalTwin("lamp", twin));
  await client.deleteModel(lamp["@id"]);
  await refused(404, "ModelNotFound", () => client.deleteModel(lamp["@id"]));
  await refused(409, "ModelReferencesNotDeleted", () => client.deleteModel(SPACE));
}

export const steps = [create_models, get_models, list_models, end_of_a_model];

/** Takes all models away, those first that nothing needs. */
export async function remove(client) {
  for (const id of [FLOOR, ROOM, THERMOSTAT, SPACE]) await client.deleteModel(id);
  assert.deepEqual(await all(client.listModels()), []);
}
