// What the clients do when the platform is busy, or does not want them.

import assert from "node:assert/strict";

import { IModelsClient, IModelsErrorCode } from "@itwin/imodels-client-management";
import { ITwinsAccessClient } from "@itwin/itwins-client";

import { authorized } from "./imodels.mjs";
import { made } from "./itwins.mjs";
import { all, refused } from "./support.mjs";

let imodels;
let itwins;
let authorization;
let urlParams;

/** Tells the emulator what is to go wrong, or no longer. */
async function control(stage, method, path, body) {
  const headers = { "content-type": "application/json" };
  const answer = await fetch(stage.control + path, { method, headers, body: JSON.stringify(body) });
  assert.ok(answer.ok, await answer.text());
}

/** The clients try three times more, with pauses that grow. */
async function busy_hosts(stage) {
  imodels = new IModelsClient({ api: { baseUrl: `${stage.api}/imodels` } });
  itwins = new ITwinsAccessClient(`${stage.api}/itwins`);
  authorization = authorized(stage);
  urlParams = { iTwinId: (await made(stage, { displayName: "Busy" })).id };
  const list = () => all(imodels.iModels.getMinimalList({ authorization, urlParams }));
  const effect = { kind: "status", status: 503 };
  await control(stage, "POST", "/faults", [{ effect, service: "itwin", times: 2 }]);
  assert.deepEqual(await list(), []);
  await control(stage, "POST", "/faults", [{ effect: { kind: "reset" }, service: "itwin" }]);
  assert.deepEqual(await list(), []);
  await control(stage, "POST", "/faults", [{ effect, service: "itwin", times: 4 }]);
  await refused(list, { statusCode: 503 });
}

/** They do not try again when there were too many requests. */
async function rate_limits(stage) {
  await control(stage, "POST", "/itwin/rates", { perMinute: 1 });
  const iTwins = () => itwins.queryAsync(stage.token);
  assert.equal((await iTwins()).status, 200);
  const { status, error } = await iTwins();
  assert.equal(status, 429);
  assert.ok(["TooManyRequests", "RateLimitExceeded"].includes(error.code), error.code);
  const code = IModelsErrorCode[error.code];
  const list = () => all(imodels.iModels.getMinimalList({ authorization, urlParams }));
  await refused(list, { code, statusCode: 429 });
  await control(stage, "POST", "/itwin/rates", {});
  assert.equal((await iTwins()).status, 200);
}

/** The identity service knows the application, the platform does not. */
async function unknown_clients(stage) {
  const clientId = stage.env.ITWIN_CLIENT_ID;
  await control(stage, "POST", "/itwin/clients", { clientId, known: false });
  const { status, error } = await itwins.queryAsync(stage.token);
  assert.deepEqual(
    [status, error.code, error.details[0].code],
    [401, "Unauthorized", "UnknownClient"],
  );
  const list = () => all(imodels.iModels.getMinimalList({ authorization, urlParams }));
  await refused(list, { code: IModelsErrorCode.Unauthorized, statusCode: 401 });
  await control(stage, "POST", "/itwin/clients", { clientId, known: true });
  assert.deepEqual(await list(), []);
}

export const steps = [busy_hosts, rate_limits, unknown_clients];
