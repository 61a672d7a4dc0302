/** One source, several builds: which one runs, that they are different code, and that older processors are served. */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { loadAddon, packageRoot } from "../../src/addon/addon.js";
import { argumentsOf } from "../../src/backends/arguments.js";
import { at } from "../../src/core/backend/backend.js";
import { bucketVpin } from "../../src/index.js";

const { addon, path, cause } = loadAddon();

/** Runs a script on the add-on in a process of its own. */
function inNode(script: string, env: Record<string, string>, before: string[] = []): { status: number | null; out: string; err: string } {
  const command = [...before, process.execPath, "-e", `const addon = require(${JSON.stringify(path)}); ${script}`];
  const run = spawnSync(command[0]!, command.slice(1), {
    env: { ...process.env, TICKFORGE_CPU: "", ...env },
    encoding: "utf8",
    cwd: packageRoot(),
  });
  return { status: run.status, out: run.stdout.trim(), err: run.stderr };
}

const them = argumentsOf(bucketVpin.contract);
const slot = { ins: [], state: [], outs: [], dims: {}, given: 0b11 };
const descriptor = them.describe({ contract: bucketVpin.contract, real: "f64", params: { window: 3 }, slots: [slot] });
descriptor[at.to] = 40;
const vpinOfForty = `
const row = addon.rows.findIndex((r) => r.name === "bucket_vpin" && r.dtype === "f64");
const out = new Float64Array(40);
const buy = Float64Array.from(out, (_, i) => i * i), sell = Float64Array.from(out, (_, i) => 7 * i + 1);
addon.declare(row, Float64Array.of(${them.layout().join()}));
addon.bind(row, Float64Array.of(${descriptor.join()}), [buy, sell, null, out])();
console.log(addon.cpu, Buffer.from(out.buffer).toString("hex"));`;

describe("builds per instruction set", () => {
  it("loads", () => expect(cause).toBeUndefined());

  it("TICKFORGE_CPU pins the build, and each build is other code for the same kernel", () => {
    const seen = addon!.cpus.map(
      (cpu) =>
        inNode("console.log(addon.cpu, ...addon.rows.map((r) => r.name + r.dtype + ':' + (r.address - addon.rows[0].address)))", {
          TICKFORGE_CPU: cpu,
        }).out,
    );
    expect(seen.map((line) => line.split(" ")[0])).toEqual(addon!.cpus);
    expect(new Set(seen.map((line) => line.split(" ").slice(1).join(" "))).size).toBe(addon!.cpus.length);
  });

  it("without a pin the best build of this processor is taken", () => {
    expect(inNode("console.log(addon.cpu)", {}).out).toBe(addon!.cpus.at(-1));
  });

  it("a build that cannot run here is refused with those that can", () => {
    expect(inNode("", { TICKFORGE_CPU: "v9" }).err).toMatch(/TICKFORGE_CPU=v9 cannot run here; builds: \w/);
  });

  const qemu = "/usr/bin/qemu-x86_64-static";
  const missing = process.arch !== "x64" ? "not an x86-64 machine" : existsSync(qemu) ? undefined : "qemu-user-static is not installed";
  for (const [processor, build] of [
    ["Nehalem", "base"],
    ["Haswell", "v3"],
  ] as const) {
    const unable =
      missing ?? (addon?.builds.includes(build) ? undefined : `${build} is not built: npm run build:all builds every instruction set`);
    it.skipIf(unable)(
      `runs the ${build} build on an emulated ${processor}, with the same results to the bit${unable ? ` (skipped: ${unable})` : ""}`,
      () => {
        const emulated = inNode(vpinOfForty, {}, [qemu, "-cpu", processor]);
        expect(emulated.err).not.toMatch(/illegal|SIGILL/i);
        expect(emulated.out.split(" ")[0]).toBe(build);
        expect(emulated.out.split(" ")[1]).toBe(inNode(vpinOfForty, {}).out.split(" ")[1]);
      },
    );
  }

  it.skipIf(missing || !addon || addon.builds.includes("base"))(
    `is refused on an emulated processor for which it was not built${addon?.builds.includes("base") ? " (skipped: base is built)" : ""}`,
    () => {
      const { err } = inNode("", {}, [qemu, "-cpu", "Nehalem"]);
      expect(err).toMatch(/this processor has none of the instruction sets: v\d \(not on this processor\)/);
    },
  );

  it.skipIf(process.platform !== "linux")("needs libc and libm only", () => {
    const needed = [...execFileSync("readelf", ["-d", path!], { encoding: "utf8" }).matchAll(/NEEDED.*\[(.+)\]/g)].map((m) => m[1]!);
    expect(needed.filter((name) => !/^(libc|libm|libpthread|libdl|ld-linux.*)\.so/.test(name))).toEqual([]);
  });
});
