// What the steps share.

import assert from "node:assert/strict";

/** The call must be refused with this status and, if there is one, this code. */
export async function refused(status, code, call) {
  let result;
  try {
    result = await call();
  } catch (error) {
    assert.equal(error.name, "RestError", error.stack);
    assert.equal(error.statusCode, status, error.message);
    const body = JSON.parse(error.response.bodyAsText);
    const said = [body.error.code, error.code, error.response.headers.get("x-ms-error-code")];
    if (code !== undefined) assert.deepEqual(said, [code, code, code], error.message);
    return error;
  }
  throw new Error(`${status} was due, not ${JSON.stringify(result)}`);
}

/** All that an asynchronous iterator has. */
export async function all(iterator) {
  const items = [];
  for await (const item of iterator) items.push(item);
  return items;
}

/** How many items each page has. */
export async function pages(iterator, options) {
  const sizes = [];
  for await (const page of iterator.byPage(options)) sizes.push((page.value ?? []).length);
  return sizes;
}

/** Tells the emulator what is to go wrong, or no longer. */
export async function control(stage, method, path, body) {
  const headers = { "content-type": "application/json" };
  const answer = await fetch(stage.control + path, { method, headers, body: JSON.stringify(body) });
  assert.ok(answer.ok, await answer.text());
}
