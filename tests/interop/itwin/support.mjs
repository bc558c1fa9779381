// What the steps share: what must hold, what must be refused, and what the
// clients have no method for.

import assert from "node:assert/strict";

/** Has the table of `cargo xtask interop` know that no client sends the request. */
export const BY_HAND = { "x-interop": "by-hand" };

/** An id that nothing has. */
export const MISSING = "00000000-0000-4000-8000-000000000000";

/** What an error says. Not the whole of it: it holds its request, with the token. */
const told = ({ name, message, statusCode, errorNumber }) =>
  `${name}: ${message} (${statusCode ?? errorNumber})`;

/** The call must be refused; answers with what. */
export async function refused(call, expected) {
  let result;
  try {
    result = await call();
  } catch (error) {
    for (const [name, value] of Object.entries(expected)) {
      assert.deepEqual(error[name], value, told(error));
    }
    return error;
  }
  throw new Error(`${JSON.stringify(expected)} was due, not ${JSON.stringify(result)}`);
}

/** Codes and targets of an error's details. */
export const details = (error) => (error.details ?? []).map(({ code, target }) => [code, target]);

/** All that an asynchronous iterator has. */
export async function all(iterator) {
  const items = [];
  for await (const item of iterator) items.push(item);
  return items;
}

/** Sends a request that the clients have no method for. */
export async function send(stage, method, path, { body, status, headers = {} } = {}) {
  const isJson = body !== undefined && !(body instanceof Uint8Array);
  const answer = await fetch(path.startsWith("https:") ? path : stage.api + path, {
    method,
    headers: {
      ...BY_HAND,
      authorization: stage.token,
      accept: "application/vnd.bentley.itwin-platform.v1+json",
      ...(isJson ? { "content-type": "application/json" } : {}),
      ...headers,
    },
    body: isJson ? JSON.stringify(body) : body,
  });
  const text = await answer.text();
  assert.equal(answer.status, status, `${method} ${path}: ${text}`);
  return text === "" ? undefined : JSON.parse(text);
}

/** Reads a signed address, without a token. */
export async function read(url) {
  const answer = await fetch(url, { headers: BY_HAND });
  assert.equal(answer.status, 200, url);
  return Buffer.from(await answer.arrayBuffer());
}

/** Asks every half second until there is something, for half a minute. */
export async function eventually(what, ask) {
  for (let tries = 0; tries < 60; tries += 1) {
    const found = await ask();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  throw new Error(`there is no ${what}`);
}

/** A picture of one red dot. */
export const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR42mP4z8AAAAMBAQD3A0FDAAAAAElFTkSuQmCC",
  "base64",
);
