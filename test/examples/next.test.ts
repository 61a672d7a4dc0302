/** examples/next: its sources compile and compute here; Next itself, 341 MB, is installed, and the page looked at, in the deep form alone. */
import { execFileSync, spawn } from "node:child_process";
import { cpSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { chromium } from "playwright-core";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { packageRoot } from "../../src/addon/addon.js";
import { openWasm } from "../../src/backends/wasm.js";
import { vpin } from "../../src/index.js";
import { freePort } from "../bus/kit/redis_server.js";
import { requireBuilt, temporaryFolder } from "../support/cli.js";
import { install } from "../support/installed.js";

const folder = join(packageRoot(), "examples/next");
const room = temporaryFolder();
const text = (count: number) =>
  `Side,time,price,size\n${Array.from({ length: count }, (_, i) => `${i % 3 ? "buy" : "sell"},${1_767_623_400_000 + i},100,${1 + (i % 5)}`).join("\n")}\n`;
const lastOf = (count: number): string => {
  const numbers = Array.from({ length: count }, (_, i) => i);
  const size = Float64Array.from(numbers, (i) => 1 + (i % 5));
  const side = Int8Array.from(numbers, (i) => (i % 3 ? 1 : -1));
  const time = BigInt64Array.from(numbers, (i) => BigInt(1_767_623_400_000 + i) * 1_000_000n);
  const price = new Float64Array(count).fill(100);
  const options = { bucketVolume: size.reduce((sum, one) => sum + one, 0) / 500, window: 50 };
  return vpin({ time, price, size, side }, options).vpin.at(-1)!.toFixed(3);
};

const browser = process.env.CHROMIUM ?? "/usr/bin/chromium";
const noModule = openWasm("flow").failed?.message;
const deep = !process.env.TICKFORGE_DEEP
  ? " (skipped: installs Next from the network, with TICKFORGE_DEEP=1 only)"
  : !existsSync(browser)
    ? ` (skipped: no Chromium at ${browser})`
    : noModule
      ? ` (skipped: ${noModule})`
      : "";

describe("examples/next", () => {
  beforeAll(requireBuilt);

  it("reads trades, refuses what is none by its line, and computes as the kernels do", () => {
    install(room);
    cpSync(join(folder, "app/tape.js"), join(room, "tape.js"));
    writeFileSync(join(room, "package.json"), '{ "type": "module" }');
    const script = `import { simulatedTrades, toxicityOf, tradesOf } from "./tape.js";
const said = (text) => { try { return [...tradesOf(text).time].join(); } catch ({ message }) { return message; } };
const { values, trades } = toxicityOf(tradesOf(${JSON.stringify(text(4000))}), 500);
const high = toxicityOf(simulatedTrades(), 500).values;
console.log(JSON.stringify([trades, values.at(-1).toFixed(3), high.at(-1) > 2 * high.at(200), said("time,price,size,side\\n2026-01-05T14:30:00Z,1,1,-1"),
  said("time,price,size\\n"), said("time,price,size,side\\n1,1,1,buy\\n2,,1,buy"), said("time,price,size,side\\n2026-01-05 14:30:00,1,1,buy")]));`;
    writeFileSync(join(room, "script.mjs"), script);
    expect(JSON.parse(execFileSync(process.execPath, ["script.mjs"], { cwd: room, encoding: "utf8" }))).toEqual([
      4000,
      lastOf(4000),
      true,
      "1767623400000000000",
      expect.stringContaining("no column 'side'"),
      "line 3 is no trade: 2,,1,buy",
      "line 2 is no trade: 2026-01-05 14:30:00,1,1,buy",
    ]);
  });

  it("compiles, asks for one module alone, and has the policy that it takes", async () => {
    const alias = { "tickforge/browser": join(packageRoot(), "dist/lib/browser.js") };
    const external = ["react", "react/jsx-runtime"];
    const options = { bundle: true, write: false, format: "esm", target: "es2022", jsx: "automatic", logLevel: "silent" } as const;
    const { outputFiles, warnings } = await build({ entryPoints: [join(folder, "app/page.jsx")], alias, external, ...options });
    expect(warnings.map(({ text }) => text).filter((text) => !text.includes("use client"))).toEqual([]);
    expect(outputFiles[0]!.text).toMatch(/loadWasm\(\{ families: \["flow"\] \}\)/);
    const { default: config } = (await import(/* @vite-ignore */ join(folder, "next.config.mjs"))) as {
      default: { headers(): Promise<{ source: string; headers: { key: string; value: string }[] }[]> };
    };
    expect((await config.headers())[0]!.headers[0]!.value).toContain("'wasm-unsafe-eval'");
    const { dependencies } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { dependencies: Record<string, string> };
    expect(dependencies.tickforge).toBe("file:../..");
  });

  it.skipIf(deep)(`is built by Next, and computes in Chromium${deep}`, { timeout: 600_000 }, async () => {
    const app = join(room, "next");
    cpSync(folder, app, { recursive: true, filter: (path) => !/node_modules|\.next/.test(path) });
    const manifest = readFileSync(join(app, "package.json"), "utf8").replace("file:../..", `file:${packageRoot()}`);
    writeFileSync(join(app, "package.json"), manifest);
    const env = { ...process.env, NEXT_TELEMETRY_DISABLED: "1", NODE_ENV: "production" };
    execFileSync("npm", ["install", "--no-audit", "--no-fund"], { cwd: app, env, stdio: "pipe" });
    execFileSync(process.execPath, ["node_modules/next/dist/bin/next", "build"], { cwd: app, env, stdio: "pipe" });
    const port = await freePort();
    const server = spawn(process.execPath, ["node_modules/next/dist/bin/next", "start", "-p", String(port)], {
      cwd: app,
      env,
      stdio: "ignore",
    });
    const chrome = await chromium.launch({ executablePath: browser, args: ["--no-sandbox", "--disable-gpu"] });
    try {
      const url = `http://127.0.0.1:${port}/`;
      await vi.waitUntil(() => fetch(url).catch(() => undefined), { timeout: 60_000, interval: 200 });
      const page = await chrome.newPage();
      const modules: string[] = [];
      page.on("request", (request) => void (request.url().endsWith(".wasm") && modules.push(request.url())));
      await page.goto(url);
      await page.waitForSelector("#answer");
      expect(await page.textContent("#answer")).toMatch(/^100,000 trades, .* by WebAssembly\.$/);
      expect(modules).toEqual([expect.stringMatching(/tickforge-flow\.\w+\.wasm$/)]);
      await page.setInputFiles("input[type=file]", { name: "trades.csv", mimeType: "text/csv", buffer: Buffer.from(text(4000)) });
      await page.waitForFunction(`document.querySelector("#answer").textContent.startsWith("4,000 trades")`);
      expect(await page.textContent("#answer")).toContain(`VPIN of the last bucket ${lastOf(4000)}, `);
      await page.setInputFiles("input[type=file]", { name: "none.csv", mimeType: "text/csv", buffer: Buffer.from("time,price\n") });
      expect(await page.textContent("[role=alert]")).toContain("no column 'size'");
    } finally {
      await chrome.close();
      server.kill();
    }
  });
});
