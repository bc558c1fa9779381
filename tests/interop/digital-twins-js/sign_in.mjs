// Signing in, with @azure/identity.

import assert from "node:assert/strict";

import { ClientSecretCredential, EnvironmentCredential } from "@azure/identity";

const SCOPE = "https://digitaltwins.azure.net/.default";

/** A credential of the emulator's application. */
export function credential(env, secret) {
  return new ClientSecretCredential(env.AZURE_TENANT_ID, env.AZURE_CLIENT_ID, secret, {
    authorityHost: env.AZURE_AUTHORITY_HOST,
    disableInstanceDiscovery: true,
  });
}

async function sign_in(stage) {
  const first = await stage.credential.getToken(SCOPE);
  const remaining = first.expiresOnTimestamp - Date.now();
  assert.ok(remaining > 3_500_000 && remaining < 3_700_000, `${remaining}`);
  assert.equal((await stage.credential.getToken(SCOPE)).token, first.token, "a token is kept");
}
// Whoever has no token can do nothing.
sign_in.essential = true;

async function environment(stage) {
  Object.assign(process.env, stage.env);
  const found = new EnvironmentCredential({ disableInstanceDiscovery: true });
  assert.ok((await found.getToken(SCOPE)).token);
}

async function sign_in_failure(stage) {
  await assert.rejects(credential(stage.env, "wrong").getToken(SCOPE), (error) => {
    assert.equal(error.name, "AuthenticationRequiredError");
    assert.match(error.message, /AADSTS7000215/);
    return true;
  });
}

export const steps = [sign_in, environment, sign_in_failure];
