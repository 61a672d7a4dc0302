import { request } from "node:http";
import { networkInterfaces } from "node:os";
import { createHistogram } from "node:perf_hooks";
import fc from "fast-check";
import { Registry } from "prom-client";
import { afterEach, describe, expect, it, vi } from "vitest";
import { topic } from "../../../src/bus/frame.js";
import { MemoryBus } from "../../../src/bus/memory_bus.js";
import { Histogram } from "../../../src/bus/metrics/histogram.js";
import { Metrics, Rate, TopicMeter } from "../../../src/bus/metrics/metrics.js";
import { prometheusText, register, serveMetrics } from "../../../src/bus/metrics/prometheus.js";
import { Batcher } from "../../../src/bus/routing/batcher.js";
import { GapDetector } from "../../../src/bus/routing/gap_detector.js";
import { Hub } from "../../../src/bus/routing/hub.js";
import { Router } from "../../../src/bus/routing/router.js";
import { RouterSubscription } from "../../../src/bus/routing/router_subscription.js";
import type { BusError } from "../../../src/core/contract/errors.js";
import { parsed } from "../kit/exposition.js";

const quotes = topic({
  name: "quotes.TEST",
  columns: { bid: { dtype: "f64" }, levels: { dtype: "f32", width: 3 }, side: { dtype: "i8" } },
  rows: 4,
  slots: 4,
  backpressure: "evict",
});
const rows = (count: number) => ({ bid: new Float64Array(count), levels: new Float32Array(3 * count), side: new Int8Array(count) });

describe("histogram", () => {
  const ranks = [0, 0.001, 0.25, 0.5, 0.9, 0.99, 0.999, 1];

  it("percentiles are right to 1/128, of any values", () => {
    const value = fc.oneof(
      fc.double({ min: 1, max: 2 ** 40 - 1, noNaN: true }),
      fc.nat(1000).map((n) => n + 1),
      fc.nat(40).map((n) => 2 ** n * 0.999999 + 1e-9),
    );
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 300 }), (values) => {
        const histogram = new Histogram();
        for (const one of values) histogram.record(one);
        const sorted = values.toSorted((a, b) => a - b);
        for (const p of ranks) {
          const want = sorted[Math.max(1, Math.ceil(p * values.length)) - 1]!;
          if (want >= 1) expect(Math.abs(histogram.percentile(p) - want)).toBeLessThanOrEqual(want / 128);
        }
        expect([histogram.count, histogram.min, histogram.max]).toEqual([values.length, sorted[0], sorted.at(-1)]);
        for (const { bound, count } of histogram.below(0, 40)) expect(count).toBe(values.filter((one) => one < bound).length);
      }),
    );
  });

  it("agrees with HdrHistogram as Node has it", () => {
    const [ours, theirs] = [new Histogram(), createHistogram({ lowest: 1, highest: 2 ** 40, figures: 3 })];
    let seed = 1;
    for (let i = 0; i < 50_000; i++) {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
      const value = Math.ceil(1000 * Math.exp((seed / 2 ** 32) * 12));
      ours.record(value);
      theirs.record(value);
    }
    for (const p of ranks.slice(1)) expect(Math.abs(ours.percentile(p) / theirs.percentile(100 * p) - 1)).toBeLessThan(1 / 128 + 1 / 1000);
    expect([ours.count, ours.min]).toEqual([theirs.count, theirs.min]);
    expect(ours.max / theirs.max).toBeCloseTo(1, 3);
    expect(ours.sum / ours.count / theirs.mean).toBeCloseTo(1, 3);
  });

  it("takes what lies outside its range, and nothing that is no number", () => {
    const histogram = new Histogram();
    expect(histogram.percentile(0.5)).toBeNaN();
    for (const value of [Number.NaN, -3, 0, 0.5, 2 ** 50]) histogram.record(value);
    expect([histogram.count, histogram.min, histogram.max, histogram.percentile(0.1), histogram.percentile(1)]).toEqual([
      4,
      -3,
      2 ** 50,
      0,
      2 ** 50,
    ]);
    expect(histogram.below(0, 40).map(({ count }) => count)).toEqual(Array(41).fill(3));
  });
});

describe("what a subscriber sees", () => {
  it("a rate follows what comes, from the first second on, and fades", () => {
    let now = 0;
    const rate = new Rate(() => now, 5000);
    expect(rate.perSecond()).toBe(0);
    for (; now < 1000; now += 10) rate.add(20);
    expect(rate.perSecond() / 2000).toBeCloseTo(1, 1);
    for (; now < 60_000; now += 10) rate.add(5);
    expect(rate.perSecond() / 500).toBeCloseTo(1, 2);
    now += 50_000;
    expect(rate.perSecond()).toBeLessThan(1);
  });

  it("counts rows, bytes, what was lost and how often, and the delay", () => {
    const bus = new MemoryBus();
    const subscription = bus.subscribe(quotes);
    const publisher = bus.publisher(quotes);
    let now = 0;
    const meter = new TopicMeter(quotes, () => now, 1_700_000_000_000);
    const publish = (count: number, atMs: number) => publisher.publish(rows(count), BigInt(1_700_000_000_000 + atMs) * 1_000_000n + 500n);
    publish(3, 10);
    now = 12;
    subscription.poll((batch) => meter.observe(batch));
    expect(meter).toMatchObject({ rows: 3, batches: 1, bytes: 3 * 21, lost: 0, evictions: 0 });
    expect(meter.latencyNs.max).toBe(1_999_500);
    for (let i = 0; i < 6; i++) publish(2, 20);
    now = 15;
    subscription.poll((batch) => meter.observe(batch));
    expect(meter).toMatchObject({ rows: 11, batches: 5, bytes: 11 * 21, lost: 4, evictions: 1 });
    expect(meter.latencyNs.min).toBe(0);
    expect(meter.rate.perSecond()).toBeGreaterThan(0);
    bus.close();
  });
});

/** All kinds of sources, with some life in them. */
function watched() {
  const bus = new MemoryBus();
  const subscription = bus.subscribe(quotes);
  const publisher = bus.publisher(quotes);
  const metrics = new Metrics();
  const meter = metrics.topic(bus, quotes).subscriber(quotes, 'vpin "A"\\\n');
  const batcher = new Batcher(publisher, (columns, row, bid: number) => void (columns.bid[row] = bid));
  const detector = new GapDetector();
  metrics.batcher("quotes", batcher).gap("quotes", detector);
  const live = () => {
    batcher.push(1, true);
    subscription.poll((batch) => {
      meter.observe(batch);
      detector.offer(batch, () => {});
    });
  };
  return { bus, metrics, live };
}

describe("prometheus", () => {
  const close: (() => unknown)[] = [];
  afterEach(async () => {
    for (const one of close.splice(0)) await one();
    vi.doUnmock("prom-client");
  });

  it("writes every metric in the text format, read anew at each scrape", async () => {
    const { bus, metrics, live } = watched();
    close.push(() => bus.close());
    const registry = new Registry();
    await register(metrics, registry);
    for (let scrape = 1; scrape <= 3; scrape++) {
      live();
      const values = parsed(await registry.metrics());
      expect(values.get('tickforge_topic_rows_total{topic="quotes.TEST",transport="memory"}')).toBe(scrape);
      expect(values.get('tickforge_gaps_taken_rows_total{stream="quotes"}')).toBe(scrape);
      expect(values.get('tickforge_batcher_batches_total{batcher="quotes",cause="urgent"}')).toBe(scrape);
      expect(values.get('tickforge_gaps_taken_rows_total{stream="quotes"}')).toBe(scrape);
      const who = 'topic="quotes.TEST",subscriber="vpin \\"A\\"\\\\\\n"';
      expect(values.get(`tickforge_subscriber_bytes_total{${who}}`)).toBe(21 * scrape);
      expect(values.get(`tickforge_subscriber_latency_seconds_count{${who}}`)).toBe(scrape);
      const buckets = [...values].filter(([name]) => name.startsWith("tickforge_subscriber_latency_seconds_bucket"));
      const counts = buckets.map(([, count]) => count);
      expect(counts).toEqual(counts.toSorted((a, b) => a - b));
      expect([buckets.length, counts.at(-1)]).toEqual([28, scrape]);
    }
    const names = new Set(metrics.families().map(({ name }) => name));
    expect(names.size).toBe(metrics.families().length);
  });

  it("says of a hub what it reads and for whom, and of a router what each bus carries", async () => {
    const [bus, idle] = [new MemoryBus(), new MemoryBus()];
    close.push(
      () => bus.close(),
      () => idle.close(),
    );
    const marks = topic({ ...quotes, name: "marks", columns: { instrument: { dtype: "u32" }, price: { dtype: "f64" } } });
    const hub = new Hub(bus);
    const routed = { ...marks, name: "routed" };
    const unread = [bus, idle].map((one) => new RouterSubscription({ one }, routed));
    const router = new Router({ bus, idle }, routed, { strategy: "typed", home: "idle" });
    const metrics = new Metrics().hub("marks", hub).router("routed", router);
    metrics.router("made", {
      stats: () => [{ name: "a", delayMs: 250, rowsPerSecond: 1, waiting: 3, dead: true, batches: 9, rescued: 4 }],
    });
    const publisher = bus.publisher(marks);
    const askers = [hub.subscribe(marks, { instrument: 0 }), hub.subscribe(marks), hub.subscribe(marks)];
    for (let i = 0; i < 3; i++) {
      publisher.publish({ instrument: Uint32Array.of(0, 1), price: new Float64Array(2) });
      router.publish(7, { instrument: Uint32Array.of(0), price: new Float64Array(1) });
      for (const one of askers) one.poll(() => {});
    }
    const values = parsed(await prometheusText(metrics));
    const { heldBytes } = hub.stats();
    expect(heldBytes).toBeGreaterThan(0);
    const ofHub = { topics: 1, askers: 3, instruments: 2, held_bytes: heldBytes, asked_total: 3, opened_total: 1, rows_total: 6 };
    for (const [name, value] of Object.entries({
      ...ofHub,
      bytes_total: 72,
      missed_rows_total: 0,
      hits_total: 0,
      misses_total: 3,
      saved_rows: 12,
      saved_bytes: 144,
    }))
      expect([name, values.get(`tickforge_hub_${name}{hub="marks"}`)]).toEqual([name, value]);
    const of = (name: string, of: string, one: string) => values.get(`tickforge_router_${name}{router="${of}",bus="${one}"}`);
    const all = ["batches_total", "rescued_batches_total", "alive", "lag_batches", "delay_seconds"];
    expect(all.map((name) => of(name, "made", "a"))).toEqual([9, 4, 0, 3, 0.25]);
    expect(all.slice(0, 4).map((name) => of(name, "routed", "idle"))).toEqual([3, 0, 1, 3]);
    expect(all.slice(0, 4).map((name) => of(name, "routed", "bus"))).toEqual([0, 0, 1, 0]);
    for (const one of unread) one.close();
    hub.close();
    await router.close();
  });

  it("joins a registry that has metrics of its own, and is valid with nothing to watch", async () => {
    expect(parsed(await prometheusText(new Metrics())).size).toBe(0);
    const registry = new Registry();
    registry.setDefaultLabels({ host: "a" });
    const { bus, metrics, live } = watched();
    close.push(() => bus.close());
    await register(metrics, registry);
    live();
    expect(parsed(await registry.metrics()).get('tickforge_gaps_taken_rows_total{stream="quotes",host="a"}')).toBe(1);
  });

  const get = (port: number, path: string, { method = "GET", host = "127.0.0.1", address = "127.0.0.1" } = {}) =>
    new Promise<{ status: number; type: string | undefined; text: string }>((resolve, reject) => {
      const asked = request({ host: address, port, path, method, headers: { host } }, (response) => {
        let text = "";
        response.on("data", (part) => (text += part));
        response.on("end", () => resolve({ status: response.statusCode!, type: response.headers["content-type"], text }));
      });
      asked.on("error", reject).end();
    });

  it("is served on 127.0.0.1 and nowhere else, to those who ask for that name", async () => {
    const { bus, metrics, live } = watched();
    close.push(() => bus.close());
    live();
    const server = await serveMetrics(metrics);
    close.push(() => server.close());
    expect(server.url).toBe(`http://127.0.0.1:${server.port}/metrics`);
    const answer = await get(server.port, "/metrics");
    expect(answer).toMatchObject({ status: 200, type: "text/plain; version=0.0.4; charset=utf-8" });
    expect(parsed(answer.text).get('tickforge_gaps_taken_rows_total{stream="quotes"}')).toBe(1);
    expect(await get(server.port, "/metrics", { method: "HEAD", host: `localhost:${server.port}` })).toMatchObject({
      status: 200,
      text: "",
    });
    expect((await get(server.port, "/")).status).toBe(404);
    expect((await get(server.port, "/metrics", { method: "POST" })).status).toBe(405);
    expect((await get(server.port, "/metrics", { host: "evil.example" })).status).toBe(403);
    const others = Object.values(networkInterfaces()).flatMap((list) => list!.filter(({ address }) => address !== "127.0.0.1"));
    for (const { address } of others.filter(({ family, internal }) => family === "IPv4" || internal))
      await expect(get(server.port, "/metrics", { address })).rejects.toThrow(/ECONNREFUSED|EADDRNOTAVAIL/);
  });

  it("says which port it cannot have", async () => {
    const server = await serveMetrics(new Metrics());
    close.push(() => server.close());
    for (const port of [server.port, 70_000]) {
      const error = await serveMetrics(new Metrics(), { port }).catch((thrown: unknown) => thrown as BusError);
      expect(error).toMatchObject({ code: "E_BUS_PORT", value: port });
    }
  });

  it("says what to install where the client is not", async () => {
    vi.resetModules();
    vi.doMock("prom-client", () => {
      throw new Error("Cannot find package 'prom-client'");
    });
    const fresh = await import("../../../src/bus/metrics/prometheus.js");
    await expect(fresh.register(new Metrics(), new Registry())).rejects.toMatchObject({
      code: "E_PACKAGE_MISSING",
      hint: "npm install prom-client",
    });
  });
});
