// iTwins, with @itwin/itwins-client. What this client has no method for (marks,
// pictures, exports) is sent by hand with its token.

import assert from "node:assert/strict";

import {
  ITwinClass,
  ITwinsAccessClient,
  ITwinSubClass,
  RepositoryClass,
  RepositorySubClass,
} from "@itwin/itwins-client";

import { MISSING, PNG, details, eventually, read, send } from "./support.mjs";

let client;
let account;

/** The answer must have this status; gives what it holds. */
function expect(status, answer) {
  assert.equal(answer.status, status, JSON.stringify(answer));
  return status < 400 ? answer.data : answer.error;
}

const names = (list) => list.map(({ displayName }) => displayName);

/** Makes an iTwin; answers it. */
export async function made(stage, changes) {
  const itwin = { class: ITwinClass.Thing, subClass: ITwinSubClass.Asset, ...changes };
  return expect(201, await client.createiTwin(stage.token, itwin));
}

async function create_and_get(stage) {
  client = new ITwinsAccessClient(`${stage.api}/itwins`);
  const given = {
    class: ITwinClass.Endeavor,
    subClass: ITwinSubClass.Project,
    displayName: "Main Street, № 1",
    number: "interop-1",
    type: "Road",
    status: "Trial",
    geographicLocation: "Exton, PA",
    ianaTimeZone: "America/New_York",
    dataCenterLocation: "UK South",
  };
  const project = await made(stage, given);
  for (const [name, value] of Object.entries(given)) assert.equal(project[name], value, name);
  const full = expect(200, await client.getAsync(stage.token, project.id, "representation"));
  assert.deepEqual(full, project);
  const short = expect(200, await client.getAsync(stage.token, project.id));
  assert.equal(short.displayName, given.displayName);
  assert.equal(short.status, undefined);

  const change = { displayName: "Main Street, № 2", status: "Active", ianaTimeZone: null };
  const changed = expect(200, await client.updateiTwin(stage.token, project.id, change));
  assert.deepEqual(
    [changed.displayName, changed.status, changed.ianaTimeZone, changed.number],
    [change.displayName, "Active", null, given.number],
  );
  stage.project = changed;
}

async function accounts(stage) {
  account = expect(200, await client.getPrimaryAccountAsync(stage.token));
  assert.equal(account.class, ITwinClass.Account);
  assert.equal(account.id, stage.project.iTwinAccountId);
  const whose = await client.getAccountAsync(stage.token, stage.project.id, "representation");
  const full = expect(200, whose);
  assert.equal(full.id, account.id);
  assert.equal(full.status, "Active");
}

async function lists(stage) {
  const parentId = stage.project.id;
  for (let index = 0; index < 5; index += 1) {
    const type = index === 0 ? "first" : "rest";
    await made(stage, { displayName: `Asset ${index}`, number: `A-${index}`, type, parentId });
  }
  await made(stage, { displayName: "Idle", status: "Inactive" });
  const list = async (arg, subClass) =>
    names(expect(200, await client.queryAsync(stage.token, subClass, arg)));
  const assets = [0, 1, 2, 3, 4].map((index) => `Asset ${index}`);
  const subClass = ITwinSubClass.Asset;

  assert.deepEqual(await list(undefined, subClass), assets);
  assert.deepEqual(await list({ subClass, includeInactive: true }), [...assets, "Idle"]);
  assert.deepEqual(await list({ status: "Inactive" }), ["Idle"]);
  assert.deepEqual(await list({ subClass, type: "first" }), assets.slice(0, 1));
  assert.deepEqual(await list({ number: "A-3" }), ["Asset 3"]);
  assert.deepEqual(await list({ displayName: "Asset 3" }), ["Asset 3"]);
  assert.deepEqual(await list({ search: "asset 2" }), ["Asset 2"]);
  assert.deepEqual(await list({ search: stage.project.displayName }), [stage.project.displayName]);
  assert.deepEqual(await list({ parentId }), assets);
  assert.deepEqual(await list({ subClass, iTwinAccountId: account.id }), assets);
  assert.deepEqual(await list({ iTwinAccountId: MISSING }), []);
  assert.deepEqual(await list({ subClass: ITwinSubClass.Portfolio }), []);

  const [first] = expect(
    200,
    await client.queryAsync(stage.token, subClass, { top: 1, resultMode: "representation" }),
  );
  assert.equal(first.parentId, parentId);
}

/** The client gives no links; its callers count until a page is short. */
async function pages(stage) {
  const found = [];
  const sizes = [];
  for (let skip = 0; ; skip += 2) {
    const arg = { subClass: ITwinSubClass.Asset, top: 2, skip };
    const page = expect(200, await client.queryAsync(stage.token, undefined, arg));
    found.push(...page);
    sizes.push(page.length);
    if (page.length < 2) break;
  }
  assert.deepEqual(sizes, [2, 2, 1]);
  assert.equal(new Set(found.map(({ id }) => id)).size, 5);
  // By links, which others follow.
  let next = `${stage.api}/itwins?subClass=Asset&$top=3`;
  const linked = [];
  while (next !== undefined) {
    const page = await send(stage, "GET", next, { status: 200 });
    linked.push(...page.iTwins);
    next = page._links.next?.href;
  }
  assert.deepEqual(linked, found);
}

async function query_scopes(stage) {
  const own = { displayName: "Asset 0" };
  for (const queryScope of ["memberOfItwin", "all"]) {
    const answer = await client.queryAsync(stage.token, undefined, { ...own, queryScope });
    assert.deepEqual(names(expect(200, answer)), ["Asset 0"], queryScope);
  }
  const wrong = await client.queryAsync(stage.token, undefined, { queryScope: "mine" });
  assert.equal(expect(422, wrong).code, "InvalidiTwinsRequest");
}

async function favorites_and_recents(stage) {
  const arg = { subClass: ITwinSubClass.Asset };
  const [one, other] = expect(200, await client.queryAsync(stage.token, undefined, arg));
  for (const kind of ["favorites", "recents"]) {
    for (const { id } of [other, one, stage.project]) {
      await send(stage, "POST", `/itwins/${kind}/${id}`, { status: 204 });
    }
  }
  const favorites = async (arg) =>
    names(expect(200, await client.queryFavoritesAsync(stage.token, undefined, arg)));
  assert.deepEqual((await favorites()).sort(), ["Asset 0", "Asset 1", stage.project.displayName]);
  assert.deepEqual((await favorites(arg)).sort(), ["Asset 0", "Asset 1"]);
  assert.equal((await favorites({ top: 1, skip: 1 })).length, 1);
  await send(stage, "DELETE", `/itwins/favorites/${one.id}`, { status: 204 });
  assert.deepEqual(await favorites(arg), ["Asset 1"]);

  const recents = async (arg) =>
    expect(200, await client.queryRecentsAsync(stage.token, undefined, arg));
  assert.deepEqual(names(await recents()), [stage.project.displayName, "Asset 0", "Asset 1"]);
  assert.deepEqual(names(await recents({ ...arg, top: 1 })), ["Asset 0"]);
  const [first] = await recents({ resultMode: "representation", top: 1 });
  assert.equal(first.status, "Active");
}

async function image(stage) {
  const path = `/itwins/${stage.project.id}/image`;
  const headers = { "content-type": "image/png" };
  const { image } = await send(stage, "PUT", path, { body: PNG, headers, status: 201 });
  assert.deepEqual(await read(image.smallImageUrl), PNG);
  const itwin = expect(200, await client.getAsync(stage.token, stage.project.id, "representation"));
  assert.deepEqual(await read(itwin.image), PNG);
  await send(stage, "GET", path, { status: 200 });
  await send(stage, "DELETE", path, { status: 204 });
  const { error } = await send(stage, "GET", path, { status: 404 });
  assert.equal(error.code, "iTwinNotFound");
  const words = await send(stage, "PUT", path, {
    body: Buffer.from("words"),
    headers,
    status: 422,
  });
  assert.equal(words.error.code, "InvalidiTwinsRequest");
}

async function repositories(stage) {
  const { token, project } = stage;
  const maps = {
    class: RepositoryClass.GeographicInformationSystem,
    subClass: RepositorySubClass.WebMapService,
    displayName: "Maps",
    uri: "https://maps.example.com/wms?layers=a,b",
  };
  const repository = expect(201, await client.createRepository(token, project.id, maps));
  assert.equal(repository.uri, maps.uri);
  const again = await client.createRepository(token, project.id, maps);
  assert.equal(expect(409, again).code, "iTwinRepositoryExists");
  const list = async (arg) =>
    expect(200, await client.queryRepositoriesAsync(token, project.id, arg)).map(
      (one) => one.class,
    );
  assert.deepEqual((await list()).sort(), [
    "GeographicInformationSystem",
    "RealityData",
    "Storage",
    "iModels",
  ]);
  const { subClass } = maps;
  assert.deepEqual(await list({ class: maps.class, subClass }), [maps.class]);
  assert.deepEqual(await list({ class: maps.class, subClass: RepositorySubClass.MapServer }), []);
  const lone = await client.queryRepositoriesAsync(token, project.id, { subClass });
  assert.deepEqual(details(expect(422, lone)), [["InvalidValue", "subClass"]]);
  assert.equal((await client.deleteRepository(token, project.id, repository.id)).status, 204);
  const gone = await client.deleteRepository(token, project.id, repository.id);
  assert.equal(expect(404, gone).code, "iTwinRepositoryNotFound");
}

async function exports_of_lists(stage) {
  const body = { outputFormat: "Csv", subClass: "Asset", select: "displayName,number" };
  const { export: started } = await send(stage, "POST", "/itwins/exports", { body, status: 201 });
  const url = await eventually("export", async () => {
    const answer = await send(stage, "GET", `/itwins/exports/${started.id}`, { status: 200 });
    return answer.export.outputUrl ?? undefined;
  });
  const lines = (await read(url)).toString().trimEnd().split("\r\n");
  assert.equal(lines.length, 6);
  assert.deepEqual(lines.slice(0, 2), ["displayName,number", "Asset 0,A-0"]);
}

async function itwin_failures(stage) {
  const { token, project } = stage;
  for (const id of [MISSING, "no-guid"]) {
    const error = expect(404, await client.getAsync(token, id));
    assert.equal(error.code, "iTwinNotFound");
    assert.ok(error.message.length > 0);
  }
  const twice = { class: project.class, subClass: project.subClass, number: project.number };
  const exists = await client.createiTwin(token, { ...twice, displayName: "Another" });
  const error = expect(409, exists);
  assert.equal(error.code, "iTwinExists");
  assert.deepEqual(details(error), [["InvalidValue", "number"]]);

  const mixed = { class: ITwinClass.Thing, subClass: ITwinSubClass.Project, displayName: "" };
  const invalid = expect(422, await client.createiTwin(token, mixed));
  assert.equal(invalid.code, "InvalidiTwinsRequest");
  const targets = details(invalid).map(([, target]) => target);
  assert.deepEqual(targets.sort(), ["displayName", "subClass"]);
  const missing = expect(422, await client.createiTwin(token, { displayName: "Bare" }));
  assert.deepEqual(details(missing), [
    ["MissingRequiredProperty", "class"],
    ["MissingRequiredProperty", "subClass"],
  ]);
  const both = { displayName: "a", search: "a" };
  const exclusive = expect(422, await client.queryAsync(token, undefined, both));
  assert.equal(details(exclusive)[0][0], "MutuallyExclusiveParametersProvided");

  for (const [authorization, code] of [
    [undefined, "HeaderNotFound"],
    ["Digest abc", "InvalidAuthorizationScheme"],
    ["Bearer abc", "Unauthorized"],
  ]) {
    assert.equal(expect(401, await client.queryAsync(authorization)).code, code);
  }
}

async function delete_itwins(stage) {
  const { id } = await made(stage, { displayName: "For a moment", parentId: stage.project.id });
  assert.equal((await client.deleteiTwin(stage.token, id)).status, 204);
  assert.equal(expect(404, await client.deleteiTwin(stage.token, id)).code, "iTwinNotFound");
  assert.equal(expect(404, await client.getAsync(stage.token, id)).code, "iTwinNotFound");
}

export const steps = [
  create_and_get,
  accounts,
  lists,
  pages,
  query_scopes,
  favorites_and_recents,
  image,
  repositories,
  exports_of_lists,
  itwin_failures,
  delete_itwins,
];
