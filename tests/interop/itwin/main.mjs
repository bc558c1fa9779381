// The vendor's clients of the iTwin Platform, as they come, against a running
// emulator. Takes the file with the first line of `twinkit emulate --tls --json`.

import { readFileSync } from "node:fs";

import { ServiceAuthorizationClient } from "@itwin/service-authorization";

import { itwins } from "./itwins.mjs";

const listening = JSON.parse(readFileSync(process.argv[2], "utf8").split("\n")[0]);
const env = listening.env;

const authorization = new ServiceAuthorizationClient({
  clientId: env.ITWIN_CLIENT_ID,
  clientSecret: env.ITWIN_CLIENT_SECRET,
  scope: "itwin-platform",
  authority: env.ITWIN_IMS_AUTHORITY,
});

for (const step of [itwins]) {
  await step(env.ITWIN_API_URL, await authorization.getAccessToken());
  console.log(`ok  ${step.name}`);
}
