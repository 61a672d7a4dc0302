/** tickforge doctor: what works here, and what to do about what does not. */
import { cpus } from "node:os";
import { type Check, coresCheck, kernelsCheck, machine, memoryCheck, nodeCheck, packagesCheck, placementCheck } from "./checks.js";
import { version } from "./commands.js";
import { exit } from "./exit.js";
import { plural } from "./format.js";
import type { Terminal } from "./terminal.js";

const colors = { ok: "green", warn: "yellow", fail: "red", skip: "dim" } as const;

export async function doctor(json: boolean, terminal: Terminal): Promise<number> {
  const kernels = await kernelsCheck(version());
  const placement = placementCheck(kernels.details?.loaded === true);
  const checks = [nodeCheck(process.versions.node), kernels, memoryCheck(), placement, coresCheck(), packagesCheck()];
  const count = (status: Check["status"]) => checks.filter((check) => check.status === status).length;
  const [warnings, failures] = [count("warn"), count("fail")];
  if (json) {
    const about = { schema: 1, command: "doctor", version: version(), machine: machine(), processor: cpus()[0]?.model ?? null };
    terminal.answer(`${JSON.stringify({ ...about, warnings, failures, checks }, null, 2)}\n`);
  } else {
    for (const { status, text, lines = [] } of checks) {
      terminal.answer(`${terminal.style(colors[status], status.padEnd(4), terminal.stdout)}  ${text}\n`);
      for (const line of lines) terminal.answer(`      ${line}\n`);
    }
    terminal.answer(`${plural(warnings, "warning")}, ${plural(failures, "failure")}.  For a bug report: tickforge doctor --json\n`);
  }
  if (failures === 0) return exit.ok;
  return kernels.details?.loaded === false ? exit.noAddon : exit.badData;
}
