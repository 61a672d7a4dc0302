/** What people install: packed, brought by npm into an empty folder without scripts, run with nothing but node in the PATH. */
import { execFileSync, spawnSync } from "node:child_process";
import {
  cpSync,
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
import { platformPackage, platforms } from "../../src/addon/platform.js";

const root = packageRoot();
const prebuilt = existsSync(join(root, "prebuilds", `${process.platform}-${process.arch}`));
const room = mkdtempSync(join(tmpdir(), "tickforge-package-"));
const installed = join(room, "node_modules", "tickforge");
const onlyNode = join(room, "bin");
afterAll(() => rmSync(room, { recursive: true, force: true }));

/** The package that holds this machine's binary. */
const ofPlatform = join(room, "node_modules", platformPackage() ?? "none");
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
    const of = [join(root, "scripts/release/check_prebuilds.mjs"), folder, join(folder, "lib")];
    const check = () => spawnSync(process.execPath, of, { encoding: "utf8" });
    const wanted = [...check().stderr.matchAll(/missing: (.+)/g)].map((m) => m[1]!);
    expect(wanted.length).toBeGreaterThan(platforms.length + 5);
    expect(wanted.filter((file) => file.endsWith(".wasm")).length).toBe(wanted.length - platforms.length);
    for (const file of wanted) {
      expect(check().status).toBe(1);
      mkdirSync(join(file, ".."), { recursive: true });
      writeFileSync(file, Buffer.alloc(20_000));
    }
    expect(check().status).toBe(0);
    const made = spawnSync(process.execPath, [join(root, "scripts/release/packages.mjs"), join(room, "nowhere"), join(room, "none")], {
      encoding: "utf8",
    });
    expect(made.stderr).toBe(`tickforge: no packages: no binary lies in ${join(room, "nowhere")}: npm run prebuild makes this machine's\n`);
    expect(made.status).toBe(1);
    // npm packs in folders of their own: where no folder is named, it is one of where this was run.
    const usual = spawnSync(process.execPath, [join(root, "scripts/release/packages.mjs")], { cwd: folder, encoding: "utf8" });
    expect(usual.stderr).toContain(`no binary lies in ${join(folder, "prebuilds")}:`);
  });

  it("is not packed of a checkout in which nothing was built: a sentence says what to run", () => {
    const checkout = join(room, "checkout");
    cpSync(join(root, "scripts/release"), join(checkout, "scripts/release"), { recursive: true });
    cpSync(join(root, "package.json"), join(checkout, "package.json"));
    // A npm that runs these tests tells the next one to run no scripts.
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("npm_")));
    const packed = spawnSync("npm", ["pack", "--loglevel=error"], { cwd: checkout, encoding: "utf8", env });
    expect(packed.stderr).toMatch(
      /tickforge: not packed: there is no dist\/lib\/index\.js, no .*\.wasm, no prebuilds\/\S+\n {2}fix {5}npm run build:ts && /,
    );
    expect(packed.status).not.toBe(0);
    expect(readdirSync(checkout).filter((name) => name.endsWith(".tgz"))).toEqual([]);
  });

  it("has a package for each platform that the loader knows, and no other", async () => {
    const list = (await import(/* @vite-ignore */ join(root, "scripts/release/platforms.mjs"))) as { platforms: { name: string }[] };
    expect(list.platforms.map(({ name }) => name.replace("tickforge-", "")).sort()).toEqual([...platforms].sort());
  });
});

describe.skipIf(!prebuilt)(`the package${prebuilt ? "" : " (skipped: npm run prebuild has made no binary for this machine)"}`, () => {
  beforeAll(() => {
    const script = (name: string, ...args: string[]) =>
      execFileSync(process.execPath, [join(root, "scripts/release", name), ...args], { stdio: "pipe" });
    script("packages.mjs", join(root, "prebuilds"), join(room, "packages"));
    script("install.mjs", join(room, "packages"), room);
    mkdirSync(onlyNode);
    symlinkSync(process.execPath, join(onlyNode, "node"));
  }, 120_000);

  it("brings the binary of this platform alone, in a package of its own", () => {
    const brought = readdirSync(join(room, "node_modules")).filter((name) => name.startsWith("tickforge"));
    expect(brought).toEqual(["tickforge", platformPackage()]);
    expect(readdirSync(ofPlatform).sort()).toEqual(["LICENSE", "NOTICE", "README.md", "package.json", "tickforge.node"]);
    expect(readdirSync(installed, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".node"))).toEqual([]);
    const { scripts } = JSON.parse(readFileSync(join(installed, "package.json"), "utf8")) as { scripts?: unknown };
    expect(scripts).toBeUndefined();
  });

  it("has pages whose links lead somewhere", () => {
    for (const page of ["README.md", "CHANGELOG.md"]) {
      const text = readFileSync(join(installed, page), "utf8");
      const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map((m) => m[1]!.split("#")[0]!);
      const own = links.flatMap(
        (link) => /^https:\/\/github\.com\/tickforge\/tickforge\/(?:blob|raw)\/v[\d.]+\/(.+)$/.exec(link)?.[1] ?? [],
      );
      expect(own.filter((path) => !existsSync(join(root, path)))).toEqual([]);
      expect(links.filter((link) => link !== "" && !/^\w+:/.test(link) && !existsSync(join(installed, link)))).toEqual([]);
    }
  });

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

  // Of these nine are the three builds of the kernels for x64, three the WebAssembly modules.
  it("takes 20 MB at most, with everything it depends on, and 9 MB of a platform's own", () => {
    expect(bytesOf(ofPlatform)).toBeLessThanOrEqual(9e6);
    expect(bytesOf(join(room, "node_modules"))).toBeLessThanOrEqual(process.arch === "x64" ? 20e6 : 13e6);
  });

  it("has binaries that need no glibc newer than Node's own, and only libc and libm", () => {
    const files = readdirSync(join(root, "prebuilds"), { recursive: true, encoding: "utf8" });
    for (const file of files.filter((name) => name.endsWith(".node") && name.startsWith("linux"))) {
      const said = execFileSync("objdump", ["-p", join(root, "prebuilds", file)], { encoding: "utf8" });
      const versions = [...said.matchAll(/GLIBC_2\.(\d+)/g)].map((m) => Number(m[1]));
      expect(Math.max(...versions), file).toBeLessThanOrEqual(28);
      const needed = [...said.matchAll(/NEEDED\s+(\S+)/g)].map((m) => m[1]!);
      expect(
        needed.filter((name) => !/^(libc|libm|ld-linux.*)\.so/.test(name)),
        file,
      ).toEqual([]);
    }
  });

  it("without its binary says once what was tried and goes on; asked for native by name it stops", () => {
    renameSync(ofPlatform, join(room, "away"));
    try {
      const soft = run(`${compute}\nbucketVpin({ buy: Float64Array.of(1), sell: Float64Array.of(1) });`);
      expect(soft.out).toBe("NaN 0.5");
      expect(soft.err.match(/could not be loaded/g)).toHaveLength(1);
      expect(soft.err).toContain(`: the package ${platformPackage()} is not installed`);
      expect(soft.err).toContain(`fix     npm install ${platformPackage()}@`);
      expect(run(compute, { TICKFORGE_REQUIRE: "native" }).err).toMatch(/E_BACKEND_MISSING/);
    } finally {
      renameSync(join(room, "away"), ofPlatform);
    }
  });

  /** With another file in the place of the binary. */
  function instead(content: Uint8Array | string, work: () => void) {
    const binary = join(ofPlatform, "tickforge.node");
    renameSync(binary, join(room, "kept.node"));
    try {
      writeFileSync(binary, content);
      work();
    } finally {
      renameSync(join(room, "kept.node"), binary);
    }
  }

  it("with a damaged binary says so and goes on", () => {
    instead("not a binary", () => {
      const { out, err } = run(compute);
      expect(out).toBe("NaN 0.5");
      expect(err).toMatch(/tried .*\.node: .*(too short|invalid ELF header|not a valid)/);
    });
  });

  it("with a platform's package of another version names both versions and goes on", () => {
    const text = readFileSync(join(ofPlatform, "tickforge.node"), "latin1");
    const [version] = /\d+\.\d+\.\d+ border \d+/.exec(text)!;
    const older = version.replace(/^\d/, "7");
    instead(Buffer.from(text.replace(version, older), "latin1"), () => {
      const { out, err, status } = run(compute);
      expect({ out, status }).toEqual({ out: "NaN 0.5", status: 0 });
      expect(err).toContain(`the add-on is ${older}, this JavaScript is tickforge ${version}`);
      expect(err).toMatch(/fix {5}npm install tickforge-\S+@\S+, or .*\[E_NATIVE_VERSION\]/);
    });
  });

  it.skipIf(!existsSync(join(root, "prebuilds/linux-arm64")) || process.arch !== "x64")(
    "a binary of another architecture is told apart, with what to do",
    () => {
      instead(readFileSync(join(root, "prebuilds/linux-arm64/tickforge.glibc.node")), () => {
        expect(run(compute).out).toBe("NaN 0.5");
        const doctor = spawnSync(join(onlyNode, "node"), [join(installed, "dist/lib/tickforge.js"), "doctor"], {
          cwd: room,
          encoding: "utf8",
          env: { PATH: onlyNode },
        });
        expect(doctor.stdout).toMatch(/it is for arm64/);
      });
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
