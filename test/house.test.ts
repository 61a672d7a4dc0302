/** Who may import whom, which names live in one file alone, and what a source must not contain. */
import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
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

/**
 * Folders of src from the bottom up, and which others the files of each may import; `*` is one folder or more. The first line that fits
 * holds. No folder imports one that imports it, by whatever way.
 */
const core = "core/contract core/state core/backend core/call";
const kernels = `kernels/parts kernels/math kernels/*/parts kernels/*/* kernels`;
const bus = "bus bus/metrics bus/recording bus/redis bus/ring bus/routing bus/shared";
const rooms: readonly (readonly [folder: string, imports: string])[] = [
  ["core/contract", ""],
  ["core/state", "core/contract"],
  ["core/backend", "core/contract core/state"],
  ["core/call", "core/contract core/state core/backend"],
  ["addon", "core/contract"],
  ["kernels/parts", "core/contract"],
  ["kernels/math", "core/call kernels/parts"],
  ["kernels/flow/parts", "core/contract kernels/parts"],
  ["kernels/flow/*", `${core} kernels/parts kernels/flow/parts`],
  ["kernels/risk/parts", "core/contract kernels/parts"],
  ["kernels/risk/tail", `${core} kernels/parts kernels/risk/parts kernels/risk/covariance`],
  ["kernels/risk/*", `${core} kernels/parts kernels/math kernels/risk/parts`],
  ["kernels/factor/parts", "core/contract kernels/parts"],
  ["kernels/factor/golden", "core/contract kernels/factor/parts"],
  ["kernels/factor/*", `${core} kernels/parts kernels/factor/parts kernels/factor/golden`],
  ["kernels/portfolio/parts", "core/contract kernels/parts"],
  ["kernels/portfolio/*", `${core} kernels/parts kernels/portfolio/parts`],
  ["kernels", "kernels/math kernels/*/*"],
  ["backends", `${core} addon kernels/risk/parts`],
  ["bus", "core/contract"],
  ["bus/ring", "core/contract bus"],
  ["bus/shared", "core/contract addon bus bus/ring"],
  ["bus/recording", "core/contract bus bus/shared"],
  ["bus/redis", "core/contract bus bus/ring bus/recording"],
  ["bus/routing", "core/contract market bus bus/ring bus/redis"],
  ["bus/metrics", "core/contract bus bus/routing"],
  ["gateway", "core/contract addon bus bus/metrics bus/recording bus/routing"],
  ["page/series", "core/contract bus"],
  ["page/client/base", "bus report/kit page/series"],
  ["page/client/views", "bus report/kit page/series page/client/base"],
  ["page/client/report", "report/kit page/client/base"],
  ["page/client", "bus report/kit page/series page/client/base page/client/views"],
  ["page/server", `core/contract addon backends ${bus} engines gateway page/series`],
  ["market", "core/contract"],
  ["files/bytes", "core/contract"],
  ["files/kernels", "core/contract core/call"],
  ["files/frames", "core/contract core/call files/kernels"],
  ["files/times", "core/contract files/kernels"],
  ["files/guess", "core/contract market files/kernels files/times"],
  ["files/layout", "core/contract bus/recording files/bytes files/kernels files/times files/guess"],
  ["files/binary", "core/contract addon files/bytes"],
  ["files/trades", "core/contract market files/bytes files/kernels files/times files/guess files/layout files/binary"],
  ["files/dbn", "core/contract market files/bytes files/kernels files/layout files/trades"],
  ["files/read", "core/contract market files/bytes files/binary files/dbn files/layout files/trades"],
  ["files/quotes", "core/contract market files/*"],
  ["files/tables", "core/contract files/bytes files/binary files/guess files/kernels files/layout files/times files/trades"],
  ["files/columns", "core/contract core/call"],
  ["files", "core/contract market files/*"],
  ["analysis", "core/contract"],
  ["backtest/strategy", "core/contract"],
  ["backtest/desk", "core/contract backtest/strategy engines/kit"],
  ["backtest/latency", "core/contract kernels/parts"],
  [
    "backtest/market",
    `${core} backtest/latency ${kernels} bus bus/recording market files/bytes files/read files/times files/trades files/quotes engines`,
  ],
  [
    "backtest/account",
    "core/contract analysis engines engines/kit backtest/strategy backtest/costs backtest/desk backtest/market backtest/venue",
  ],
  ["backtest/venue", `${core} ${kernels} backtest/strategy backtest/market`],
  [
    "backtest/run",
    `${core} ${kernels} analysis engines/kit backtest/strategy backtest/costs backtest/desk backtest/latency backtest/market backtest/venue backtest/account`,
  ],
  ["backtest/costs", "core/contract backtest/strategy"],
  ["backtest/sweep", "core/contract backends analysis studies/portfolio backtest/load backtest/run backtest/strategy"],
  ["backtest/load", "core/contract addon backtest/strategy"],
  ["engines", `${core} addon ${kernels} ${bus} files/kernels market analysis`],
  ["engines/kit", "core/contract bus bus/routing files/bytes engines"],
  ["engines/strategy", `${core} ${kernels} bus engines engines/kit backtest/desk backtest/strategy`],
  ["engines/execution", `${core} ${kernels} bus bus/routing engines engines/kit`],
  ["engines/portfolio", `${core} ${kernels} bus bus/routing engines engines/kit`],
  ["engines/*", `${core} ${kernels} bus market engines engines/kit`],
  ["importer", `core/contract addon backends ${bus} files/* market engines`],
  ["feeds/kit", `${core} ${bus} market files/frames files/kernels`],
  ["feeds/binance", "core/contract files/frames feeds/kit"],
  ["feeds/coinbase", "core/contract files/frames feeds/kit"],
  ["feeds/kraken", "core/contract files/frames feeds/kit"],
  ["feeds/venue_server", "core/contract market"],
  ["feeds/books", `${core} ${kernels} ${bus} engines/kit feeds/kit`],
  ["feeds/connect/order", "bus feeds/kit"],
  ["feeds/connect", "core/contract bus market feeds/kit feeds/books feeds/connect/order"],
  ["feeds", "core/contract bus feeds/*"],
  ["feeds/audit", "core/contract files/frames feeds/kit feeds/connect"],
  ["feeds", "core/contract feeds/*"],
  ["system/kit", "core/contract bus bus/routing"],
  ["system/sources", `core/contract ${bus} feeds feeds/* files/* market engines importer system/kit`],
  [
    "system/table",
    `core/contract ${bus} backtest/load backtest/strategy market engines engines/* importer gateway system/kit system/sources`,
  ],
  ["system/plan", `${core} addon bus bus/ring bus/routing system/kit system/table`],
  ["system/bridge", `${core} bus bus/redis system/kit system/plan`],
  ["system/host", `${core} addon backends bus bus/recording bus/ring bus/shared engines system/bridge system/kit system/plan system/table`],
  ["system/supervisor", `${core} addon bus bus/ring bus/routing bus/shared engines system/bridge system/host system/plan`],
  ["studies/risk", `${core} ${kernels} analysis files/tables`],
  ["studies/portfolio", `${core} ${kernels} analysis files/tables studies/risk`],
  ["studies/factors", `${core} ${kernels} analysis files/tables studies/risk`],
  ["studies/tape", `${core} ${kernels} addon ${bus} analysis market engines importer`],
  ["measure", `${core} ${kernels} backends files/frames files/kernels`],
  ["report/kit", "core/contract analysis"],
  ["report/factors", "core/contract analysis report/kit report/risk"],
  ["report/*", "core/contract analysis report/kit"],
  ["cli/explanations", ""],
  ["cli/kit", `${core} addon backends files/* report/kit cli/explanations`],
  ["cli/findings", "core/contract files/* engines importer studies/tape cli/kit"],
  ["cli/bus", `core/contract addon backends ${bus} files/bytes engines cli/kit`],
  ["cli/doctor", `${core} ${kernels} addon backends ${bus} files/bytes feeds feeds/* measure cli/kit cli/explanations`],
  ["cli/replay", `${core} ${kernels} addon ${bus} files/* market analysis engines importer studies/tape report/* cli/kit cli/findings`],
  [
    "cli/validate_bus",
    `${core} ${kernels} addon backends ${bus} analysis engines report/* system/plan system/supervisor cli/kit cli/bus cli/replay`,
  ],
  ["cli/validate", `core/contract ${bus} files/* market engines importer studies/tape cli/kit cli/findings cli/replay cli/validate_bus`],
  [
    "cli/drill",
    `core/contract addon backends ${bus} files/* market analysis engines report/* system/kit system/plan system/supervisor cli/kit`,
  ],
  ["cli/feeds", `core/contract backends ${bus} engines feeds feeds/* cli/kit`],
  ["cli/page", "core/contract page/series page/server cli/kit"],
  ["cli/backtest", "core/contract addon analysis backtest/* report/* cli/kit"],
  ["cli/system", "core/contract bus bus/ring page/server system/plan system/supervisor cli/kit"],
  ["cli/export", `core/contract backends bus bus/recording engines cli/kit`],
  ["cli/*", `${core} ${kernels} addon analysis files/* report/* studies/* cli/kit`],
  ["cli", "core/contract addon cli/*"],
  [
    "entries",
    `${core} ${kernels} addon backends ${bus} gateway feeds feeds/* files files/* market engines analysis backtest/* report/* system/kit system/plan system/supervisor`,
  ],
  [".", `entries ${core} ${kernels} addon backends ${bus} files/* market engines analysis studies/portfolio`],
];
const folderOf = (file: string) => dirname(relative("src", file));
const fits = (pattern: string, folder: string) => new RegExp(`^${pattern.replaceAll(".", "\\.").replaceAll("*", "[^.]+")}$`).test(folder);
const roomOf = (folder: string) => rooms.find(([pattern]) => fits(pattern, folder));

/** Sets of nodes of which each leads to each other. */
function circles(graph: ReadonlyMap<string, ReadonlySet<string>>): string[][] {
  const reach = new Map<string, Set<string>>();
  for (const start of graph.keys()) {
    const seen = new Set<string>();
    const waiting = [...(graph.get(start) ?? [])];
    for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
      if (seen.has(node)) continue;
      seen.add(node);
      waiting.push(...(graph.get(node) ?? []));
    }
    reach.set(start, seen);
  }
  return [...reach].flatMap(([node, seen]) =>
    seen.has(node) ? [[node, ...[...seen].filter((other) => reach.get(other)?.has(node))]] : [],
  );
}

describe("imports flow one way", () => {
  const imports = new Map(sources.map((file) => [file, localImports(file)]));

  for (const folder of new Set(sources.map(folderOf)))
    it(folder, () => {
      const room = roomOf(folder);
      expect(room, "a folder that has no line").toBeDefined();
      const allowed = room![1].split(" ");
      const wrong = sources
        .filter((file) => folderOf(file) === folder)
        .flatMap((file) => imports.get(file)!.map((other) => ({ file, other, of: folderOf(other) })))
        .filter(({ of }) => of !== folder && !allowed.some((pattern) => fits(pattern, of)));
      expect(wrong.map(({ file, other }) => `${file} imports ${other}`)).toEqual([]);
    });

  it("no files and no folders form a circle, by types or by values", () => {
    expect(circles(new Map([...imports].map(([file, others]) => [file, new Set(others)])))).toEqual([]);
    const folders = new Map<string, Set<string>>();
    for (const [file, others] of imports)
      for (const other of others)
        if (folderOf(file) !== folderOf(other))
          folders.set(folderOf(file), (folders.get(folderOf(file)) ?? new Set()).add(folderOf(other)));
    expect(circles(folders)).toEqual([]);
    expect(
      circles(
        new Map([
          ["a", new Set(["b"])],
          ["b", new Set(["a", "c"])],
        ]),
      ).length,
    ).toBe(2);
  });
});

describe("a listing shows what is there", () => {
  const examples = walk("examples").filter((file) => !/\/(node_modules|\.next)\/|\/README\.md$/.test(file));
  const files = [...["src", "native", "shaders", "test", "bench", "scripts"].flatMap(walk), ...examples];

  it("at most twenty files lie in a folder", () => {
    const count = new Map<string, number>();
    for (const file of files) count.set(dirname(file), (count.get(dirname(file)) ?? 0) + 1);
    expect([...count].filter(([, number]) => number > 20)).toEqual([]);
  });

  it("names are in snake_case; those of Apple's headers are Apple's, those of results a machine's, and CMake's CMake's", () => {
    const named = files.filter((file) => !/\/(Accelerate|Foundation|Metal)\/|^bench\/results\/|\/CMakeLists\.txt$/.test(file));
    expect(named.filter((file) => !/^[a-z0-9_./]+$/.test(file))).toEqual([]);
  });

  it("a file whose one exported value is a class is named for it", () => {
    const snake = (name: string) => name.replace(/(?<=[a-z0-9])([A-Z])/g, "_$1").toLowerCase();
    const wrong = sources.filter((file) => {
      const values = [...read(file).matchAll(/^export (?:async |abstract )?(const|let|function|class)\*? (\w+)/gm)];
      const stem = basename(file, ".ts");
      const [kind, name] = values.length === 1 ? values[0]!.slice(1) : [];
      return kind === "class" && stem !== snake(name!) && !stem.endsWith(`_${snake(name!)}`);
    });
    expect(wrong).toEqual([]);
  });

  it("tests lie where their sources do", () => {
    const tests = walk("test").filter((file) => file.endsWith(".test.ts") && file !== "test/house.test.ts");
    const apart = /^(attack|examples|fixtures|importer|metal|package|python|support|system\/conformance)$/; // of no one folder of src
    const folders = new Set(tests.map((file) => dirname(relative("test", file))));
    const known = new Set(sources.map(folderOf).flatMap((folder) => folder.split("/").map((_, i, all) => all.slice(0, i + 1).join("/"))));
    expect([...folders].filter((folder) => !known.has(folder) && !apart.test(folder))).toEqual([]);
  });
});

/** Names that appear in the import list of these files only. */
const confined: [RegExp, RegExp][] = [
  [/^node-gyp-build$|\.node$/, /^src\/addon\/addon\.ts$/],
  [/^@tensorflow\//, /^src\/backends\/tfjs\.ts$/],
  [/^(ioredis|redis)$/, /^src\/bus\/redis\/redis_client\.ts$/],
  [/^apache-arrow$/, /^src\/(files\/binary\/arrow(_columns)?|cli\/(replay\/buckets_file|export\/(export|arrow_table)))\.ts$/],
  [/^hyparquet(?!-writer)/, /^src\/files\/binary\/parquet(_check)?\.ts$/],
  [/^hyparquet-writer$/, /^src\/cli\/(replay\/buckets_file|export\/(export|parquet_table))\.ts$/],
  [/^d3-/, /^src\/report\//],
  [/^(lz4-napi|@msgpack\/msgpack)$/, /^src\/bus\/redis\/codec\.ts$/],
  [/^uplot$/, /^src\/page\/client\/base\/(axes|chart|reader)\.ts$/],
  [
    /^ws$/,
    /^src\/(gateway\/(client|gateway)|page\/server\/(page_server|session)|feeds\/(connect\/line|venue_server\/(wire|venue_server)))\.ts$/,
  ],
  [/^(https-proxy-agent|proxy-from-env)$/, /^src\/feeds\/connect\/proxy\.ts$/],
  [/^@opentelemetry\//, /^src\/bus\/metrics\/traces\.ts$/],
  [/^prom-client$/, /^src\/bus\/metrics\/prometheus\.ts$/],
  [/^jsonc-parser$/, /^src\/system\/plan\/source\.ts$/],
];

describe("names that live in one place", () => {
  for (const [name, place] of confined)
    it(`${name.source} only in ${place.source}`, () => {
      expect(sources.filter((file) => !place.test(file) && importsOf(file).some((other) => name.test(other)))).toEqual([]);
    });

  it("kernels, contracts, references, report and analysis import no Node module: they run in a browser", () => {
    const pure = sources.filter((file) => /^src\/(core|kernels|report|analysis)\//.test(file));
    expect(pure.filter((file) => importsOf(file).some((name) => name.startsWith("node:")))).toEqual([]);
  });

  it("only native/addon and the views of native/abi know Node", () => {
    expect(
      natives.filter((file) => !/^native\/(addon\/\w+\.(cc|h)|abi\/views\.h)$/.test(file) && /napi|Napi|node_api/.test(read(file))),
    ).toEqual([]);
  });

  it("headers of POSIX, Windows and macOS are included where the add-on meets its system, and nowhere else", () => {
    const own = /^native\/(abi\/system_posix\.h|addon\/(shared_memory|placement|glibc|windows)\.cc|linalg\/accelerate\.h|gpu\/metal\.mm)$/;
    const language = /^(napi|node_api|js_native_api|[a-z]*intrin|arm_acle|arm_neon|wasm_simd128)\.h$|^[a-z_]+$/; // Node's, the compiler's, C++'s
    const others = natives
      .filter((file) => /\.(cc|h|mm)$/.test(file) && !own.test(file))
      .flatMap((file) => [...read(file).matchAll(/#include\s+<([^>]+)>/g)].map((m) => `${file}: ${m[1]}`));
    expect(others.filter((line) => !language.test(line.split(": ")[1]!))).toEqual([]);
    expect(others.length).toBeGreaterThan(20);
  });

  it("kernel sources include the project's own headers alone, and hold no heap, exceptions or std containers", () => {
    const kernels = natives.filter((file) => file.startsWith("native/kernels/"));
    expect(kernels.length).toBeGreaterThan(0);
    for (const file of kernels) {
      const text = read(file);
      expect(
        [...text.matchAll(/#include\s+<([^>]+)>/g)]
          .map((m) => m[1])
          .filter((name) => !/^(arm_acle|emmintrin|nmmintrin|immintrin)\.h$/.test(name!)),
        file,
      ).toEqual([]);
      expect(/\bstd::(?!u?int\d+_t)|\bnew\s+\w|\bmalloc\(|\bthrow\b|\bprintf\(/.test(text), file).toBe(false);
      if (!file.endsWith(".cc")) continue;
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
  /** A use by tests is none. */
  const everything = [...sources, ...walk("bench"), ...walk("scripts")].filter((file) => /\.(ts|mjs)$/.test(file));
  const texts = new Map(everything.map((file) => [file, read(file)]));
  const entries = /^src\/(index|browser|entries\/\w+)\.ts$|^src\/cli\/main\.ts$|^src\/kernels\/|worker\.ts$/;

  it("every source is imported by another, or started as a thread or program", () => {
    const imported = new Set(everything.flatMap((file) => localImports(file)));
    const started = sources.filter((file) =>
      everything.some((other) => other !== file && texts.get(other)!.includes(file.split("/").at(-1)!.replace(/\.ts$/, ".js"))),
    );
    expect(sources.filter((file) => !imported.has(file) && !started.includes(file) && !entries.test(file))).toEqual([]);
  });

  it("every exported value is used, by its own file or another", () => {
    const unused = sources
      .filter((file) => !entries.test(file))
      .flatMap((file) => {
        const names = [...texts.get(file)!.matchAll(/^export (?:async )?(?:const|let|function|class) (\w+)/gm)].map((m) => m[1]!);
        const used = (name: string) =>
          everything.some((other) => (texts.get(other)!.match(new RegExp(`\\b${name}\\b`, "g"))?.length ?? 0) > (other === file ? 1 : 0));
        return names.filter((name) => !used(name)).map((name) => `${file}: ${name}`);
      });
    expect(unused).toEqual([]);
  });
});
