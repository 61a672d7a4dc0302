/** WebAssembly in a page: the module beside a bundle, a million trades, and a page whose policy forbids it. Times are printed, none is asserted. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { extname, join } from "node:path";
import { type Browser, chromium } from "playwright-core";
import { build } from "vite";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { packageRoot } from "../../src/addon/addon.js";
import { openWasm } from "../../src/backends/wasm.js";
import { vpin } from "../../src/index.js";

const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
const chromiumThere = existsSync(executablePath) ? "" : ` (skipped: no Chromium at ${executablePath})`;
const absent = chromiumThere || (openWasm("flow").module ? "" : ` (skipped: ${openWasm("flow").failed!.message})`);
const folder = join(packageRoot(), "out", "browser_wasm");
const count = 1_000_000;

/** The same trades here and in the page. */
const trades = `(count) => {
  const time = new BigInt64Array(count), price = new Float64Array(count), size = new Float64Array(count), side = new Int8Array(count);
  for (let i = 0; i < count; i++) {
    time[i] = BigInt(i);
    price[i] = 100 + ((i * 7919) % 1000) / 100;
    size[i] = 1 + ((i * 31) % 17);
    side[i] = (i * 2654435761) % 5 < 2 ? 1 : -1;
  }
  return { time, price, size, side };
}`;
const options = { bucketVolume: 9000, window: 50 };
const page = `import { loadWasm, vpin } from "../../dist/lib/browser.js";
const inputs = (${trades})(${count});
const timed = (backend) => {
  const started = performance.now();
  const { vpin: values } = vpin(inputs, ${JSON.stringify(options)}, backend && { backend });
  return { milliseconds: performance.now() - started, values: [...values] };
};
const started = performance.now();
loadWasm({ families: ["flow"] }).then(
  () => {
    const loaded = performance.now() - started;
    const runs = Array.from({ length: 12 }, () => timed());
    globalThis.result = { loaded, times: runs.map((run) => run.milliseconds), values: runs.at(-1).values, reference: timed("reference").milliseconds };
  },
  (error) => {
    globalThis.result = { code: error.code, hint: error.hint, values: timed().values };
  },
);`;
interface Result {
  loaded: number;
  times: number[];
  reference: number;
  values: number[];
  code?: string;
  hint?: string;
}

describe.skipIf(absent)(`WebAssembly in a page${absent}`, () => {
  let browser: Browser;
  const want = () => vpin(new Function(`return (${trades})(${count})`)() as never, options, { backend: "wasm" }).vpin;
  beforeAll(async () => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "entry.js"), page);
    writeFileSync(join(folder, "index.html"), `<!doctype html><title>tickforge</title><script type="module" src="./entry.js"></script>`);
    await build({ logLevel: "silent", configFile: false, root: folder, build: { outDir: join(folder, "built"), emptyOutDir: true } });
    browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"] });
  });
  afterAll(() => browser?.close());

  /** Opens the bundled page, served with a policy. */
  async function resultIn(policy: string): Promise<Result> {
    const tab = await browser.newPage();
    const types: Record<string, string> = { ".html": "text/html", ".js": "text/javascript", ".wasm": "application/wasm" };
    await tab.route("http://page.test/**", (route) => {
      const path = new URL(route.request().url()).pathname;
      const file = join(folder, "built", path === "/" ? "index.html" : path);
      if (!existsSync(file)) return route.fulfill({ status: 404 });
      const headers = { "content-security-policy": policy, "content-type": types[extname(file)] ?? "text/plain" };
      return route.fulfill({ body: readFileSync(file), headers });
    });
    await tab.goto("http://page.test/");
    // Asked from outside: what waits inside the page is a script that its policy forbids.
    const asked = async () => (await tab.evaluate("globalThis.result")) as Result | undefined;
    const result = await vi.waitUntil(asked, { timeout: 60_000, interval: 50 });
    await tab.close();
    return result;
  }

  it("finds the module where the bundler put it, and computes what Node computes, to the bit", async () => {
    const { code, loaded, times, values, reference } = await resultIn("script-src 'self' 'wasm-unsafe-eval'");
    expect(code).toBeUndefined();
    expect(values).toEqual([...want()]);
    const text = (milliseconds: number) => milliseconds.toFixed(1);
    console.log(
      `vpin of a million trades in Chromium: first ${text(times[0]!)} ms, best of ${times.length} ${text(Math.min(...times))} ms, reference ${text(reference)} ms; module loaded in ${text(loaded)} ms`,
    );
  });

  it("a page whose policy forbids it is told which word is missing, and goes on with the reference", async () => {
    const { code, hint, values } = await resultIn("script-src 'self'");
    expect(code).toBe("E_WASM_CSP");
    expect(hint).toMatch(/'wasm-unsafe-eval'/);
    expect(values).toHaveLength(want().length);
  });
});
