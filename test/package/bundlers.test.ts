/** Pages by bundlers other than Vite (browser_wasm.test.ts): addresses of the modules are kept, and a page of one kernel is small. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { rolldown } from "rolldown";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import webpack from "webpack";
import { packageRoot } from "../../src/addon/addon.js";
import { wasmFamilies } from "../../src/backends/wasm.js";
import { requireBuilt } from "../support/cli.js";

const lib = join(packageRoot(), "dist/lib");
const module = join(lib, "tickforge-flow.wasm");
const there = readdirSync(lib).includes("tickforge-flow.wasm") ? "" : " (skipped: npm run build:wasm has made no module)";
const room = mkdtempSync(join(tmpdir(), "tickforge-bundlers-"));
const entry = join(room, "entry.js");
beforeAll(() => {
  requireBuilt();
  writeFileSync(
    entry,
    `import { bucketVpin, loadWasm } from ${JSON.stringify(join(lib, "browser.js"))};
export async function compute(flow) {
  await loadWasm({ families: ["flow"], from: flow && { flow } });
  return bucketVpin({ buy: Float64Array.of(9, 6), sell: Float64Array.of(1, 4) }, { window: 2 }, { backend: "wasm" }).vpin;
}`,
  );
});
afterAll(() => rmSync(room, { recursive: true, force: true }));

const bundlers = {
  async rolldown(file: string) {
    const bundle = await rolldown({ input: entry, platform: "browser", logLevel: "silent" });
    await bundle.write({ file, minify: true, codeSplitting: false });
    await bundle.close();
  },
  async esbuild(file: string) {
    await build({ entryPoints: [entry], outfile: file, bundle: true, minify: true, format: "esm", target: "es2022", logLevel: "silent" });
  },
  async webpack(file: string) {
    const output = { path: dirname(file), filename: basename(file), module: true, library: { type: "module" } };
    // Not made small, which takes it half a minute.
    const settings = { entry, mode: "none", target: ["web", "es2022"], experiments: { outputModule: true }, output } as const;
    await new Promise((resolve, reject) =>
      webpack({ ...settings, target: [...settings.target] }, (error, stats) =>
        error || stats?.hasErrors() ? reject(error ?? new Error(stats?.toString())) : resolve(stats),
      ),
    );
  },
};

describe.skipIf(there)(`a page's bundle${there}`, () => {
  for (const [name, bundle] of Object.entries(bundlers))
    it(`${name} keeps the address of each module, and its kernels compute`, async () => {
      const file = join(room, name, "page.mjs");
      await bundle(file);
      const text = readFileSync(file, "utf8");
      const addresses = [...text.matchAll(/new URL\(["'`]\.\/([\w-]+\.wasm)["'`],\s*import\.meta\.url\)/g)].map((m) => m[1]!);
      const named = wasmFamilies.map((family) => `tickforge-${family}.wasm`).sort();
      if (name === "webpack") {
        // It places them by itself, under names of its own.
        const placed = readdirSync(join(file, "..")).filter((one) => one.endsWith(".wasm"));
        const contents = placed.map((one) => readFileSync(join(file, "..", one)));
        expect(named.filter((one) => !contents.some((bytes) => bytes.equals(readFileSync(join(lib, one)))))).toEqual([]);
        expect(placed.filter((one) => !text.includes(one))).toEqual([]);
      } else expect(addresses.sort()).toEqual(named);
      const script = `import { readFileSync } from "node:fs"; import { compute } from ${JSON.stringify(file)}; console.log(...(await compute(readFileSync(${JSON.stringify(module)}))));`;
      const out = execFileSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" });
      expect(out.trim().split(" ").map(Number)).toEqual([Number.NaN, 0.5]);
      if (name === "rolldown") expect(gzipSync(text).length + gzipSync(readFileSync(module)).length).toBeLessThanOrEqual(150_000);
    });
});
