// The vendor's iTwin Platform clients, as they come, against a running emulator.
//
// Takes the file with the first line of `twinkit emulate --tls --json`, and a
// folder for files. NODE_EXTRA_CA_CERTS must name the emulator's authority.

import { readFileSync } from "node:fs";

import * as authoring from "./authoring.mjs";
import * as imodels from "./imodels.mjs";
import * as itwins from "./itwins.mjs";
import * as locks from "./locks.mjs";
import * as realityData from "./reality_data.mjs";
import * as signIn from "./sign_in.mjs";
import { run } from "./steps.mjs";
import * as trouble from "./trouble.mjs";

const [, , file, folder] = process.argv;
const { env, services } = JSON.parse(readFileSync(file, "utf8").split("\n")[0]);

/** What steps find, and what they leave for later ones. */
const stage = { env, folder, api: env.ITWIN_API_URL, control: services.control };

const parts = [signIn, itwins, imodels, authoring, locks, trouble, realityData];
await run(
  parts.flatMap(({ steps }) => steps),
  stage,
);
