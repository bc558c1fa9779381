// Runs the steps of a part, one after another, and notes how each ended.
//
// A step that fails does not keep the others from running, unless it is
// essential: the table is to tell as much as can be known.

import { appendFileSync } from "node:fs";

/** Runs all steps; the process ends with 1 if one failed. */
export async function run(steps, ...given) {
  // What is still so if the process dies.
  for (const step of steps) note(step, "not-run");
  let failed = false;
  let stopped = false;
  for (const step of steps) {
    if (stopped) {
      console.log(`--  ${step.name} not run`);
      continue;
    }
    const beginMillis = Date.now();
    try {
      await step(...given);
    } catch (error) {
      failed = true;
      stopped = step.essential === true;
      note(step, "failed", { beginMillis, endMillis: Date.now(), error: told(error) });
      // Not the whole of it: the clients' errors hold their requests, with tokens.
      console.error(`${step.name}: ${error?.stack ?? error}`);
      console.log(`FAILED  ${step.name}`);
      continue;
    }
    note(step, "passed", { beginMillis, endMillis: Date.now() });
    console.log(`ok  ${step.name}`);
  }
  // Not by itself: a client may still hold a connection open.
  if (failed) process.exit(1);
}

const told = (error) => `${error?.name ?? "Error"}: ${error?.message ?? error}`;

function note(step, outcome, more = {}) {
  const path = process.env.INTEROP_STEPS;
  if (path) appendFileSync(path, JSON.stringify({ step: step.name, outcome, ...more }) + "\n");
}
