// Twins, relationships, components, queries, telemetry and event routes.

import assert from "node:assert/strict";

import * as models from "./models.mjs";
import { all, pages, refused } from "./support.mjs";

const { FLOOR, ROOM } = models;
const AWKWARD = "a/b?c#d%2F é;:+&=\\'\"";
const COUNT = 12;

/** A room as the client takes it: a text. */
const room = (name, temperature) =>
  JSON.stringify({
    $metadata: { $model: ROOM },
    name,
    temperature,
    thermostat: { $metadata: {}, setPoint: 21.5 },
  });
const replace = (path, value) => [{ op: "replace", path, value }];

async function create_twins({ client }) {
  await client.upsertDigitalTwin("floor 1", JSON.stringify({ $metadata: { $model: FLOOR } }));
  for (let number = 0; number < COUNT; number += 1) {
    await client.upsertDigitalTwin(`room:${number};ü`, room(`Room ${number}`, 20 + number));
  }
  const { body, etag } = await client.upsertDigitalTwin("room-1", room("O'Brien", 20.5));
  assert.equal(body.$dtId, "room-1");
  assert.equal(body.$etag, etag);
  assert.match(etag, /^W\/"/);
  assert.ok(body.$metadata.temperature.lastUpdateTime);
  const again = { ifNoneMatch: "*" };
  await refused(412, "PreconditionFailed", () =>
    client.upsertDigitalTwin("room-1", room("x", 1), again),
  );
}

async function awkward_ids({ client }) {
  const { body } = await client.upsertDigitalTwin(AWKWARD, room("x", 1));
  assert.equal(body.$dtId, AWKWARD);
  assert.equal((await client.getDigitalTwin(AWKWARD)).body.$dtId, AWKWARD);
  await client.updateDigitalTwin(AWKWARD, replace("/temperature", 2));
  const link = { $targetId: AWKWARD, $relationshipName: "contains" };
  const id = "l/i?n#k%20";
  assert.equal((await client.upsertRelationship("floor 1", id, link)).body.$relationshipId, id);
  const [incoming] = await all(client.listIncomingRelationships(AWKWARD));
  assert.equal(incoming.relationshipId, id);
  assert.equal((await client.getComponent(AWKWARD, "thermostat")).body.setPoint, 21.5);
  await client.deleteRelationship("floor 1", id);
  await client.deleteDigitalTwin(AWKWARD);
  await refused(404, "DigitalTwinNotFound", () => client.getDigitalTwin(AWKWARD));
}

async function update_twins({ client }) {
  const first = await client.getDigitalTwin("room-1");
  assert.equal(first.body.name, "O'Brien");
  const warmer = replace("/temperature", 25);
  const { etag } = await client.updateDigitalTwin("room-1", warmer, { ifMatch: first.etag });
  const second = await client.getDigitalTwin("room-1");
  assert.equal(second.body.temperature, 25);
  assert.equal(second.etag, etag);
  assert.notEqual(second.etag, first.etag);
  await refused(412, "PreconditionFailed", () =>
    client.updateDigitalTwin("room-1", warmer, { ifMatch: first.etag }),
  );
  const wrong = [{ op: "add", path: "/temperature", value: "warm" }];
  await refused(400, "ValidationFailed", () => client.updateDigitalTwin("room-1", wrong));
  await refused(400, undefined, () => client.updateDigitalTwin("room-1", replace("/unset", 1)));
  await refused(404, "DigitalTwinNotFound", () => client.updateDigitalTwin("nobody", warmer));
}

async function delete_twins({ client }) {
  const { etag } = await client.getDigitalTwin("room:1;ü");
  const gone = "room:0;ü";
  await refused(412, "PreconditionFailed", () => client.deleteDigitalTwin(gone, { ifMatch: etag }));
  await client.deleteDigitalTwin(gone);
  await refused(404, "DigitalTwinNotFound", () => client.deleteDigitalTwin(gone));
}

async function relationships({ client }) {
  const link = (target) => ({ $targetId: target, $relationshipName: "contains" });
  for (let number = 1; number < COUNT; number += 1) {
    const target = link(`room:${number};ü`);
    const { body } = await client.upsertRelationship("floor 1", `link-${number}`, target);
    assert.equal(body.$sourceId, "floor 1");
    assert.ok(body.$etag);
  }
  await client.upsertRelationship("floor 1", "link-x", link("room-1"));
  const again = { ifNoneMatch: "*" };
  await refused(412, "PreconditionFailed", () =>
    client.upsertRelationship("floor 1", "link-x", link("room-1"), again),
  );
  await refused(404, undefined, () => client.upsertRelationship("floor 1", "lost", link("nobody")));

  // More than one page of the emulator's ten.
  assert.deepEqual(await pages(client.listRelationships("floor 1")), [10, 2]);
  assert.equal((await all(client.listRelationships("floor 1"))).length, COUNT);
  const incoming = await all(client.listIncomingRelationships("room-1"));
  assert.deepEqual(
    incoming.map(({ relationshipId, sourceId, relationshipName }) => [
      relationshipId,
      sourceId,
      relationshipName,
    ]),
    [["link-x", "floor 1", "contains"]],
  );
}

async function update_relationships({ client }) {
  const { body, etag } = await client.getRelationship("floor 1", "link-x");
  assert.equal(body.$etag, etag);
  const since = [{ op: "add", path: "/since", value: "2024" }];
  await client.updateRelationship("floor 1", "link-x", since, { ifMatch: etag });
  assert.equal((await client.getRelationship("floor 1", "link-x")).body.since, "2024");
  await refused(412, "PreconditionFailed", () =>
    client.updateRelationship("floor 1", "link-x", since, { ifMatch: etag }),
  );
  await refused(404, "RelationshipNotFound", () => client.getRelationship("floor 1", "none"));
  await refused(400, "RelationshipsNotDeleted", () => client.deleteDigitalTwin("floor 1"));
  await client.deleteRelationship("floor 1", "link-1");
  await refused(404, undefined, () => client.deleteRelationship("floor 1", "link-1"));
}

async function components({ client }) {
  const { body } = await client.getComponent("room-1", "thermostat");
  assert.equal(body.setPoint, 21.5);
  assert.ok(body.$metadata);
  const { etag } = await client.getDigitalTwin("room-1");
  const cooler = replace("/setPoint", 19.5);
  await client.updateComponent("room-1", "thermostat", cooler, { ifMatch: etag });
  assert.equal((await client.getComponent("room-1", "thermostat")).body.setPoint, 19.5);
  await refused(412, "PreconditionFailed", () =>
    client.updateComponent("room-1", "thermostat", cooler, { ifMatch: etag }),
  );
  await refused(404, undefined, () => client.getComponent("room-1", "chimney"));
  const wrong = replace("/setPoint", "warm");
  await refused(400, "ValidationFailed", () => client.updateComponent("room-1", "thermostat", wrong));
}

async function queries({ client }) {
  const ofRooms = `SELECT * FROM DIGITALTWINS T WHERE IS_OF_MODEL(T, '${ROOM}')`;
  const rows = await all(client.queryTwins(ofRooms));
  assert.equal(rows.length, COUNT);
  assert.ok(rows.every(({ $metadata }) => $metadata.$model === ROOM));
  const sizes = [];
  for await (const page of client.queryTwins(ofRooms, 5).byPage()) {
    assert.ok(page.queryCharge > 0, `${page.queryCharge}`);
    sizes.push(page.value.length);
  }
  assert.deepEqual(sizes, [5, 5, 2]);
  const named = "SELECT T.temperature FROM DIGITALTWINS T WHERE T.name = 'O\\'Brien'";
  assert.deepEqual(await all(client.queryTwins(named)), [{ temperature: 25 }]);
  const joined = "SELECT R FROM DIGITALTWINS F JOIN R RELATED F.contains WHERE F.$dtId = 'floor 1'";
  assert.equal((await all(client.queryTwins(joined))).length, COUNT - 1);
  const count = await all(client.queryTwins("SELECT COUNT() FROM DIGITALTWINS"));
  assert.deepEqual(count, [{ COUNT: COUNT + 1 }]);
  await refused(400, "SqlQueryError", () => all(client.queryTwins("SELECT FROM")));
}

async function telemetry({ client }) {
  await client.publishTelemetry("room-1", { humidity: 41.5 });
  await client.publishTelemetry("room-1", { humidity: 42.5 }, "message-2");
  // This method of the client sends the payload as the id, and the id as the payload.
  await client.publishComponentTelemetry("room-1", "thermostat", "message-3", { reading: 20.25 });
  await refused(404, "DigitalTwinNotFound", () =>
    client.publishTelemetry("nobody", { humidity: 1 }),
  );
}

async function event_routes({ client }) {
  const filter = "type = 'Microsoft.DigitalTwins.Twin.Create'";
  for (const id of ["first", "second", "third"]) await client.upsertEventRoute(id, "events", filter);
  const route = await client.getEventRoute("first");
  assert.deepEqual([route.id, route.endpointName, route.filter], ["first", "events", filter]);
  const listed = await all(client.listEventRoutes());
  assert.deepEqual(listed.map(({ id }) => id).sort(), ["first", "second", "third"]);
  assert.deepEqual(await pages(client.listEventRoutes(), { maxPageSize: 2 }), [2, 1]);
  await refused(400, "EventRouteEndpointInvalid", () =>
    client.upsertEventRoute("x", "nowhere", "true"),
  );
  for (const id of ["first", "second", "third"]) await client.deleteEventRoute(id);
  await refused(404, "EventRouteNotFound", () => client.getEventRoute("first"));
}

export const steps = [
  create_twins,
  awkward_ids,
  update_twins,
  delete_twins,
  relationships,
  update_relationships,
  components,
  queries,
  telemetry,
  event_routes,
];

/** Takes everything away again, as a user would. */
async function take_away({ client }) {
  for (const { $relationshipId } of await all(client.listRelationships("floor 1"))) {
    await client.deleteRelationship("floor 1", $relationshipId);
  }
  // Queries lag behind what is written.
  for (let tries = 0; tries < 60; tries += 1) {
    const rows = await all(client.queryTwins("SELECT * FROM DIGITALTWINS"));
    if (rows.length === 0) break;
    for (const { $dtId } of rows) {
      await client.deleteDigitalTwin($dtId).catch((error) => {
        if (error.statusCode !== 404) throw error;
      });
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  await models.remove(client);
}

export const end = [take_away];
