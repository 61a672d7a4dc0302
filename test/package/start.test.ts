/** From a fresh clone to a first result: what each machine is told to install, and the days on which something is missing. */
import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packageRoot } from "../../src/addon/addon.js";
import { temporaryFolder } from "../support/cli.js";

const root = packageRoot();
const room = temporaryFolder();

/** A checkout without what was built; its packages are ours, or none. */
function checkout(name: string, packages: boolean): string {
  const copy = join(room, name);
  mkdirSync(copy);
  for (const item of ["bin", "scripts", "src", "examples/strategies", "package.json", "package-lock.json", "tsconfig.json"])
    cpSync(join(root, item), join(copy, item), { recursive: true });
  if (packages) symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
  return copy;
}

function run(folder: string, script: string, args: readonly string[] = [], options: { env?: Record<string, string>; uid?: number } = {}) {
  const { uid } = options;
  const env = { ...process.env, TICKFORGE_REQUIRE: "", TICKFORGE_BACKEND: "", ...options.env };
  const before = args.filter((arg) => arg.startsWith("--import"));
  const rest = args.filter((arg) => !before.includes(arg));
  const command = [...before, join(folder, script), ...rest];
  const done = spawnSync(process.execPath, command, { cwd: "/", encoding: "utf8", env, ...(uid !== undefined && { uid }) });
  return { status: done.status, out: done.stdout, err: done.stderr };
}

interface System {
  manager: string | undefined;
  prefix: string;
  platform: string;
}
interface Toolchain {
  managerOf(platform: string, release: string): string | undefined;
  installCommand(kind: string, system: System, missing?: string[]): string | undefined;
}

describe("the command that installs what the build needs", () => {
  let toolchain: Toolchain;
  beforeAll(async () => {
    toolchain = await import(/* @vite-ignore */ pathToFileURL(join(root, "scripts/toolchain.mjs")).href);
  });

  it.each([
    ["Debian", 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\n', "apt"],
    ["Ubuntu", 'NAME="Ubuntu"\nID=ubuntu\nID_LIKE=debian\n', "apt"],
    ["Linux Mint", 'ID=linuxmint\nID_LIKE="ubuntu debian"\n', "apt"],
    ["Fedora", 'NAME="Fedora Linux"\nVERSION_ID=41\nID=fedora\n', "dnf"],
    ["Rocky", 'ID="rocky"\nID_LIKE="rhel centos fedora"\n', "dnf"],
    ["Alpine", 'NAME="Alpine Linux"\nID=alpine\nVERSION_ID=3.20.3\n', "apk"],
    ["Arch", "ID=arch\n", "pacman"],
    ["openSUSE", 'ID="opensuse-tumbleweed"\nID_LIKE="opensuse suse"\n', "zypper"],
    ["another", "ID=void\n", undefined],
    ["none", "", undefined],
  ])("%s", (_, release, manager) => expect(toolchain.managerOf("linux", release)).toBe(manager));

  it("is one line, with sudo where the user is not root", () => {
    const of = (kind: string, manager: string, prefix: string) => toolchain.installCommand(kind, { manager, prefix, platform: "linux" });
    expect(of("build", "apt", "")).toBe("apt-get update && apt-get install -y --no-install-recommends cmake ninja-build g++");
    expect(of("test", "apt", "sudo")).toBe(
      "sudo apt-get update && sudo apt-get install -y --no-install-recommends cmake ninja-build g++ ca-certificates redis-server",
    );
    expect(of("build", "dnf", "sudo")).toBe("sudo dnf install -y cmake ninja-build gcc-c++ libstdc++-static");
    expect(of("build", "apk", "doas")).toBe("doas apk add cmake ninja g++ linux-headers");
    expect(of("build", "unknown", "")).toBeUndefined();
  });

  it("on macOS brings Apple's compiler where that is missing, and asks brew without sudo", () => {
    const mac = { manager: toolchain.managerOf("darwin", ""), prefix: "sudo", platform: "darwin" };
    expect(toolchain.installCommand("build", mac, ["CMake 3.20"])).toBe("brew install cmake ninja");
    expect(toolchain.installCommand("test", mac, ["a C++20 compiler"])).toBe("xcode-select --install && brew install cmake ninja redis");
  });
});

describe("a fresh clone", { timeout: 300_000 }, () => {
  const old = join(room, "old.mjs");
  writeFileSync(
    old,
    'globalThis.process = Object.create(process, { versions: { value: { ...process.versions, node: "18.19.0" } }, exitCode: { set: process.exit } });',
  );

  it("with packages shows a first result, in a folder with a space and an umlaut", () => {
    const folder = checkout("first result für alle", true);
    const { status, out, err } = run(folder, "bin/start.mjs");
    expect(status, err).toBe(0);
    expect(out).toMatch(/^vpin +0\.300 /m);
    expect(err).toContain("this ran on the reference");
    expect(err).toMatch(/npm run build/);
    const system = run(folder, "bin/start.mjs", ["up", "--for", "1s"], { env: { XDG_STATE_HOME: join(room, "state") } });
    expect(system.out).toMatch(/^\d+ s ended .*ALPHA /m);
    expect(system.err).toContain("this ran on the reference");
    expect(system.err).not.toContain("no page");
    expect(existsSync(join(folder, "dist/lib/page/page.js"))).toBe(true);
    expect(run(folder, "bin/tickforge.mjs", ["--version"]).out.trim()).toMatch(/\d+\.\d+\.\d+/);
    // Sources that are newer than what was compiled are compiled again.
    writeFileSync(join(folder, "src/browser.ts"), readFileSync(join(root, "src/browser.ts")));
    expect(run(folder, "bin/start.mjs").err).toContain("compiling the sources");
  });

  it("that is not compiled says what compiles it", () => {
    const { status, err } = run(checkout("not compiled", false), "bin/tickforge.mjs", ["replay"]);
    expect({ status, err }).toEqual({
      status: 1,
      err: "tickforge: this checkout is not compiled yet\n  fix     node bin/start.mjs compiles it and shows a first result\n",
    });
  });

  it.each(["bin/start.mjs", "bin/tickforge.mjs"])("under an old Node %s says which it needs", (script) => {
    const { status, out, err } = run(root, script, [`--import=${pathToFileURL(old).href}`]);
    expect(err).toMatch(/^tickforge: needs Node 20\.19 or later, this is 18\.19\.0 {3}\[E_NODE_OLD\]\n/);
    expect(out).toBe("");
    expect(status).toBe(1);
  });

  it("without network says that npm does not reach its registry", () => {
    const env = { npm_config_registry: "http://127.0.0.1:9/", npm_config_cache: join(room, "empty-cache") };
    const { status, err } = run(checkout("offline", false), "bin/start.mjs", [], { env });
    expect(err).toMatch(/^tickforge: npm does not reach its registry\n {2}fix {5}look at the network/m);
    expect(status).not.toBe(0);
  });

  it("without npm says so", () => {
    const { status, err } = run(checkout("without npm", false), "bin/start.mjs", [], { env: { PATH: join(room, "nowhere") } });
    expect(err).toMatch(/tickforge: npm is not installed\n {2}fix/);
    expect(status).toBe(1);
  });

  it.skipIf(!process.getuid)("that cannot be written says so", () => {
    const folder = checkout("read only", false);
    chmodSync(room, 0o755);
    chmodSync(folder, 0o555);
    const { status, err } = run(folder, "bin/start.mjs", [], process.getuid!() === 0 ? { uid: 65534 } : {});
    chmodSync(folder, 0o755);
    expect(err).toMatch(/^tickforge: .*read only\/? cannot be written\n {2}fix {5}copy the checkout/);
    expect(status).toBe(1);
  });

  it("refuses what it does not know", () => {
    expect(run(root, "bin/start.mjs", ["tset"])).toEqual({ status: 2, out: "", err: "usage: node bin/start.mjs [test | up ...]\n" });
  });
});

describe.skipIf(process.platform === "win32")("npm run build without a compiler", { timeout: 300_000 }, () => {
  const tools = join(room, "tools");
  let folder: string;
  beforeAll(() => {
    mkdirSync(tools);
    for (const name of ["node", "npm", "sh"]) {
      const found = process.env.PATH!.split(":").find((place) => existsSync(join(place, name)));
      symlinkSync(name === "node" ? process.execPath : join(found!, name), join(tools, name));
    }
    folder = checkout("no compiler", true);
  });
  afterAll(() => rmSync(tools, { recursive: true, force: true }));

  it("builds the TypeScript, names the command that installs one, and is no failure; native kernels alone asked for, it is", () => {
    const { status, err } = run(folder, "scripts/build.mjs", [], { env: { PATH: tools } });
    expect(err).toMatch(
      /native kernels: not built, everything runs on the reference, .*; not found here: .*a C\+\+20 compiler.*\n {2}fix {5}.* npm run build$/m,
    );
    expect(status).toBe(0);
    expect(existsSync(join(folder, "dist/src/index.d.ts"))).toBe(true);
    expect(run(folder, "scripts/native.mjs", ["all"], { env: { PATH: tools } }).status).toBe(1);
  });

  it("takes a compiler that does not compile for none", () => {
    const broken = join(room, "broken");
    mkdirSync(broken);
    for (const name of ["c++", "g++", "clang++"]) writeFileSync(join(broken, name), '#!/bin/sh\n[ "$1" = --version ]\n', { mode: 0o755 });
    const { status, err } = run(folder, "scripts/native.mjs", [], { env: { PATH: `${broken}:${process.env.PATH}`, CXX: "" } });
    expect(err).toContain("a C++20 compiler");
    expect(status).toBe(1);
    expect(existsSync(join(folder, "build"))).toBe(false);
  });
});

it("what package.json names as commands is there and may be run", () => {
  const { bin } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  for (const file of [...Object.values(bin as Record<string, string>), ...readdirSync(join(root, "bin")).map((name) => `bin/${name}`)])
    expect(statSync(join(root, file)).mode & 0o111, file).toBe(0o111);
});
