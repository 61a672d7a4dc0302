// Run beside an installed package, by whatever runtime is to be tried: RUNTIME smoke.mjs [BACKEND]. It computes on BACKEND (native), holds the
// numbers against ones by hand, runs the command, and fails where anything is not as it should be.
import { ok, strictEqual } from "node:assert";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { bucketVpin, meanCvar } from "tickforge";
import { RingBus } from "tickforge/bus";

const [backend = "native"] = process.argv.slice(2);
const installed = join(process.cwd(), "node_modules", "tickforge");
const { version } = JSON.parse(readFileSync(join(installed, "package.json"), "utf8"));

const { vpin } = bucketVpin({ buy: Float64Array.of(9, 6), sell: Float64Array.of(1, 4) }, { window: 2 }, { backend });
ok(Number.isNaN(vpin[0]));
strictEqual(vpin[1], 0.5);
strictEqual(typeof meanCvar, "function");
strictEqual(typeof RingBus, "function");

// Of other runtimes than Node the command is not promised.
const node = globalThis.Bun === undefined && globalThis.Deno === undefined;
if (node) {
  const command = join(installed, "bin", "tickforge.mjs");
  const { stdout, stderr } = spawnSync(process.execPath, [command, "doctor", "--json"], { encoding: "utf8" });
  const kernels = JSON.parse(stdout).checks.find(({ name }) => name === "kernels");
  ok(backend !== "native" || kernels.status === "ok", `doctor: ${JSON.stringify(kernels)} ${stderr}`);
}
console.log(`tickforge ${version} on ${backend}: ${process.platform} ${process.arch}, ${node ? `node ${process.version}` : process.argv0}`);
process.exit(0);
