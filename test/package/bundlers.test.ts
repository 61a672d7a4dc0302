/** Pages by bundlers other than Vite (browser_wasm.test.ts): addresses of the modules are kept, and a page of one kernel is small. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { rolldown } from "rolldown";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
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
};

describe.skipIf(there)(`a page's bundle${there}`, () => {
  for (const [name, bundle] of Object.entries(bundlers))
    it(`${name} keeps the address of each module, and its kernels compute`, async () => {
      const file = join(room, `${name}.mjs`);
      await bundle(file);
      const text = readFileSync(file, "utf8");
      const addresses = [...text.matchAll(/new URL\(["'`]\.\/tickforge-(\w+)\.wasm["'`],\s*import\.meta\.url\)/g)].map((m) => m[1]!);
      expect(addresses.sort()).toEqual(wasmFamilies.toSorted());
      const script = `import { readFileSync } from "node:fs"; import { compute } from ${JSON.stringify(file)}; console.log(...(await compute(readFileSync(${JSON.stringify(module)}))));`;
      const out = execFileSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" });
      expect(out.trim().split(" ").map(Number)).toEqual([Number.NaN, 0.5]);
      if (name === "rolldown") expect(gzipSync(text).length + gzipSync(readFileSync(module)).length).toBeLessThanOrEqual(150_000);
    });
});
