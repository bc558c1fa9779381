// The vendor's Digital Twins client for Node, as it comes, against a running
// emulator.
//
// Takes the file with the first line of `twinkit emulate --tls --json`.
// NODE_EXTRA_CA_CERTS must name the emulator's authority.

import { readFileSync } from "node:fs";

import { DigitalTwinsClient } from "@azure/digital-twins-core";

import * as graph from "./graph.mjs";
import * as models from "./models.mjs";
import * as signIn from "./sign_in.mjs";
import { run } from "./steps.mjs";
import * as trouble from "./trouble.mjs";

const [, , file] = process.argv;
const { env, services } = JSON.parse(readFileSync(file, "utf8").split("\n")[0]);

const credential = signIn.credential(env, env.AZURE_CLIENT_SECRET);
// The client waits half a minute before it tries again, unless it is told.
const retryOptions = { retryDelayInMs: 20, maxRetryDelayInMs: 100 };
const client = new DigitalTwinsClient(env.AZURE_DIGITALTWINS_URL, credential, { retryOptions });

await run([...signIn.steps, ...models.steps, ...graph.steps, ...trouble.steps, ...graph.end], {
  client,
  credential,
  env,
  control: services.control,
});
