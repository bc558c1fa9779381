"""Runs the steps of a part, one after another, and notes how each ended.

A step that fails does not keep the others from running, unless it is essential:
the table is to tell as much as can be known.
"""

import json
import os
import sys
import time
import traceback

# Has the table of `cargo xtask interop` know that no client sends the request.
BY_HAND = {"x-interop": "by-hand"}


def essential(step):
    """Marks a step without which the later ones mean nothing."""
    step.essential = True
    return step


def run(steps, *arguments):
    """Runs all steps; the process ends with 1 if one failed."""
    for step in steps:
        # What is still so if the process dies.
        note(step, "not-run")
    failed, stopped = [], False
    for step in steps:
        if stopped:
            print(f"--  {step.__name__} not run", flush=True)
            continue
        begun = time.time()
        try:
            step(*arguments)
        except Exception as error:
            failed.append(step.__name__)
            stopped = getattr(step, "essential", False)
            note(step, "failed", begun, f"{type(error).__name__}: {error}")
            traceback.print_exc()
            print(f"FAILED  {step.__name__}", flush=True)
        else:
            note(step, "passed", begun)
            print(f"ok  {step.__name__}", flush=True)
    if failed:
        sys.exit(1)


def note(step, outcome, begun=None, error=None):
    path = os.environ.get("INTEROP_STEPS")
    if not path:
        return
    line = {"step": step.__name__, "outcome": outcome}
    if begun is not None:
        line |= {"beginMillis": int(begun * 1000), "endMillis": int(time.time() * 1000)}
    if error is not None:
        line["error"] = error
    with open(path, "a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")
