/** Who may import whom, which names live in one file alone, and what a source must not contain. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, expect, it } from "vitest";
import { packageRoot } from "../src/addon/addon.js";

const root = packageRoot();
const walk = (folder: string): string[] =>
  readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
const sources = walk("src").filter((file) => file.endsWith(".ts"));
const natives = walk("native");
const read = (file: string) => readFileSync(join(root, file), "utf8");

const importsOf = (file: string): string[] =>
  [...read(file).matchAll(/^(?:import|export)\b[^;]*?from\s+"([^"]+)"|\bimport\("([^"]+)"\)/gm)].map((m) => (m[1] ?? m[2])!);
const localImports = (file: string) =>
  importsOf(file)
    .filter((name) => name.startsWith("."))
    .map((name) => relative(root, join(root, dirname(file), name)).replace(/\.js$/, ".ts"));

/** Rooms from the bottom up: a file may import from its own room and those named behind it. */
const rooms: [string, RegExp, string[]][] = [
  ["base", /^src\/(arguments|contract|errors|given)\.ts$/, []],
  ["addon", /^src\/addon\.ts$/, ["base"]],
  ["check", /^src\/(check|checksum|limit|state|state_values|compare)\.ts$/, ["base"]],
  ["reference", /^src\/backends\/(backend|on_device|reference|rows)\.ts$/, ["base", "check"]],
  ["run", /^src\/(choose|how|prepare|call|bind|staged_column|stage|stream|run)\.ts$/, ["base", "check", "reference"]],
  ["kernels", /^src\/kernels\//, ["base", "run"]],
  ["backends", /^src\/backends\//, ["base", "addon", "check", "reference", "run", "kernels"]],
  ["shared", /^src\/bus\/(shared|mapped|doorbell|placement|mapped_recording)\.ts$/, ["base", "addon", "bus"]],
  ["bus", /^src\/bus\//, ["base"]],
  ["analysis", /^src\/analysis\//, ["base"]],
  ["report", /^src\/report\//, ["base", "analysis"]],
  ["data", /^src\/data\//, ["base", "addon", "check", "run", "bus"]],
  ["engines", /^src\/engines\//, ["base", "addon", "check", "run", "kernels", "backends", "bus", "shared", "data", "analysis"]],
  ["browser", /^src\/browser\.ts$/, ["base", "kernels", "bus"]],
  ["index", /^src\/index\.ts$/, ["base", "addon", "run", "kernels", "backends", "bus", "shared", "data", "engines"]],
  [
    "cli",
    /^src\/cli\//,
    ["base", "addon", "check", "run", "kernels", "backends", "bus", "shared", "data", "engines", "report", "analysis", "index"],
  ],
];
const roomOf = (file: string) => rooms.find(([, pattern]) => pattern.test(file));

describe("imports flow one way", () => {
  for (const file of sources)
    it(file, () => {
      const room = roomOf(file);
      expect(room, "a file that belongs to no room").toBeDefined();
      const allowed = new Set([room![0], ...room![2]]);
      expect(localImports(file).filter((other) => !allowed.has(roomOf(other)?.[0] ?? other))).toEqual([]);
    });
});

/** Names that appear in the import list of these files only. */
const confined: [RegExp, RegExp][] = [
  [/^node-gyp-build$|\.node$/, /^src\/addon\.ts$/],
  [/^@tensorflow\//, /^src\/backends\/tfjs\.ts$/],
  [/^(ioredis|redis)$/, /^src\/bus\/redis_client\.ts$/],
  [/^apache-arrow$/, /^src\/(data\/arrow(_columns)?|cli\/buckets-file)\.ts$/],
  [/^hyparquet(?!-writer)/, /^src\/data\/parquet(_check)?\.ts$/],
  [/^hyparquet-writer$/, /^src\/cli\/buckets-file\.ts$/],
  [/^d3-/, /^src\/report\//],
  [/^(lz4-napi|@msgpack\/msgpack)$/, /^src\/bus\/codec\.ts$/],
  [/^prom-client$/, /^src\/bus\/prometheus\.ts$/],
];

describe("names that live in one place", () => {
  for (const [name, place] of confined)
    it(`${name.source} only in ${place.source}`, () => {
      expect(sources.filter((file) => !place.test(file) && importsOf(file).some((other) => name.test(other)))).toEqual([]);
    });

  it("kernels, contracts, references, report and analysis import no Node module: they run in a browser", () => {
    const pure = sources.filter((file) =>
      /^src\/(kernels|report|analysis)\/|^src\/(arguments|contract|errors|given|check|checksum|state|state_values|compare|choose|how|prepare|call|bind|staged_column|stage|stream|run)\.ts$|^src\/backends\/(backend|on_device|reference|rows)\.ts$/.test(
        file,
      ),
    );
    expect(pure.filter((file) => importsOf(file).some((name) => name.startsWith("node:")))).toEqual([]);
  });

  it("only native/addon* and the views of native/abi know Node", () => {
    expect(
      natives.filter((file) => !/^native\/(addon\w*\.(cc|h)|abi\/views\.h)$/.test(file) && /napi|Napi|node_api/.test(read(file))),
    ).toEqual([]);
  });

  it("kernel sources include the project's own headers alone, and hold no heap, exceptions or std containers", () => {
    const kernels = natives.filter((file) => file.startsWith("native/kernels/"));
    expect(kernels.length).toBeGreaterThan(0);
    for (const file of kernels) {
      const text = read(file);
      expect(
        [...text.matchAll(/#include\s+<([^>]+)>/g)].map((m) => m[1]).filter((name) => !/^(arm_acle|nmmintrin|immintrin)\.h$/.test(name!)),
        file,
      ).toEqual([]);
      expect(/\bstd::(?!u?int\d+_t)|\bnew\s+\w|\bmalloc\(|\bthrow\b|\bprintf\(/.test(text), file).toBe(false);
      expect(text.split("\n")[0], file).toMatch(/^\/\/ Contract: src\/\S+\.ts/);
      const contract = text.match(/^\/\/ Contract: (src\/\S+\.ts)/)![1]!;
      expect(sources, file).toContain(contract);
    }
  });
});

describe("a kernel is one word", () => {
  for (const file of natives.filter((f) => /^native\/kernels\/.*\.cc$/.test(f)))
    it(file, () => {
      const name = file.split("/").at(-1)!.replace(".cc", "");
      expect(read(file)).toMatch(new RegExp(`^KERNEL(_PLAIN)?\\(${name}\\)$`, "m"));
    });
});

describe("nothing is left over", () => {
  const everything = [...sources, ...walk("test"), ...walk("bench"), ...walk("scripts")].filter((file) => /\.(ts|mjs)$/.test(file));
  const texts = new Map(everything.map((file) => [file, read(file)]));
  const entries = /^src\/(index|browser)\.ts$|^src\/cli\/main\.ts$|^src\/kernels\/|worker\.ts$/;

  it("every source is imported by another, or started as a thread or program", () => {
    const imported = new Set(everything.flatMap((file) => localImports(file)));
    const started = sources.filter((file) =>
      everything.some((other) => other !== file && texts.get(other)!.includes(file.split("/").at(-1)!.replace(/\.ts$/, ".js"))),
    );
    expect(sources.filter((file) => !imported.has(file) && !started.includes(file) && !entries.test(file))).toEqual([]);
  });

  it("every exported value is used by another file", () => {
    const unused = sources
      .filter((file) => !entries.test(file))
      .flatMap((file) => {
        const names = [...texts.get(file)!.matchAll(/^export (?:async )?(?:const|let|function|class) (\w+)/gm)].map((m) => m[1]!);
        const used = (name: string) => everything.some((other) => other !== file && new RegExp(`\\b${name}\\b`).test(texts.get(other)!));
        return names.filter((name) => !used(name)).map((name) => `${file}: ${name}`);
      });
    expect(unused).toEqual([]);
  });
});
