// `@itwin/itwins-client`: everything that it can do.

import assert from "node:assert/strict";

import itwinsClient from "@itwin/itwins-client";

const { ITwinClass, ITwinsAccessClient, ITwinSubClass, RepositoryClass, RepositorySubClass } =
  itwinsClient;

export async function itwins(url, token) {
  const client = new ITwinsAccessClient(`${url}/itwins`);
  const ids = await create(client, token);
  await read(client, token, ids[0]);
  await query(client, token);
  await marks(client, token, url, ids);
  await repositories(client, token, ids[0]);
  await failures(client, token);
  for (const id of ids) {
    assert.equal((await client.deleteiTwin(token, id)).status, 204);
  }
  assert.equal((await client.getAsync(token, ids[0])).status, 404);
}

function asset(index) {
  return {
    class: ITwinClass.Thing,
    subClass: ITwinSubClass.Asset,
    displayName: `Interop ${index}`,
    number: `I-${index}`,
    status: "Active",
  };
}

async function create(client, token) {
  const ids = [];
  for (const index of [1, 2, 3]) {
    const made = await client.createiTwin(token, asset(index));
    assert.equal(made.status, 201);
    assert.equal(made.data.displayName, `Interop ${index}`);
    ids.push(made.data.id);
  }
  return ids;
}

async function read(client, token, id) {
  const minimal = await client.getAsync(token, id);
  assert.equal(minimal.status, 200);
  assert.equal(minimal.data.status, undefined);
  const full = await client.getAsync(token, id, "representation");
  assert.equal(full.data.status, "Active");
  const changed = await client.updateiTwin(token, id, { displayName: "Interop one" });
  assert.equal(changed.status, 200);
  assert.equal(changed.data.displayName, "Interop one");
  const account = await client.getAccountAsync(token, id, "representation");
  const primary = await client.getPrimaryAccountAsync(token);
  assert.equal(account.data.id, primary.data.id);
  assert.equal(primary.data.class, ITwinClass.Account);
}

async function query(client, token) {
  const names = async (subClass, arg) => {
    const answer = await client.queryAsync(token, subClass, arg);
    assert.equal(answer.status, 200);
    return answer.data.map((itwin) => itwin.displayName);
  };
  assert.deepEqual(await names(ITwinSubClass.Asset), ["Interop one", "Interop 2", "Interop 3"]);
  assert.deepEqual(await names(undefined, { top: 1, skip: 1 }), ["Interop 2"]);
  assert.deepEqual(await names(undefined, { search: "I-3" }), ["Interop 3"]);
  assert.deepEqual(await names(ITwinSubClass.Project), []);
  const all = { queryScope: "all", resultMode: "representation" };
  const answer = await client.queryAsync(token, ITwinSubClass.Asset, all);
  assert.equal(answer.data[0].status, "Active");
}

// The client lists favorites and recents, and cannot add any.
async function marks(client, token, url, ids) {
  for (const kind of ["favorites", "recents"]) {
    const marked = await fetch(`${url}/itwins/${kind}/${ids[1]}`, {
      method: "POST",
      headers: { authorization: token },
    });
    assert.equal(marked.status, 204);
  }
  for (const list of ["queryFavoritesAsync", "queryRecentsAsync"]) {
    const answer = await client[list](token, ITwinSubClass.Asset);
    assert.deepEqual(
      answer.data.map((itwin) => itwin.id),
      [ids[1]],
    );
  }
}

async function repositories(client, token, id) {
  const repository = {
    class: RepositoryClass.GeographicInformationSystem,
    subClass: RepositorySubClass.WebMapService,
    uri: "https://maps.example.com/wms",
  };
  const made = await client.createRepository(token, id, repository);
  assert.equal(made.status, 201);
  assert.equal(made.data.uri, repository.uri);
  const found = await client.queryRepositoriesAsync(token, id, {
    class: repository.class,
    subClass: repository.subClass,
  });
  assert.deepEqual(
    found.data.map((it) => it.id),
    [made.data.id],
  );
  const again = await client.createRepository(token, id, repository);
  assert.deepEqual([again.status, again.error.code], [409, "iTwinRepositoryExists"]);
  assert.equal((await client.deleteRepository(token, id, made.data.id)).status, 204);
}

async function failures(client, token) {
  const nothing = "00000000-0000-4000-8000-000000000000";
  const told = async (answer) => {
    const { status, error } = await answer;
    return [status, error.code];
  };
  assert.deepEqual(await told(client.getAsync(token, nothing)), [404, "iTwinNotFound"]);
  assert.deepEqual(await told(client.deleteiTwin(token, nothing)), [404, "iTwinNotFound"]);
  const { class: _, ...incomplete } = asset(4);
  const refused = await client.createiTwin(token, incomplete);
  assert.deepEqual([refused.status, refused.error.code], [422, "InvalidiTwinsRequest"]);
  assert.equal(refused.error.details[0].code, "MissingRequiredProperty");
  assert.equal(refused.error.details[0].target, "class");
  assert.deepEqual(await told(client.createiTwin(token, asset(2))), [409, "iTwinExists"]);
  const unsigned = client.getAsync(token.split(" ")[1], nothing);
  assert.deepEqual(await told(unsigned), [401, "InvalidAuthorizationScheme"]);
}
