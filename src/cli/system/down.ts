/** tickforge down: asks, and waits until the system's process is gone. */
import { setTimeout as pause } from "node:timers/promises";
import { TickforgeError } from "../../core/contract/errors.js";
import { request } from "../../system/supervisor/control.js";
import { ownerOf } from "../../system/supervisor/home.js";
import type { Given } from "../kit/command.js";
import { exit } from "../kit/exit.js";
import { running, whichOf } from "./which.js";

/** Draining takes five seconds at most. */
const MOST_MS = 8000;

export async function down(given: Given): Promise<number> {
  const { terminal, values } = given;
  const { folder, owner } = running(whichOf(given));
  const started = performance.now();
  await request(owner.control, { ask: "down" });
  while (ownerOf(folder)?.pid === owner.pid) {
    if (performance.now() - started > MOST_MS)
      throw new TickforgeError("E_SYSTEM_SILENT", `process ${owner.pid} was asked to end and has not within ${MOST_MS / 1000} s`, {
        ...{ file: folder, value: owner.pid },
        hint: `tickforge logs says what it waits for; kill ${owner.pid} twice ends it at once, and its states are those of the last snapshots`,
      });
    await pause(20);
  }
  const seconds = (performance.now() - started) / 1000;
  if (values.json === true) terminal.answer(`${JSON.stringify({ schema: 1, pid: owner.pid, seconds })}\n`);
  else terminal.screen(`process ${owner.pid} has ended after ${seconds.toFixed(2)} s; its states are in ${folder}\n`);
  return exit.ok;
}
