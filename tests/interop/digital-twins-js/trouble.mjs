// What the client does when the platform is busy, or does not want it.

import assert from "node:assert/strict";

import { DigitalTwinsClient } from "@azure/digital-twins-core";

import { all, control } from "./support.mjs";

const busy = (status, more = {}) => ({ kind: "status", status, ...more });

/** Schedules an effect on the next requests; tells how often it came. */
async function while_it_is(stage, effect, times, call) {
  await control(stage, "POST", "/faults", [{ effect, service: "digital-twins", times }]);
  const result = await call();
  const faults = await (await fetch(`${stage.control}/faults`)).json();
  await control(stage, "DELETE", "/faults");
  return { result, served: faults[0].served };
}

/** The client tries three times more after each of these. */
async function busy_hosts(stage) {
  const list = () => all(stage.client.listModels());
  for (const status of [500, 503, 504]) {
    const { result, served } = await while_it_is(stage, busy(status), 2, list);
    assert.deepEqual([result.length, served], [4, 2], `${status}`);
  }
  await while_it_is(stage, busy(503), 4, () =>
    assert.rejects(list(), (error) => error.statusCode === 503),
  );
}

async function rate_limits(stage) {
  const effect = busy(429, { retryAfter: { seconds: 1 } });
  const begun = Date.now();
  const { result, served } = await while_it_is(stage, effect, 1, () =>
    all(stage.client.listModels()),
  );
  assert.deepEqual([result.length, served], [4, 1]);
  assert.ok(Date.now() - begun >= 1000, "it waits as long as it is told");
}

/** A token that is no longer good is told as such. */
async function unknown_tokens(stage) {
  const getToken = async () => ({ token: "a.b.c", expiresOnTimestamp: Date.now() + 3_600_000 });
  const stranger = new DigitalTwinsClient(stage.env.AZURE_DIGITALTWINS_URL, { getToken });
  await assert.rejects(stranger.getModel("dtmi:interop:js:Room;1"), (error) => {
    assert.equal(error.statusCode, 401);
    assert.match(error.message, /Unauthorized/);
    return true;
  });
}

export const steps = [busy_hosts, rate_limits, unknown_tokens];
