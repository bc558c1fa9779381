// Reality data, with @itwin/reality-data-client and the transfers of
// @itwin/reality-capture, on which it is built.
//
// Both take one of the vendor's three hosts and nothing else, whatever address
// they are given. So this is where they are led elsewhere: requests that they make
// to the vendor's host go to the emulator. They use Node's own `fetch` for them.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { RealityDataHandler } from "@itwin/reality-capture";
import { RealityDataAccessClient } from "@itwin/reality-data-client";

import { made } from "./itwins.mjs";
import { BY_HAND, MISSING, refused } from "./support.mjs";

const HOST = "https://api.bentley.com";

let client;
let handler;
let token;
let iTwinId;
let otherId;
let mesh;
let folder;

function lead(api) {
  const direct = globalThis.fetch;
  globalThis.fetch = (url, init) => {
    const address = String(url);
    return direct(address.startsWith(`${HOST}/`) ? api + address.slice(HOST.length) : url, init);
  };
}

const names = ({ realityDatas }) => realityDatas.map(({ displayName }) => displayName);

async function the_client_knows_three_hosts(stage) {
  assert.throws(() => new RealityDataAccessClient({ baseUrl: stage.api }), /invalid host/);
  lead(stage.api);
  ({ token, folder } = stage);
  client = new RealityDataAccessClient({ baseUrl: HOST });
  handler = new RealityDataHandler({ getAccessToken: async () => token });
}

async function create_reality_data(stage) {
  iTwinId = (await made(stage, { displayName: "Surveyed" })).id;
  otherId = (await made(stage, { displayName: "Surveyed, too" })).id;
  const given = {
    displayName: "Dam, § 1",
    type: "Cesium3DTiles",
    classification: "Model",
    description: "From the air",
    dataset: "Dams",
    group: "Survey 7",
    rootDocument: "tiles/tileset.json",
    tags: ["dam", "2024"],
    authoring: true,
    acquisition: {
      startDateTime: new Date("2024-05-10T09:46:16Z"),
      endDateTime: new Date("2024-05-11T09:46:16Z"),
      acquirer: "A. Surveyor",
    },
    extent: {
      southWest: { latitude: 46.13, longitude: 7.67 },
      northEast: { latitude: 46.3, longitude: 7.84 },
    },
    crs: { id: "EPSG:2056" },
    attribution: "Surveyors & sons",
    termsOfUse: "https://example.com/terms",
  };
  mesh = await client.createRealityData(token, iTwinId, given);
  for (const [name, value] of Object.entries(given)) assert.deepEqual(mesh[name], value, name);
  assert.equal(mesh.dataCenterLocation, "East US");
  assert.ok(mesh.createdDateTime.getTime() > 0);
  const read = await client.getRealityData(token, iTwinId, mesh.id);
  assert.equal(read.displayName, given.displayName);
  assert.deepEqual(read.acquisition, given.acquisition);
  assert.equal(read.ownerId, mesh.ownerId);
  // Without an iTwin the client sends an empty text.
  const own = await client.createRealityData(token, undefined, { displayName: "Own", type: "LAS" });
  assert.equal((await client.getRealityData(token, undefined, own.id)).displayName, "Own");
  assert.ok(await client.deleteRealityData(token, own.id));
}

async function modify_reality_data() {
  const change = { id: mesh.id, displayName: "Dam", tags: ["dam"], authoring: false };
  const changed = await client.modifyRealityData(token, iTwinId, change);
  assert.deepEqual([changed.displayName, changed.tags, changed.authoring], ["Dam", ["dam"], false]);
  assert.equal(changed.description, mesh.description, "the rest is left");
}

async function list_reality_data() {
  for (let index = 0; index < 4; index += 1) {
    await client.createRealityData(token, iTwinId, {
      displayName: `Cloud ${index}`,
      type: "LAS",
      tags: ["cloud"],
    });
  }
  const list = async (criteria) => names(await client.getRealityDatas(token, iTwinId, criteria));
  const clouds = [0, 1, 2, 3].map((index) => `Cloud ${index}`);
  assert.deepEqual((await list()).sort(), [...clouds, "Dam"]);
  assert.deepEqual(
    await list({ orderBy: "displayName desc", types: ["LAS", "LAZ"] }),
    clouds.toReversed(),
  );
  assert.deepEqual(await list({ search: "dam" }), ["Dam"]);
  assert.deepEqual((await list({ tag: "cloud" })).sort(), clouds);
  assert.deepEqual((await list({ ownerId: mesh.ownerId })).length, 5);
  assert.deepEqual(await list({ ownerId: MISSING }), []);
  assert.equal((await list({ dataCenter: "East US" })).length, 5);
  const range = (low, high) => ({ getLongitudeLatitudeBoundingBox: () => ({ low, high }) });
  const radians = (x, y) => ({ x: (x * Math.PI) / 180, y: (y * Math.PI) / 180 });
  assert.deepEqual(await list({ extent: range(radians(7, 46), radians(8, 47)) }), ["Dam"]);
  assert.deepEqual(await list({ extent: range(radians(46, 7), radians(47, 8)) }), []);
  const year = (number) => ({
    startDateTime: new Date(`${number}-01-01`),
    endDateTime: new Date(`${number}-12-31`),
  });
  assert.deepEqual(await list({ acquisitionDates: year(2024) }), ["Dam"]);
  assert.deepEqual(await list({ createdDateTime: year(2001) }), []);
  const [full] = (
    await client.getRealityDatas(token, iTwinId, { search: "dam", getFullRepresentation: true })
  ).realityDatas;
  assert.equal(full.rootDocument, mesh.rootDocument);

  const sizes = [];
  const found = [];
  let continuationToken;
  do {
    const page = await client.getRealityDatas(token, iTwinId, { top: 2, continuationToken });
    sizes.push(page.realityDatas.length);
    found.push(...names(page));
    ({ continuationToken } = page);
  } while (continuationToken !== undefined);
  assert.deepEqual(sizes, [2, 2, 1]);
  assert.deepEqual(found.sort(), [...clouds, "Dam"]);
}

async function associate_and_move() {
  assert.deepEqual(await client.getRealityDataITwins(token, mesh.id), [iTwinId]);
  assert.equal(await client.associateRealityData(token, otherId, mesh.id), true);
  assert.deepEqual(
    (await client.getRealityDataITwins(token, mesh.id)).sort(),
    [iTwinId, otherId].sort(),
  );
  assert.deepEqual(names(await client.getRealityDatas(token, otherId)), ["Dam"]);
  assert.equal(await client.dissociateRealityData(token, otherId, mesh.id), true);
  await refused(() => client.dissociateRealityData(token, otherId, mesh.id), { errorNumber: 404 });
  assert.equal(await client.moveRealityData(token, mesh.id, otherId), true);
  assert.deepEqual(await client.getRealityDataITwins(token, mesh.id), [otherId]);
  await refused(() => client.moveRealityData(token, mesh.id, MISSING), { errorNumber: 422 });
  assert.equal(await client.moveRealityData(token, mesh.id, iTwinId), true);
}

/** Files go through the container's signed address, with Azure's own client. */
async function transfers() {
  const source = join(folder, "survey");
  const copy = join(folder, "survey-read");
  for (const path of [source, copy]) rmSync(path, { recursive: true, force: true });
  const files = { "tileset.json": "{}", "0/a b.b3dm": "tile", "0/ü.b3dm": "x".repeat(70_000) };
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(source, name, ".."), { recursive: true });
    writeFileSync(join(source, name), content);
  }
  const done = (answer) => {
    assert.equal(answer.isError(), false, JSON.stringify(answer.error));
    return answer.value;
  };
  done(await handler.uploadData(mesh.id, source, "tiles", iTwinId));
  const paths = Object.keys(files)
    .map((name) => `tiles/${name}`)
    .sort();
  assert.deepEqual(done(await handler.listData(mesh.id, iTwinId)).sort(), paths);
  done(await handler.downloadData(mesh.id, copy, "tiles", iTwinId));
  for (const [name, content] of Object.entries(files)) {
    assert.equal(readFileSync(join(copy, name), "utf8"), content, name);
  }
  done(await handler.deleteData(mesh.id, ["tiles/0/a b.b3dm"], iTwinId));
  assert.deepEqual(
    done(await handler.listData(mesh.id, iTwinId)).sort(),
    paths.filter((path) => !path.includes("a b")),
  );
}

/** One file of reality data, as viewers read it. */
async function blob_addresses() {
  const data = await client.getRealityData(token, iTwinId, mesh.id);
  const address = await data.getBlobUrl(token, data.rootDocument);
  assert.equal(await (await fetch(address, { headers: BY_HAND })).text(), "{}");
  const put = { method: "PUT", body: "[]", headers: { "x-ms-blob-type": "BlockBlob", ...BY_HAND } };
  assert.equal((await fetch(address, put)).status, 403, "for reading only");
  const writable = await data.getBlobUrl(token, data.rootDocument, true);
  assert.equal((await fetch(writable, put)).status, 201);
  assert.equal(await (await fetch(address, { headers: BY_HAND })).text(), "[]");
}

async function reality_data_failures() {
  await refused(() => client.getRealityData(token, iTwinId, MISSING), { errorNumber: 404 });
  const bare = { displayName: "", type: "LAS" };
  await refused(() => client.createRealityData(token, iTwinId, bare), { errorNumber: 422 });
  const crooked = {
    displayName: "Crooked",
    type: "LAS",
    extent: { southWest: { latitude: 91, longitude: 0 } },
  };
  await refused(() => client.createRealityData(token, iTwinId, crooked), { errorNumber: 422 });
  await refused(() => client.getRealityData("Bearer abc", iTwinId, mesh.id), { errorNumber: 401 });
  const answer = await handler.listData(MISSING, iTwinId);
  assert.deepEqual([answer.status_code, answer.error.error.code], [404, "RealityDataNotFound"]);
}

async function delete_reality_data() {
  await client.associateRealityData(token, otherId, mesh.id);
  await refused(() => client.deleteRealityData(token, mesh.id), { name: "RealityDataClientError" });
  await client.dissociateRealityData(token, otherId, mesh.id);
  assert.equal(await client.deleteRealityData(token, mesh.id), true);
  await refused(() => client.deleteRealityData(token, mesh.id), { errorNumber: 404 });
}

export const steps = [
  the_client_knows_three_hosts,
  create_reality_data,
  modify_reality_data,
  list_reality_data,
  associate_and_move,
  transfers,
  blob_addresses,
  reality_data_failures,
  delete_reality_data,
];
