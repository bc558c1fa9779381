// Locks of the iModel that `authoring.mjs` has made.

import assert from "node:assert/strict";

import { LockLevel } from "@itwin/imodels-client-authoring";
import { IModelsClient, IModelsErrorCode } from "@itwin/imodels-client-management";

import { CHANGESETS, at, briefcases, client, push } from "./authoring.mjs";
import { all, refused } from "./support.mjs";

async function locks_are_taken_and_conflict() {
  const [mine, yours] = briefcases;
  const changesetId = CHANGESETS[1].id;
  const lock = (briefcaseId, lockLevel, ...objectIds) =>
    client.locks.update({
      ...at,
      briefcaseId,
      changesetId,
      lockedObjects: [{ lockLevel, objectIds }],
    });
  const held = async (urlParams) => all(client.locks.getList({ ...at, urlParams }));

  const taken = await lock(mine, LockLevel.Exclusive, "0x1", "0x2");
  assert.equal(taken.briefcaseId, mine);
  await lock(mine, LockLevel.Shared, "0x3");
  await lock(yours, LockLevel.Shared, "0x3");
  const conflict = await refused(() => lock(yours, LockLevel.Exclusive, "0x2", "0x9"), {
    code: IModelsErrorCode.ConflictWithAnotherUser,
  });
  assert.deepEqual(conflict.conflictingLocks, [
    { objectId: "0x2", lockLevel: LockLevel.Exclusive, briefcaseIds: [mine] },
  ]);
  const [exclusive] = await held({ briefcaseId: mine, lockLevel: LockLevel.Exclusive });
  assert.deepEqual(exclusive.lockedObjects, [
    { lockLevel: LockLevel.Exclusive, objectIds: ["0x1", "0x2"] },
  ]);
  assert.deepEqual(
    (await held()).map(({ briefcaseId }) => briefcaseId),
    [mine, yours],
  );

  // A lock that was given back with newer changes is not had with older ones.
  const third = await push(2);
  await client.locks.update({
    ...at,
    briefcaseId: mine,
    changesetId: third.id,
    lockedObjects: [{ lockLevel: LockLevel.None, objectIds: ["0x1"] }],
  });
  const newer = await refused(() => lock(yours, LockLevel.Exclusive, "0x1"), {
    code: IModelsErrorCode.NewerChangesExist,
  });
  assert.deepEqual(newer.objectIds, ["0x1"]);
}

/** The newer of the two clients gives all locks of a briefcase back, in parts. */
async function locks_are_given_back(stage) {
  const { locks } = new IModelsClient({ api: { baseUrl: `${stage.api}/imodels` } });
  const [mine, yours] = briefcases;
  const changesetId = CHANGESETS[2].id;
  let chunk;
  do {
    chunk = await locks.releaseLocksChunk({ ...at, briefcaseId: mine, changesetId });
  } while (!chunk.isLastChunk);
  const held = await all(locks.getList(at));
  assert.deepEqual(
    held.map(({ briefcaseId }) => briefcaseId),
    [yours],
  );
  const released = await all(
    locks.getReleasedLockList({ ...at, urlParams: { afterChangesetIndex: 2 } }),
  );
  assert.ok(
    released.some(({ objectIds }) => objectIds.includes("0x2")),
    JSON.stringify(released),
  );
}

export const steps = [locks_are_taken_and_conflict, locks_are_given_back];
