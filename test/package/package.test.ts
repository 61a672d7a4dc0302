/** What people install: packed, put into an empty folder without scripts, run with nothing but node in the PATH. */
import { execFileSync, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packageRoot } from "../../src/addon/addon.js";

const root = packageRoot();
const prebuilt = existsSync(join(root, "prebuilds", `${process.platform}-${process.arch}`));
const room = mkdtempSync(join(tmpdir(), "tickforge-package-"));
const installed = join(room, "node_modules", "tickforge");
const onlyNode = join(room, "bin");
afterAll(() => rmSync(room, { recursive: true, force: true }));

const npm = (args: string[], cwd: string) => execFileSync("npm", args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
const bytesOf = (folder: string): number =>
  readdirSync(folder, { withFileTypes: true }).reduce(
    (sum, entry) => sum + (entry.isDirectory() ? bytesOf(join(folder, entry.name)) : statSync(join(folder, entry.name)).size),
    0,
  );

/** Runs a module in the folder where the package is installed, with a PATH that holds node alone. */
function run(script: string, env: Record<string, string> = {}, cwd = room) {
  writeFileSync(join(cwd, "script.mjs"), script);
  const done = spawnSync(join(onlyNode, "node"), ["script.mjs"], { cwd, env: { PATH: onlyNode, HOME: room, ...env }, encoding: "utf8" });
  return { status: done.status, out: done.stdout.trim(), err: done.stderr };
}

const compute = `import { bucketVpin } from "tickforge";
console.log(...bucketVpin({ buy: Float64Array.of(9, 6), sell: Float64Array.of(1, 4) }, { window: 2 }).vpin);`;

describe("a release", () => {
  it("is refused where a binary is missing", () => {
    const folder = mkdtempSync(join(room, "prebuilds-"));
    const of = [join(root, "scripts/check_prebuilds.mjs"), folder, join(folder, "tickforge.wasm")];
    const check = () => spawnSync(process.execPath, of, { encoding: "utf8" });
    const wanted = [...check().stderr.matchAll(/missing: (.+)/g)].map((m) => m[1]!);
    expect(wanted.length).toBe(7);
    for (const file of wanted) {
      expect(check().status).toBe(1);
      mkdirSync(join(file, ".."), { recursive: true });
      writeFileSync(file, Buffer.alloc(20_000));
    }
    expect(check().status).toBe(0);
  });
});

describe.skipIf(!prebuilt)(`the package${prebuilt ? "" : " (skipped: npm run prebuild has made no binary for this machine)"}`, () => {
  beforeAll(() => {
    const [packed] = JSON.parse(npm(["pack", "--json", "--pack-destination", room], root)) as { filename: string }[];
    writeFileSync(join(room, "package.json"), '{ "name": "user", "private": true }');
    npm(["install", "--ignore-scripts", "--no-audit", "--omit=optional", join(room, packed!.filename)], room);
    mkdirSync(onlyNode);
    symlinkSync(process.execPath, join(onlyNode, "node"));
  }, 120_000);

  it("loads the native backend without compiler, CMake or install scripts", () => {
    const { status, out, err } = run(compute, { TICKFORGE_REQUIRE: "native" });
    expect(err).toBe("");
    expect(out).toBe("NaN 0.5");
    expect(status).toBe(0);
  });

  it("brings its command, and every instruction set", () => {
    const command = join(room, "node_modules/.bin/tickforge");
    const { status, stdout, stderr } = spawnSync(command, ["doctor", "--json"], {
      cwd: room,
      env: { PATH: onlyNode, HOME: room },
      encoding: "utf8",
    });
    expect(stderr).toBe("");
    const { details } = JSON.parse(stdout).checks.find(({ name }: { name: string }) => name === "kernels");
    expect(details.builds).toEqual(process.arch === "x64" ? ["base", "v3", "v4"] : ["base"]);
    expect(status).toBe(0);
  });

  it.each([
    ["a.arrow", "ARROW1\0\0".padEnd(64, "."), "npm install apache-arrow"],
    ["a.parquet", "PAR1".padEnd(64, ".").concat("PAR1"), "npm install hyparquet hyparquet-compressors"],
  ])("%s without the optional package: the error says which command brings it", (name, content, command) => {
    writeFileSync(join(room, name), content);
    const cli = join(installed, "dist/lib/tickforge.js");
    const done = spawnSync(join(onlyNode, "node"), [cli, "replay", name], {
      cwd: room,
      env: { PATH: onlyNode, HOME: room },
      encoding: "utf8",
    });
    expect(done.stderr).toContain(command);
    expect(done.stderr).toContain("E_PACKAGE_MISSING");
    expect(done.status).toBe(1); // the data are not to blame
  });

  // Of these two are the WebAssembly module.
  it("takes 23 MB at most, with everything it depends on", () => {
    expect(bytesOf(join(room, "node_modules"))).toBeLessThanOrEqual(23e6);
  });

  it("has binaries that need no glibc newer than Node's own, and only libc and libm", () => {
    for (const file of readdirSync(join(installed, "prebuilds"), { recursive: true, encoding: "utf8" }).filter(
      (f) => f.endsWith(".node") && f.startsWith("linux"),
    )) {
      const binary = join(installed, "prebuilds", file);
      const versions = [...execFileSync("objdump", ["-p", binary], { encoding: "utf8" }).matchAll(/GLIBC_2\.(\d+)/g)].map((m) =>
        Number(m[1]),
      );
      expect(Math.max(...versions), file).toBeLessThanOrEqual(28);
      const needed = [...execFileSync("objdump", ["-p", binary], { encoding: "utf8" }).matchAll(/NEEDED\s+(\S+)/g)].map((m) => m[1]!);
      expect(
        needed.filter((name) => !/^(libc|libm|ld-linux.*)\.so/.test(name)),
        file,
      ).toEqual([]);
    }
  });

  it("without its binary says once what was tried and goes on; asked for native by name it stops", () => {
    renameSync(join(installed, "prebuilds"), join(installed, "away"));
    try {
      const soft = run(`${compute}\nbucketVpin({ buy: Float64Array.of(1), sell: Float64Array.of(1) });`);
      expect(soft.out).toBe("NaN 0.5");
      expect(soft.err.match(/could not be loaded/g)).toHaveLength(1);
      expect(soft.err).toMatch(/no prebuilt binary for .* in the package/);
      expect(run(compute, { TICKFORGE_REQUIRE: "native" }).err).toMatch(/E_BACKEND_MISSING/);
    } finally {
      renameSync(join(installed, "away"), join(installed, "prebuilds"));
    }
  });

  it("with a binary of another architecture, or a damaged one, says so and goes on", () => {
    const folder = join(installed, "prebuilds", `${process.platform}-${process.arch}`);
    const [name] = readdirSync(folder);
    renameSync(join(folder, name!), join(room, "kept.node"));
    try {
      writeFileSync(join(folder, name!), "not a binary");
      const { out, err } = run(compute);
      expect(out).toBe("NaN 0.5");
      expect(err).toMatch(/tried .*\.node: .*(too short|invalid ELF header|not a valid)/);
    } finally {
      renameSync(join(room, "kept.node"), join(folder, name!));
    }
  });

  it.skipIf(!existsSync(join(root, "prebuilds/linux-arm64")) || process.arch !== "x64")(
    "a binary of another architecture is told apart, with what to do",
    () => {
      const folder = join(installed, "prebuilds", "linux-x64");
      const [name] = readdirSync(folder);
      renameSync(join(folder, name!), join(room, "kept.node"));
      try {
        writeFileSync(join(folder, name!), readFileSync(join(root, "prebuilds/linux-arm64", name!)));
        expect(run(compute).out).toBe("NaN 0.5");
        const doctor = spawnSync(join(onlyNode, "node"), [join(installed, "dist/lib/tickforge.js"), "doctor"], {
          cwd: room,
          encoding: "utf8",
          env: { PATH: onlyNode },
        });
        expect(doctor.stdout).toMatch(/it is for arm64/);
      } finally {
        renameSync(join(room, "kept.node"), join(folder, name!));
      }
    },
  );

  it("two copies of the package in one process keep apart", () => {
    const other = join(room, "other");
    mkdirSync(other);
    execFileSync("cp", ["-r", join(room, "node_modules"), other]);
    const both = `import * as a from "tickforge"; import * as b from ${JSON.stringify(join(other, "node_modules/tickforge/dist/lib/index.js"))};
      const columns = { buy: Float64Array.of(9, 6), sell: Float64Array.of(1, 4) };
      console.log(a.bucketVpin === b.bucketVpin, ...a.bucketVpin(columns, { window: 2 }).vpin, ...b.bucketVpin(columns, { window: 1 }).vpin);`;
    expect(run(both, { TICKFORGE_REQUIRE: "native" }).out).toBe("false NaN 0.5 0.8 0.2");
  });
});
