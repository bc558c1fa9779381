// Changes to an iModel, with @itwin/imodels-client-authoring and its storage
// client: files go to and come from signed addresses.

import "reflect-metadata";

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

// Node does not see, by name, what this package passes on from the other one.
import { BaselineFileState, IModelsClient } from "@itwin/imodels-client-authoring";
import {
  ChangesetGroupState,
  ChangesetState,
  CheckpointState,
  ContainingChanges,
  IModelsErrorCode,
  IModelState,
} from "@itwin/imodels-client-management";
import { AzureClientStorage, BlockBlobClientWrapperFactory } from "@itwin/object-storage-azure";
import { StrategyClientStorage } from "@itwin/object-storage-core";

import { authorized } from "./imodels.mjs";
import { made } from "./itwins.mjs";
import { MISSING, all, eventually, read, refused } from "./support.mjs";

export let client;
let authorization;
let folder;
let iTwinId;
let iModel;
export let at;
export let briefcases;

/** As many hexadecimal digits as a changeset's id has. */
const digest = (text) => createHash("sha1").update(text).digest("hex");
export const CHANGESETS = [0, 1, 2].map((index) => {
  const content = `the changes of changeset ${index}, `.repeat(200 * (index + 1));
  return { id: digest(content), content };
});

const file = (name, content) => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

async function create_from_baseline(stage) {
  folder = join(stage.folder, "files");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  // Links must name the kind of storage; this one takes no other.
  const storages = [
    {
      instanceName: "azure",
      instance: new AzureClientStorage(new BlockBlobClientWrapperFactory()),
    },
  ];
  const cloudStorage = new StrategyClientStorage(storages);
  client = new IModelsClient({ api: { baseUrl: `${stage.api}/imodels` }, cloudStorage });
  authorization = authorized(stage);
  iTwinId = (await made(stage, { displayName: "With changes" })).id;

  const content = Buffer.concat([Buffer.from("SQLite format 3\0"), Buffer.alloc(8176)]);
  const filePath = file("baseline.bim", content);
  const iModelProperties = { iTwinId, name: "From a file", filePath };
  iModel = await client.iModels.createFromBaseline({ authorization, iModelProperties });
  assert.equal(iModel.state, IModelState.Initialized);
  at = { authorization, iModelId: iModel.id };
  const baseline = await client.baselineFiles.getSingle(at);
  assert.equal(baseline.state, BaselineFileState.Initialized);
  assert.equal(baseline.fileSize, content.length);
  assert.deepEqual(await read(baseline._links.download.href), content);
}

async function briefcases_are_acquired_and_released(stage) {
  const acquire = (deviceName) =>
    client.briefcases.acquire({ ...at, briefcaseProperties: { deviceName } });
  const [one, other, third] = [
    await acquire("Desk"),
    await acquire("Laptop"),
    await client.briefcases.acquire(at),
  ];
  assert.ok(one.briefcaseId >= 2 && other.briefcaseId > one.briefcaseId);
  assert.equal(one.deviceName, "Desk");
  assert.match((await one.getOwner()).email, new RegExp(`^${stage.env.ITWIN_CLIENT_ID}@`));
  const listed = await all(
    client.briefcases.getRepresentationList({ ...at, urlParams: { ownerId: "me", $top: 2 } }),
  );
  assert.deepEqual(
    listed.map(({ briefcaseId }) => briefcaseId),
    [one, other, third].map(({ briefcaseId }) => briefcaseId),
  );
  const { briefcaseId } = third;
  assert.equal(
    (await client.briefcases.getSingle({ ...at, briefcaseId })).briefcaseId,
    briefcaseId,
  );
  await client.briefcases.release({ ...at, briefcaseId });
  const gone = { code: IModelsErrorCode.BriefcaseNotFound, statusCode: 404 };
  await refused(() => client.briefcases.getSingle({ ...at, briefcaseId }), gone);
  await refused(() => client.briefcases.release({ ...at, briefcaseId }), gone);
  briefcases = [one.briefcaseId, other.briefcaseId];
}

/** Pushes a changeset on top of another one. */
export function push(index, more = {}) {
  const { id, content } = CHANGESETS[index];
  const changesetProperties = {
    id,
    description: `Number ${index}`,
    parentId: CHANGESETS[index - 1]?.id,
    briefcaseId: briefcases[0],
    containingChanges: ContainingChanges.Regular,
    filePath: file(`${index}.cs`, content),
    ...more,
  };
  return client.changesets.create({ ...at, changesetProperties });
}

async function push_changesets() {
  const group = await client.changesetGroups.create({
    ...at,
    changesetGroupProperties: { description: "A day's work" },
  });
  assert.equal(group.state, ChangesetGroupState.InProgress);
  const first = await push(0, { groupId: group.id, containingChanges: ContainingChanges.Schema });
  assert.equal(first.index, 1);
  assert.equal(first.state, ChangesetState.FileUploaded);
  assert.equal(first.fileSize, CHANGESETS[0].content.length);
  assert.equal(first.groupId, group.id);
  assert.equal(first.containingChanges, ContainingChanges.Schema);
  const synchronizationInfo = { taskId: MISSING, changedFiles: ["a.dgn", "b.dgn"] };
  const second = await push(1, { synchronizationInfo });
  assert.deepEqual([second.index, second.parentId], [2, CHANGESETS[0].id]);
  assert.deepEqual(second.synchronizationInfo, synchronizationInfo);

  const closed = { state: ChangesetGroupState.Completed };
  const groupAt = { ...at, changesetGroupId: group.id };
  const completed = await client.changesetGroups.update({
    ...groupAt,
    changesetGroupProperties: closed,
  });
  assert.equal(completed.state, ChangesetGroupState.Completed);
  assert.equal(
    (await client.changesetGroups.getSingle(groupAt)).state,
    ChangesetGroupState.Completed,
  );
  assert.equal((await all(client.changesetGroups.getList(at))).length, 1);

  // The parent is not the latest changeset; the id is taken; the briefcase is nobody's.
  const late = { id: digest("late"), parentId: CHANGESETS[0].id };
  await refused(() => push(2, late), { code: IModelsErrorCode.NewerChangesExist });
  await refused(() => push(1, { parentId: CHANGESETS[1].id }), {
    code: IModelsErrorCode.ChangesetExists,
  });
  await refused(() => push(2, { briefcaseId: 99 }), { code: IModelsErrorCode.BriefcaseNotFound });
}

async function read_changesets() {
  const ids = CHANGESETS.slice(0, 2).map(({ id }) => id);
  const listed = async (urlParams) =>
    (await all(client.changesets.getMinimalList({ ...at, urlParams }))).map(({ id }) => id);
  assert.deepEqual(await listed({ $top: 1 }), ids);
  assert.deepEqual(await listed({ afterIndex: 1 }), ids.slice(1));
  assert.deepEqual(await listed({ lastIndex: 1 }), ids.slice(0, 1));
  assert.deepEqual(
    await listed({ $orderBy: { property: "index", operator: "desc" } }),
    ids.toReversed(),
  );
  const byIndex = await client.changesets.getSingle({ ...at, changesetIndex: 2 });
  assert.equal(byIndex.id, ids[1]);
  assert.equal((await byIndex.getCreator()).id, (await iModel.getCreator()).id);
  assert.equal(await byIndex.getNamedVersion(), undefined);
  await refused(() => client.changesets.getSingle({ ...at, changesetId: digest("none") }), {
    code: IModelsErrorCode.ChangesetNotFound,
    statusCode: 404,
  });
}

async function download_changesets() {
  const targetDirectoryPath = join(folder, "downloads");
  const steps = [];
  const progressCallback = (downloaded, total) => steps.push([downloaded, total]);
  const one = await client.changesets.downloadSingle({
    ...at,
    changesetIndex: 1,
    targetDirectoryPath,
    progressCallback,
  });
  assert.equal(readFileSync(one.filePath, "utf8"), CHANGESETS[0].content);
  const size = CHANGESETS[0].content.length;
  assert.deepEqual(steps.at(-1), [size, size]);
  rmSync(one.filePath);
  const both = await client.changesets.downloadList({ ...at, targetDirectoryPath });
  assert.deepEqual(
    both.map(({ filePath }) => readFileSync(filePath, "utf8")),
    CHANGESETS.slice(0, 2).map(({ content }) => content),
  );
}

async function extended_data() {
  const changesetId = CHANGESETS[1].id;
  const data = { reason: "Überschwemmung", sheets: [1, 2] };
  const created = await client.changesetExtendedData.create({
    ...at,
    changesetId,
    changesetExtendedDataProperties: { data },
  });
  assert.deepEqual(created, { changesetId, changesetIndex: 2, data });
  assert.deepEqual(
    await client.changesetExtendedData.getSingle({ ...at, changesetIndex: 2 }),
    created,
  );
  assert.deepEqual(await all(client.changesetExtendedData.getList(at)), [created]);
  await refused(() => client.changesetExtendedData.getSingle({ ...at, changesetIndex: 1 }), {
    code: IModelsErrorCode.ChangesetExtendedDataNotFound,
    statusCode: 404,
  });
}

async function versions_and_checkpoints() {
  const changesetId = CHANGESETS[1].id;
  const namedVersionProperties = { name: "Tuesday", changesetId };
  const version = await client.namedVersions.create({ ...at, namedVersionProperties });
  assert.deepEqual([version.changesetId, version.changesetIndex], [changesetId, 2]);
  const changeset = await version.getChangeset();
  assert.equal(changeset.id, changesetId);
  assert.equal((await changeset.getNamedVersion()).id, version.id);
  const checkpoint = await eventually("checkpoint", async () => {
    const found = await client.checkpoints.getSingle({ ...at, namedVersionId: version.id });
    return found.state === CheckpointState.Successful && found.changesetIndex === 2
      ? found
      : undefined;
  });
  assert.equal(checkpoint.changesetId, changesetId);
  assert.equal(checkpoint.directoryAccessInfo.storageType, "azure");
  assert.ok((await read(checkpoint._links.download.href)).length > 0);
  assert.equal((await changeset.getCurrentOrPrecedingCheckpoint()).changesetIndex, 2);
  assert.equal((await client.checkpoints.getSingle(at)).changesetIndex, 2, "the latest");

  const namedVersionId = version.id;
  const again = await client.checkpoints.updateNamedVersionCheckpoint({ ...at, namedVersionId });
  assert.equal(again.changesetId, changesetId);
  const missing = { ...at, namedVersionId: MISSING };
  await refused(() => client.checkpoints.updateNamedVersionCheckpoint(missing), {
    code: IModelsErrorCode.NamedVersionNotFound,
  });
}

export const steps = [
  create_from_baseline,
  briefcases_are_acquired_and_released,
  push_changesets,
  read_changesets,
  download_changesets,
  extended_data,
  versions_and_checkpoints,
];
