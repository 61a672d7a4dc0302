/** The browser entry: bundled, it computes VPIN in Chromium with no Node module in it. */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { build } from "vite";
import { describe, expect, it } from "vitest";
import { packageRoot } from "../../src/addon/addon.js";
import { vpin } from "../../src/index.js";

const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
const absent = existsSync(executablePath) ? "" : ` (skipped: no Chromium at ${executablePath})`;

describe.skipIf(absent)(`the browser entry${absent}`, () => {
  it("computes in Chromium what Node computes", async () => {
    const folder = join(packageRoot(), "out", "browser");
    mkdirSync(folder, { recursive: true });
    writeFileSync(
      join(folder, "entry.js"),
      `import { vpin } from "../../dist/lib/browser.js";
       const n = 100, side = Int8Array.from({ length: n }, (_, i) => (i % 3 ? 1 : -1));
       const time = BigInt64Array.from({ length: n }, (_, i) => BigInt(i));
       const out = vpin({ time, price: new Float64Array(n).fill(10), size: new Float64Array(n).fill(1), side }, { bucketVolume: 10, window: 2 });
       globalThis.result = [...out.vpin];`,
    );
    const bundle = {
      lib: { entry: join(folder, "entry.js"), formats: ["es" as const], fileName: "bundle" },
      outDir: join(folder, "bundle"),
      minify: false,
    };
    const built = (await build({ logLevel: "silent", configFile: false, root: folder, build: bundle })) as { output: { code: string }[] }[];
    const { code } = built[0]!.output[0]!;
    expect(code).not.toMatch(/from\s*["']node:|require\(/);
    expect(code).toContain("vpin");
    expect(code, "kernels that nobody calls are left out").not.toMatch(/worst_periods|kupiec_pof/);
    const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"] });
    try {
      const page = await browser.newPage();
      const problems: string[] = [];
      page.on("pageerror", (error) => problems.push(String(error)));
      await page.addScriptTag({ content: code, type: "module" });
      await page.waitForFunction("globalThis.result !== undefined", undefined, { timeout: 30_000 });
      expect(problems).toEqual([]);
      const n = 100;
      const time = BigInt64Array.from({ length: n }, (_, i) => BigInt(i));
      const side = Int8Array.from({ length: n }, (_, i) => (i % 3 ? 1 : -1));
      const here = vpin(
        { time, price: new Float64Array(n).fill(10), size: new Float64Array(n).fill(1), side },
        { bucketVolume: 10, window: 2 },
      );
      expect(await page.evaluate("globalThis.result")).toEqual([...here.vpin]);
    } finally {
      await browser.close();
    }
  });
});
