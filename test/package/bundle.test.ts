/** What is shipped in dist/lib: whole, with the names of its sources, light to load; and bundled again by whoever builds a server or a page. */
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { rolldown } from "rolldown";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadAddon, packageRoot } from "../../src/addon/addon.js";
import { requireBuilt } from "../support/cli.js";
import { install } from "../support/installed.js";

const root = packageRoot();
const lib = join(root, "dist/lib");
const { exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  exports: Record<string, { types: string; default: string }>;
};
const room = mkdtempSync(join(tmpdir(), "tickforge-bundle-"));
beforeAll(requireBuilt);
afterAll(() => rmSync(room, { recursive: true, force: true }));

const read = (file: string) => readFileSync(join(lib, file), "utf8");
const files = () => readdirSync(lib).filter((file) => file.endsWith(".js"));
const imported = (file: string) => [...read(file).matchAll(/^(?:import|export)\b[^;"']*"([^"]+)";$/gm)].map((m) => m[1]!);

/** The files that an import of this one loads, and the packages and Node modules that they name. */
function loadedWith(entry: string): { files: Set<string>; others: Set<string> } {
  const found = { files: new Set([entry]), others: new Set<string>() };
  for (const file of found.files)
    for (const name of imported(file)) name.startsWith("./") ? found.files.add(name.slice(2)) : found.others.add(name);
  return found;
}

function node(file: string, text: string, env: Record<string, string> = {}) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return run(file, env);
}
function run(file: string, env: Record<string, string> = {}) {
  const done = spawnSync(process.execPath, [file], { cwd: dirname(file), encoding: "utf8", env: { PATH: "", HOME: room, ...env } });
  return { out: done.stdout.trim(), err: done.stderr, status: done.status };
}

const compute = `console.log(...bucketVpin({ buy: Float64Array.of(9, 6), sell: Float64Array.of(1, 4) }, { window: 2 }).vpin);`;

describe("dist/lib", () => {
  it.each([
    ["index", () => import("../../src/index.js")],
    ["browser", () => import("../../src/browser.js")],
    ["bus", () => import("../../src/entries/bus.js")],
    ["files", () => import("../../src/entries/files.js")],
    ["feeds", () => import("../../src/entries/feeds.js")],
    ["report", () => import("../../src/entries/report.js")],
    ["system", () => import("../../src/entries/system.js")],
  ])("%s.js has the names of its source, and no others", async (entry, source) => {
    const built = await import(/* @vite-ignore */ pathToFileURL(join(lib, `${entry}.js`)).href);
    expect(Object.keys(built).sort()).toEqual(Object.keys(await source()).sort());
  });

  it("has every file that its files import or start", () => {
    const named = files().flatMap((file) =>
      [...read(file).matchAll(/(?:from |import\(|import |new URL\()"\.\/([^"]+)"/g)].map((m) => [file, m[1]!]),
    );
    expect(named.length).toBeGreaterThan(50);
    expect(named.filter(([, name]) => !existsSync(join(lib, name!)))).toEqual([]);
    expect(files()).toEqual(expect.arrayContaining(["importer_worker.js", "table_worker.js", "doctor_worker.js", "validate_worker.js"]));
  });

  it("starts no file by an address that is not written out, which the bundle could not bring along", () => {
    const urls = files().flatMap((file) => [...read(file).matchAll(/new URL\([^)]*import\.meta\.url\)/g)].map((m) => m[0]));
    expect(urls.filter((url) => !/^new URL\("\.\/[\w-]+\.(?:js|wasm)", import\.meta\.url\)$/.test(url))).toEqual([]);
  });

  it("is loaded in few files, without the packages that read archives and draw charts", () => {
    for (const entry of ["index.js", "bus.js", "files.js"]) {
      const { files, others } = loadedWith(entry);
      expect(files.size, entry).toBeLessThanOrEqual(6);
      expect([...others].filter((name) => !name.startsWith("node:") || name === "node:http")).toEqual([]);
    }
  });

  it("has an entry for pages that names no Node module", () => {
    const { files, others } = loadedWith("browser.js");
    expect(files.size).toBeGreaterThan(2);
    expect([...others]).toEqual([]);
  });

  it("has declarations for every entry", () => {
    for (const { types, default: file } of Object.values(exports).filter((entry) => entry.default)) {
      expect(existsSync(join(root, types)), types).toBe(true);
      expect(existsSync(join(root, file)), file).toBe(true);
    }
  });

  it("points at no source map, for none is shipped", () => {
    const [packed] = JSON.parse(
      execFileSync("npm", ["pack", "--dry-run", "--json"], { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }),
    );
    const shipped = (packed.files as { path: string }[]).map(({ path }) => path);
    expect(shipped).toEqual(expect.arrayContaining(["dist/lib/index.js", "dist/src/index.d.ts"]));
    expect(shipped.filter((path) => /\.map$|^dist\/src\/.*\.js$/.test(path))).toEqual([]);
    const texts = shipped.filter((path) => /^dist\/.*\.(js|ts)$/.test(path));
    expect(texts.filter((path) => readFileSync(join(root, path), "utf8").includes("sourceMappingURL"))).toEqual([]);
  });
});

describe("loaded from CommonJS, an archive, or a folder that lacks a package", () => {
  it("require() gives what import gives", () => {
    const folder = join(room, "require");
    install(folder);
    const { out, err } = node(
      join(folder, "script.cjs"),
      `const required = require("tickforge");
       import("tickforge").then((imported) => console.log(required.bucketVpin === imported.bucketVpin, typeof require("tickforge/bus").RingBus, typeof require("tickforge/files").readTrades, typeof require("tickforge/report").toxicityPage, typeof require("tickforge/system").readSystem));`,
    );
    expect(out, err).toBe("true function function function function");
  });

  it.skipIf(!loadAddon().addon)("a binary inside app.asar is taken from app.asar.unpacked", () => {
    const folder = join(room, "electron/app.asar");
    const copy = install(folder);
    const beside = join(room, "electron/app.asar.unpacked/node_modules/tickforge/build/Release");
    mkdirSync(beside, { recursive: true });
    cpSync(join(copy, "build/Release/tickforge.node"), join(beside, "tickforge.node"));
    writeFileSync(join(copy, "build/Release/tickforge.node"), "the system sees no file in an archive");
    const script = `import { bucketVpin } from "tickforge";\n${compute}`;
    expect(node(join(folder, "script.mjs"), script, { TICKFORGE_REQUIRE: "native" })).toEqual({ out: "NaN 0.5", err: "", status: 0 });
    rmSync(beside, { recursive: true });
    expect(node(join(folder, "script.mjs"), script).err).toMatch(/could not be loaded/);
  });

  it("names the one package of two that Parquet files lack", () => {
    const folder = join(room, "parquet");
    install(folder);
    writeFileSync(join(folder, "a.parquet"), "PAR1".padEnd(64, ".").concat("PAR1"));
    const script = `import { collectTrades } from "tickforge/files"; await collectTrades("a.parquet").catch(({ code, message }) => console.log(code, message));`;
    expect(node(join(folder, "script.mjs"), script).out).toMatch(/^E_PACKAGE_MISSING .*needs? the package hyparquet, /);
    symlinkSync(join(root, "node_modules/hyparquet"), join(folder, "node_modules/hyparquet"));
    expect(node(join(folder, "script.mjs"), script).out).toMatch(/^E_PACKAGE_MISSING .*needs? the package hyparquet-compressors, /);
  });
});

describe("bundled into a server", () => {
  const optional = ["apache-arrow", "hyparquet", "hyparquet-compressors", "prom-client", "d3-scale"];
  async function bundled(name: string, format: "esm" | "cjs", define: Record<string, string> = {}): Promise<string> {
    const from = join(room, `${name}-from`);
    install(from);
    writeFileSync(join(from, "server.js"), `import { bucketVpin } from "tickforge";\n${compute}`);
    const bundle = await rolldown({ input: join(from, "server.js"), platform: "node", external: optional, transform: { define } });
    const file = join(room, name, format === "esm" ? "server.mjs" : "server.cjs");
    await bundle.write({ dir: dirname(file), format, entryFileNames: file.slice(dirname(file).length + 1) });
    await bundle.close();
    return file;
  }

  it.each([
    ["a module", "esm", {}],
    ["CommonJS", "cjs", {}],
    ["CommonJS without import.meta", "cjs", { "import.meta.url": "undefined" }],
  ] as const)("as %s, in a folder of its own: computes on the reference and says once why", async (name, format, define) => {
    const file = await bundled(name.replaceAll(" ", "-"), format, define);
    const { out, err, status } = run(file);
    expect({ out, status }, err).toEqual({ out: "NaN 0.5", status: 0 });
    expect(err.match(/could not be loaded/g)).toHaveLength(1);
    expect(err).toMatch(/bundled apart from its package.*\n.*leave tickforge out of the bundle/);
    const asked = run(file, { TICKFORGE_REQUIRE: "native" });
    expect(asked.err).toMatch(/E_BACKEND_MISSING/);
    expect(asked.err).toMatch(/bundled apart from its package/);
  });

  it.skipIf(!loadAddon().path)("takes no binary of the program around it", async () => {
    const file = await bundled("other", "esm");
    const around = dirname(file);
    writeFileSync(join(around, "package.json"), '{ "name": "server" }');
    mkdirSync(join(around, "build/Release"), { recursive: true });
    cpSync(loadAddon().path!, join(around, "build/Release/server.node"));
    expect(run(file).err).toMatch(/bundled apart from its package/);
  });
});
