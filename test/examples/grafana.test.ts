/** examples/grafana: every metric that the dashboard draws is told by a system that really runs. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { parse } from "yaml";
import { packageRoot } from "../../src/addon/addon.js";
import { freePort } from "../bus/kit/redis_server.js";
import { requireBuilt, temporaryFolder, tickforge } from "../support/cli.js";

const folder = join(packageRoot(), "examples/grafana");
const read = (file: string) => readFileSync(join(folder, file), "utf8");
const dashboard = read("dashboard.json");
const room = temporaryFolder();

interface Panel {
  readonly title: string;
  readonly targets: readonly { readonly expr: string }[];
}

/** Lines of a page of metrics: name and labels, value. */
const linesOf = (page: string) =>
  new Map([...page.matchAll(/^(\w+)(\{[^}]*\})? (\S+)$/gm)].map((m) => [`${m[1]}${m[2] ?? ""}`, Number(m[3])]));

/** Of the market, those that are known by now: a measure has none before its first bucket. */
const numbersOf = (lines: ReadonlyMap<string, number>) =>
  [...lines].filter(([key, value]) => key.startsWith("tickforge_market_") && Number.isFinite(value)).length;

describe("examples/grafana", () => {
  it("has Prometheus read the ports of its system", () => {
    const { scrape_configs } = parse(read("prometheus.yml")) as { scrape_configs: { static_configs: { targets: string[] }[] }[] };
    const ports = [...read("system.jsonc").matchAll(/"port": (\d+)/g)].map((m) => `127.0.0.1:${m[1]}`);
    expect(scrape_configs.flatMap((one) => one.static_configs.flatMap(({ targets }) => targets))).toEqual(ports);
    expect(ports).toHaveLength(2);
  });

  it("draws what tickforge up tells, and nothing else", async () => {
    requireBuilt();
    const { panels } = JSON.parse(dashboard) as { panels: Panel[] };
    expect(panels.filter(({ targets }) => targets.length === 0)).toEqual([]);
    const drawn = [...new Set(dashboard.match(/tickforge_\w+/g))].sort();
    expect(drawn.length).toBeGreaterThan(12);

    const ports = [await freePort(), await freePort()];
    const path = join(room, "system.jsonc");
    const system = read("system.jsonc")
      .replaceAll(/"port": \d+/g, () => `"port": ${ports.shift()}`)
      .replace('"market_data": {}', '"market_data": { "options": { "speed": 400 } }')
      .replace("./market_metrics.mjs", join(folder, "market_metrics.mjs"));
    writeFileSync(path, system);
    const pages = [...system.matchAll(/"port": (\d+)/g)].map((m) => `http://127.0.0.1:${m[1]}/metrics`);
    const stop = new AbortController();
    const done = tickforge(["up", path, "--page", "off", "--folder", join(room, "state"), "--quiet"], {
      meanwhile: (child) => stop.signal.addEventListener("abort", () => child.kill("SIGINT")),
    });
    try {
      const told = await vi.waitUntil(
        async () => {
          const texts = await Promise.all(pages.map(async (url) => (await fetch(url)).text())).catch(() => undefined);
          const lines = texts && linesOf(texts.join(""));
          return lines && numbersOf(lines) > 3 * 4 && Number.isFinite(lines.get('tickforge_market_vpin{instrument="GAMMA"}')) && lines;
        },
        { timeout: 60_000, interval: 100 },
      );
      const names = new Set([...told.keys()].map((key) => key.split("{")[0]!));
      expect(drawn.filter((name) => !names.has(name))).toEqual([]);
      expect(told.get('tickforge_market_vpin{instrument="ALPHA"}')).toBeGreaterThan(0);
      expect([...told].filter(([key, value]) => key.includes("refused") && value > 0)).toEqual([]);
      expect([...told].filter(([key]) => key.startsWith("tickforge_engine_up")).map(([, value]) => value)).toEqual(Array(5).fill(1));
    } finally {
      stop.abort();
      await done;
    }
  });
});
