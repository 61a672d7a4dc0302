/** /metrics of several sources on one server, and /healthz. */
import { Registry } from "prom-client";
import { afterEach, describe, expect, it } from "vitest";
import { type Sample, textOf } from "../../../src/bus/metrics/exposition.js";
import { Histogram } from "../../../src/bus/metrics/histogram.js";
import { Metrics } from "../../../src/bus/metrics/metrics.js";
import { type MetricsServer, prometheusText, register, serveMetrics } from "../../../src/bus/metrics/prometheus.js";
import { parsed } from "../kit/exposition.js";
import { codeOf } from "../kit/suite.js";

const latencyNs = new Histogram();
for (const value of [300, 5_000, 5_000, 2e9, 2 ** 39]) latencyNs.record(value);
const toxicity = { taken: 1000, given: 7, lag: 2, restarts: 1, memoryBytes: 4096, latencyNs };
const engines = () => new Metrics().engine("toxicity", { stats: () => toxicity });
const risk = () => new Metrics().engine("risk", { stats: () => ({ taken: 5, given: 0, lag: 0, restarts: 0, memoryBytes: 64 }) });
const sample = (over: Partial<Sample> = {}): Sample => ({
  name: "desk_orders_total",
  type: "counter",
  help: "Orders.",
  labels: {},
  value: 1,
  ...over,
});

const servers: MetricsServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

describe("the text of several sources", () => {
  it("has each name once, whoever counts under it", () => {
    const text = textOf([
      engines(),
      risk(),
      () => [sample({ labels: { desk: "a" } })],
      () => [sample({ labels: { desk: "b" }, value: 2 })],
    ]);
    const values = parsed(text);
    expect(values.get('tickforge_engine_taken_rows_total{engine="toxicity"}')).toBe(1000);
    expect(values.get('tickforge_engine_taken_rows_total{engine="risk"}')).toBe(5);
    expect(values.get('tickforge_engine_latency_seconds_count{engine="toxicity"}')).toBe(5);
    expect(values.get('tickforge_engine_latency_seconds_bucket{engine="toxicity",le="0.000008192"}')).toBe(3);
    expect([...values].filter(([name]) => name.startsWith("desk")).map(([, value]) => value)).toEqual([1, 2]);
    expect(text).not.toContain("hub"); // what nobody counts is not there
  });

  it("is what prom-client writes of the same", async () => {
    const registry = new Registry();
    await register(engines(), registry);
    expect([...parsed(await prometheusText(engines()))].sort()).toEqual([...parsed(await registry.metrics())].sort());
  });

  it("escapes what labels and helps may hold", () => {
    const label = 'a "quoted" \\ back\nline';
    const text = textOf([() => [sample({ help: "two\nlines \\ back", labels: { desk: label }, value: Number.POSITIVE_INFINITY })]]);
    expect(text).toBe(
      '# HELP desk_orders_total two\\nlines \\\\ back\n# TYPE desk_orders_total counter\ndesk_orders_total{desk="a \\"quoted\\" \\\\ back\\nline"} +Inf\n',
    );
    expect([...parsed(text).values()]).toEqual([Number.POSITIVE_INFINITY]);
  });

  it("refuses what no parser would take", () => {
    const twice = [sample(), sample()];
    const apart = [sample(), sample({ type: "gauge", labels: { a: "b" } })];
    const wrong = [twice, apart, [sample({ name: "no name" })], [sample({ labels: { "a-b": "" } })], [sample({ value: latencyNs })]];
    for (const samples of wrong) expect(codeOf(() => textOf([() => samples]))).toBe("E_BUS_OPTION");
    expect(() => textOf([{} as Metrics])).toThrow(/source is Object, expected a Metrics or a function/);
  });
});

describe("served", () => {
  it("/metrics of all, /healthz as it is now, and 500 with the reason where a source fails", async () => {
    let ok = true;
    const since = "2026-01-01T00:00:00.000Z";
    const health = () => ({ ok, engines: [{ name: "risk", state: ok ? "running" : "restarting", since, ...(ok ? {} : { why: "E_X" }) }] });
    let broken = false;
    const source = () => {
      if (broken) throw new Error("no numbers today");
      return [sample()];
    };
    const server = await serveMetrics([engines(), risk(), source], { health });
    servers.push(server);
    const [metrics, healthy] = [server.url, server.url.replace("metrics", "healthz")];
    const get = async (url: string) => {
      const answer = await fetch(url);
      return { status: answer.status, text: await answer.text() };
    };
    const page = await get(metrics);
    expect([page.status, parsed(page.text).get("desk_orders_total")]).toEqual([200, 1]);
    expect(await get(healthy)).toEqual({ status: 200, text: JSON.stringify(health()) });
    [ok, broken] = [false, true];
    const ill = await get(healthy);
    expect([ill.status, JSON.parse(ill.text)]).toEqual([
      503,
      { ok: false, engines: [{ name: "risk", state: "restarting", since, why: "E_X" }] },
    ]);
    expect(await get(metrics)).toEqual({ status: 500, text: "no numbers today\n" });
  });
});
