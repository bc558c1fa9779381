// Signing in as a service application, with @itwin/service-authorization.

import assert from "node:assert/strict";

import { IntrospectionClient, ServiceAuthorizationClient } from "@itwin/service-authorization";

import { refused } from "./support.mjs";

const SCOPE = "itwin-platform";

function client(stage, changes = {}) {
  return new ServiceAuthorizationClient({
    authority: stage.env.ITWIN_IMS_AUTHORITY,
    clientId: stage.env.ITWIN_CLIENT_ID,
    clientSecret: stage.env.ITWIN_CLIENT_SECRET,
    scope: SCOPE,
    ...changes,
  });
}

async function sign_in(stage) {
  const service = client(stage);
  assert.equal(service.isAuthorized, false);
  stage.token = await service.getAccessToken();
  assert.match(stage.token, /^Bearer [^.]+\.[^.]+\.[^.]+$/);
  assert.equal(service.isAuthorized, true);
  assert.equal(service.hasExpired, false);
  assert.equal(await service.getAccessToken(), stage.token, "a token that holds is kept");
}

// Whoever has no token can do nothing.
sign_in.essential = true;

/** The vendor's check of a token: signature, times and scopes. */
async function introspection(stage) {
  const introspect = new IntrospectionClient({ issuerUrl: stage.env.ITWIN_IMS_AUTHORITY });
  const claims = await introspect.introspect(stage.token);
  assert.equal(claims.active, true);
  assert.equal(claims.scope, SCOPE);
  assert.equal(claims.client_id, stage.env.ITWIN_CLIENT_ID);
  assert.equal(claims.iss, stage.env.ITWIN_IMS_AUTHORITY);
  assert.ok(claims.exp * 1000 > Date.now());

  const [head, body, signature] = stage.token.split(".");
  const first = signature.startsWith("A") ? "B" : "A";
  const forged = [head, body, first + signature.slice(1)].join(".");
  assert.equal((await introspect.introspect(forged)).active, false);
}

async function sign_in_failures(stage) {
  const answer = async (changes) => {
    const error = await refused(() => client(stage, changes).getAccessToken(), {
      name: "HTTPError",
    });
    return [error.response.statusCode, JSON.parse(error.response.body).error];
  };
  assert.deepEqual(await answer({ clientSecret: "another: secret/+%" }), [401, "invalid_client"]);
  assert.deepEqual(await answer({ clientId: "nobody" }), [401, "invalid_client"]);
  assert.deepEqual(await answer({ scope: "storage:read" }), [400, "invalid_scope"]);
}

export const steps = [sign_in, introspection, sign_in_failures];
