// iModels, with @itwin/imodels-client-management.

import assert from "node:assert/strict";

import {
  ContainerTypes,
  IModelCreationState,
  IModelOrderByProperty,
  IModelsClient,
  IModelsErrorCode,
  IModelState,
  NamedVersionState,
  OrderByOperator,
  ThumbnailSize,
  isIModelsApiError,
} from "@itwin/imodels-client-management";

import { made } from "./itwins.mjs";
import { MISSING, PNG, all, details, refused } from "./support.mjs";

let client;
let authorization;
let iTwinId;
let iModel;

const EXTENT = {
  southWest: { latitude: 46.13, longitude: 7.67 },
  northEast: { latitude: 46.3, longitude: 7.84 },
};

const names = (list) => list.map(({ displayName }) => displayName);

/** What the clients want for `authorization`. */
export const authorized = (stage) => async () => {
  const [scheme, token] = stage.token.split(" ");
  return { scheme, token };
};

/** Makes an iModel with nothing in it. */
const empty = (name, more = {}) =>
  client.iModels.createEmpty({ authorization, iModelProperties: { iTwinId, name, ...more } });

const list = async (urlParams = {}) =>
  names(
    await all(
      client.iModels.getMinimalList({ authorization, urlParams: { iTwinId, ...urlParams } }),
    ),
  );

async function create_imodels(stage) {
  client = new IModelsClient({ api: { baseUrl: `${stage.api}/imodels` } });
  authorization = authorized(stage);
  iTwinId = (await made(stage, { displayName: "With iModels" })).id;
  const given = {
    description: "Everything below ground, ≥ 2 m",
    extent: EXTENT,
    containersEnabled: ContainerTypes.SchemaSync,
    creationMode: "empty",
    geographicCoordinateSystem: { horizontalCRSId: "EPSG:3857" },
  };
  iModel = await empty("Tunnel", given);
  assert.equal(iModel.name, "Tunnel");
  assert.equal(iModel.state, IModelState.Initialized);
  assert.equal(iModel.iTwinId, iTwinId);
  assert.equal(iModel.dataCenterLocation, "East US");
  for (const name of ["description", "extent", "containersEnabled"]) {
    assert.deepEqual(iModel[name], given[name], name);
  }
  assert.equal(
    (await iModel.getCreator()).email,
    `${stage.env.ITWIN_CLIENT_ID}@apps.imsoidc.bentley.com`,
  );
  for (const name of ["Bridge", "Harbour", "Airport", "Station"]) await empty(name);
}

async function list_imodels() {
  const found = ["Airport", "Bridge", "Harbour", "Station", "Tunnel"];
  assert.deepEqual((await list()).sort(), found);
  const pages = client.iModels.getMinimalList({ authorization, urlParams: { iTwinId, $top: 2 } });
  assert.deepEqual(
    (await all(pages.byPage())).map((page) => page.length),
    [2, 2, 1],
  );
  const byName = { property: IModelOrderByProperty.Name };
  assert.deepEqual(await list({ $orderBy: byName, $top: 2 }), found);
  const $orderBy = { ...byName, operator: OrderByOperator.Descending };
  assert.deepEqual(await list({ $orderBy, $skip: 1 }), found.toReversed().slice(1));
  // Several criteria: the names say last who comes first.
  const byAge = { property: IModelOrderByProperty.CreatedDateTime };
  assert.deepEqual(await list({ $orderBy: [$orderBy, byAge] }), found.toReversed());
  assert.deepEqual(await list({ name: "Bridge" }), ["Bridge"]);
  assert.deepEqual(await list({ $search: "bRi" }), ["Bridge"]);
  assert.deepEqual(await list({ state: IModelState.NotInitialized }), []);
  const urlParams = { iTwinId, name: "Tunnel" };
  const [full] = await all(client.iModels.getRepresentationList({ authorization, urlParams }));
  assert.deepEqual(full.extent, EXTENT);
  assert.equal((await full.getCreator()).id, (await iModel.getCreator()).id);
}

async function update_imodel() {
  const at = { authorization, iModelId: iModel.id };
  const iModelProperties = { name: "Long Tunnel", description: "", extent: { ...EXTENT } };
  iModelProperties.extent.northEast = { latitude: 47, longitude: 8 };
  const changed = await client.iModels.update({ ...at, iModelProperties });
  assert.equal(changed.name, "Long Tunnel");
  assert.equal(changed.displayName, "Long Tunnel");
  assert.deepEqual(changed.extent, iModelProperties.extent);
  const { getCreator, ...read } = await client.iModels.getSingle(at);
  assert.equal(read.name, "Long Tunnel");
  assert.equal(read.containersEnabled, ContainerTypes.SchemaSync);
  assert.equal(typeof getCreator, "function");
  iModel = changed;
}

async function marked_imodels() {
  const [bridge] = await all(
    client.iModels.getMinimalList({ authorization, urlParams: { iTwinId, name: "Bridge" } }),
  );
  for (const marks of [client.favoriteIModels, client.recentIModels]) {
    const marked = async (urlParams = {}) =>
      names(
        await all(marks.getMinimalList({ authorization, urlParams: { iTwinId, ...urlParams } })),
      );
    assert.deepEqual(await marked(), []);
    await marks.add({ authorization, iModelId: iModel.id });
    await marks.add({ authorization, iModelId: bridge.id });
    await marks.add({ authorization, iModelId: bridge.id });
    assert.deepEqual((await marked()).sort(), ["Bridge", "Long Tunnel"]);
    const full = await all(marks.getRepresentationList({ authorization, urlParams: { iTwinId } }));
    assert.ok(full.every((one) => one.iTwinId === iTwinId));
    await marks.remove({ authorization, iModelId: iModel.id });
    assert.deepEqual(await marked(), ["Bridge"]);
  }
}

async function thumbnails() {
  const at = { authorization, iModelId: iModel.id };
  const before = await client.thumbnails.download(at);
  assert.equal(before.size, ThumbnailSize.Small);
  const png = (bytes) => Buffer.from(bytes).subarray(0, 4).toString("latin1");
  assert.equal(png(before.image), "\x89PNG");
  await client.thumbnails.upload({
    ...at,
    thumbnailProperties: { imageType: "image/png", image: PNG },
  });
  const after = await client.thumbnails.download({
    ...at,
    urlParams: { size: ThumbnailSize.Large },
  });
  assert.deepEqual(Buffer.from(after.image), PNG);
}

async function users_and_permissions(stage) {
  const at = { authorization, iModelId: iModel.id };
  const users = await all(client.users.getMinimalList(at));
  const full = await all(client.users.getRepresentationList(at));
  assert.deepEqual(
    users.map(({ id }) => id),
    full.map(({ id }) => id),
  );
  const me = full.find(({ email }) => email.startsWith(stage.env.ITWIN_CLIENT_ID));
  assert.equal(me.statistics.briefcasesCount, 0);
  const { displayName } = await client.users.getSingle({ ...at, userId: me.id });
  assert.equal(displayName, me.displayName);
  await refused(() => client.users.getSingle({ ...at, userId: MISSING }), {
    code: IModelsErrorCode.UserNotFound,
    statusCode: 404,
  });
  const { permissions } = await client.userPermissions.get(at);
  for (const name of ["imodels_webview", "imodels_read", "imodels_write", "imodels_manage"]) {
    assert.ok(permissions.includes(name), name);
  }
}

async function named_versions() {
  const at = { authorization, iModelId: iModel.id };
  const create = (name) => {
    const namedVersionProperties = { name, description: "Before all changes" };
    return client.namedVersions.create({ ...at, namedVersionProperties });
  };
  const version = await create("Start");
  assert.equal(version.changesetIndex, 0);
  assert.equal(version.state, NamedVersionState.Visible);
  assert.equal(await version.getChangeset(), undefined);
  // The client does not know the code NamedVersionExists by its name.
  await refused(() => create("Start"), { code: IModelsErrorCode.Unrecognized, statusCode: 409 });
  await refused(() => create("Start again"), {
    code: IModelsErrorCode.NamedVersionOnChangesetExists,
    statusCode: 409,
  });
  const change = { name: "The start", state: NamedVersionState.Hidden };
  const named = { ...at, namedVersionId: version.id };
  const changed = await client.namedVersions.update({ ...named, namedVersionProperties: change });
  assert.equal(changed.name, "The start");
  const [found] = await all(
    client.namedVersions.getRepresentationList({ ...at, urlParams: { name: "The start" } }),
  );
  assert.equal(found.state, NamedVersionState.Hidden);
  assert.equal((await found.getCreator()).id, (await iModel.getCreator()).id);
  assert.deepEqual(
    await all(client.namedVersions.getMinimalList({ ...at, urlParams: { $search: "end" } })),
    [],
  );
  const checkpoint = await client.checkpoints.getSingle(named);
  assert.equal(checkpoint.changesetIndex, 0);
}

async function copies() {
  const at = { authorization, iModelId: iModel.id };
  const clone = await client.iModels.clone({ ...at, iModelProperties: { iTwinId, name: "Clone" } });
  assert.equal(clone.name, "Clone");
  assert.equal(clone.state, IModelState.Initialized);
  const cloned = await client.operations.getCreateIModelDetails({
    authorization,
    iModelId: clone.id,
  });
  assert.equal(cloned.clonedFrom.iModelId, iModel.id);
  assert.equal(cloned.forkedFrom, null);

  const fork = await client.iModels.fork({ ...at, iModelProperties: { iTwinId, name: "Fork" } });
  const forked = await client.operations.getCreateIModelDetails({
    authorization,
    iModelId: fork.id,
  });
  assert.equal(forked.state, IModelCreationState.Successful);
  assert.equal(forked.forkedFrom.iModelId, iModel.id);

  for (const creationMode of [undefined, "fromIModelVersion"]) {
    const name = `From a template, ${creationMode}`;
    const template = { iModelId: iModel.id };
    const iModelProperties = { iTwinId, name, template, creationMode };
    const copy = await client.iModels.createFromTemplate({ authorization, iModelProperties });
    assert.equal(copy.state, IModelState.Initialized);
  }
}

async function imodel_failures(stage) {
  const missing = { authorization, iModelId: MISSING };
  const error = await refused(() => client.iModels.getSingle(missing), {
    code: IModelsErrorCode.IModelNotFound,
    statusCode: 404,
  });
  assert.ok(isIModelsApiError(error));
  const { code } = await refused(() => empty("Bridge"), { statusCode: 409 });
  assert.equal(code, IModelsErrorCode.IModelExists);
  const invalid = await refused(() => empty("", { extent: { southWest: EXTENT.southWest } }), {
    code: IModelsErrorCode.InvalidIModelsRequest,
    statusCode: 422,
  });
  assert.deepEqual(
    details(invalid)
      .map(([, target]) => target)
      .sort(),
    ["extent.northEast", "name"],
  );
  const elsewhere = { authorization, urlParams: { iTwinId: MISSING } };
  await refused(() => all(client.iModels.getMinimalList(elsewhere)), {
    code: IModelsErrorCode.ITwinNotFound,
    statusCode: 404,
  });
  const nobody = async () => ({ scheme: "Bearer", token: "abc" });
  await refused(() => client.iModels.getSingle({ authorization: nobody, iModelId: iModel.id }), {
    code: IModelsErrorCode.Unauthorized,
    statusCode: 401,
  });
  // The first version of the API knows nothing of these paths.
  const old = new IModelsClient({
    api: { baseUrl: `${stage.api}/imodels`, version: "itwin-platform.v1" },
  });
  await refused(() => old.iModels.getSingle({ authorization, iModelId: iModel.id }), {
    statusCode: 404,
  });
}

async function delete_imodel() {
  const { id: iModelId } = await empty("For a moment");
  await client.iModels.delete({ authorization, iModelId });
  const gone = { code: IModelsErrorCode.IModelNotFound, statusCode: 404 };
  await refused(() => client.iModels.delete({ authorization, iModelId }), gone);
  await refused(() => client.iModels.getSingle({ authorization, iModelId }), gone);
}

export const steps = [
  create_imodels,
  list_imodels,
  update_imodel,
  marked_imodels,
  thumbnails,
  users_and_permissions,
  named_versions,
  copies,
  imodel_failures,
  delete_imodel,
];
