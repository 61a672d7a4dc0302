import { afterEach, describe, expect, it } from "vitest";
import type { Bus } from "../../../src/bus/bus.js";
import { topic } from "../../../src/bus/frame.js";
import { MemoryBus } from "../../../src/bus/memory_bus.js";
import { RedisBus } from "../../../src/bus/redis/redis_bus.js";
import { Router, seeded } from "../../../src/bus/routing/router.js";
import { type Candidate, choose, strategies } from "../../../src/bus/routing/router_strategies.js";
import { RouterSubscription } from "../../../src/bus/routing/router_subscription.js";
import { startProxy } from "../kit/proxy.js";
import { freePort, redisServer, startRedis, whyNoRedis } from "../kit/redis_server.js";
import { codeOf } from "../kit/suite.js";

const signals = topic({ name: "strategy_signal", columns: { id: { dtype: "f64" } }, rows: 4, slots: 32, backpressure: "block" });
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const KEYS = 5;

/** Publishes `total` batches over the keys in turn and checks that each key's come once and in order. */
async function run(
  router: Router<typeof signals.columns>,
  subscription: RouterSubscription<typeof signals.columns>,
  total: number,
  every: (i: number) => unknown,
) {
  const got = new Map<number, number[]>();
  const used: Record<string, number> = {};
  const poll = () =>
    subscription.poll(({ key, columns, rows, bus, lost }) => {
      expect(lost).toBe(0);
      got.set(key, [...(got.get(key) ?? []), ...columns.id.slice(0, rows)]);
      used[bus] = (used[bus] ?? 0) + 1;
    });
  for (let i = 0; i < total; i++) {
    await every(i);
    while (router.publish(i % KEYS, { id: Float64Array.of(i) }) === 0) {
      poll();
      await pause(1);
    }
    poll();
    if (i % 4 === 0) await pause(1);
  }
  const count = () => [...got.values()].reduce((sum, ids) => sum + ids.length, 0);
  for (const end = performance.now() + 8000; count() < total && performance.now() < end; await pause(2)) poll();
  for (let key = 0; key < KEYS; key++) expect(got.get(key)).toEqual(Array.from({ length: total / KEYS }, (_, i) => key + i * KEYS));
  expect(subscription.lost).toBe(0);
  return used;
}

describe("choices", () => {
  const one = (name: string, delayMs: number, rowsPerSecond: number, waiting: number): Candidate => ({
    name,
    delayMs,
    rowsPerSecond,
    waiting,
    dead: false,
  });
  const three = [one("a", 5, 100, 4), one("b", 1, 50, 9), one("c", 4, 400, 0)];
  const never = () => 0.99;
  it("take what each of them is about, and say why", () => {
    expect(choose("typed", three, never, "b", undefined)).toEqual({ name: "b", why: "the table places its type on b" });
    expect(choose("hardware", three, never, "a", "c").name).toBe("a");
    const draws = [0.1, 0.5];
    expect(choose("least_loaded", three, () => draws.shift()!, undefined, undefined)).toEqual({
      name: "a",
      why: "of a (4 waiting) and b (9), drawn at random, it has less to do",
    });
    expect(choose("lowest_latency", three, never, undefined, undefined).name).toBe("c");
    expect(choose("highest_throughput", three, never, undefined, undefined).name).toBe("c");
    expect(choose("adaptive", three, never, undefined, undefined).name).toBe("b");
    expect(choose("adaptive", three, () => 0.01, undefined, undefined).why).toMatch(/at random/);
    expect(choose("lowest_latency", [one("a", 1, 0, 0), one("b", 0.9, 0, 0)], never, undefined, "a").name).toBe("a");
  });
  it("the home of those that need one must be a bus", () => {
    expect(codeOf(() => new Router({ a: new MemoryBus() }, signals, { strategy: "typed" }))).toBe("E_BUS_OPTION");
  });
});

it.each(strategies)("%s over three buses in memory: each key in order, however its bus changes", async (strategy) => {
  const buses = { a: new MemoryBus(), b: new MemoryBus(), c: new MemoryBus() };
  const subscription = new RouterSubscription(buses, signals);
  const router = new Router(buses, signals, { strategy, home: "b", stay: 1, seed: 7 });
  const used = await run(router, subscription, 300, () => {});
  if (strategy === "typed" || strategy === "hardware") expect(used).toEqual({ b: 300 });
  if (strategy === "least_loaded") expect(router.moves).toBeGreaterThan(50);
  const decision = router.explain(0)!;
  expect([decision.strategy, decision.why.length > 10, decision.candidates.map(({ name }) => name)]).toEqual([
    strategy,
    true,
    ["a", "b", "c"],
  ]);
  await router.close();
});

/** Its subscribers get a few batches now, and none at another time. */
function uneven(bus: Bus, random: () => number): Bus {
  const subscribe: Bus["subscribe"] = (of, options) => {
    const subscription = bus.subscribe(of, options);
    const poll = subscription.poll.bind(subscription);
    subscription.poll = (handler) => (random() < 0.8 ? 0 : poll(handler, 1 + Math.floor(random() * 4)));
    return subscription;
  };
  return Object.assign(Object.create(bus), { subscribe });
}

it.each(strategies)(
  "%s over buses that are read unevenly: keys overtake themselves at every switch, and are handed over in order",
  async (strategy) => {
    let held = 0;
    for (let seed = 1; seed <= 10; seed++) {
      const random = seeded(seed);
      const buses = Object.fromEntries(["a", "b", "c"].map((name) => [name, uneven(new MemoryBus(), random)]));
      const subscription = new RouterSubscription(buses, signals, 60_000);
      const router = new Router(buses, signals, { strategy, home: "b", stay: 1, seed });
      const got = new Map<number, number[]>();
      let count = 0;
      const poll = () => {
        subscription.poll(({ key, columns, rows, lost }) => {
          expect(lost).toBe(0);
          got.set(key, [...(got.get(key) ?? []), ...columns.id.slice(0, rows)]);
          count++;
        });
        held = Math.max(held, subscription.waiting);
      };
      for (let i = 0; i < 500; i++) {
        while (router.publish(i % KEYS, { id: Float64Array.of(i) }) === 0) poll();
        if (random() < 0.3) poll();
      }
      for (let i = 0; i < 10_000 && count < 500; i++) poll();
      for (let key = 0; key < KEYS; key++) expect(got.get(key)).toEqual(Array.from({ length: 100 }, (_, i) => key + i * KEYS));
      await router.close();
    }
    // Where a key has one bus only nothing overtakes.
    if (strategy === "typed" || strategy === "hardware") expect(held).toBe(0);
    else expect(held).toBeGreaterThan(3);
  },
);

describe.skipIf(!redisServer)(redisServer ? "on three servers" : `skipped: ${whyNoRedis}`, () => {
  const ends: (() => unknown)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await Promise.resolve(end()).catch(() => {});
  });

  async function three() {
    const [here, there]: [Record<string, Bus>, Record<string, Bus>] = [{}, {}];
    const servers: Record<string, Awaited<ReturnType<typeof startRedis>>> = {};
    const links: Record<string, Awaited<ReturnType<typeof startProxy>>> = {};
    for (const name of ["a", "b", "c"]) {
      const port = await freePort();
      const server = await startRedis(["--port", String(port)]);
      const link = await startProxy(port);
      const url = `redis://127.0.0.1:${link.port}`;
      [servers[name], links[name]] = [server, link];
      const buses = [new RedisBus({ url, closeMs: 100 }), new RedisBus({ url, closeMs: 100 })] as const;
      [here[name], there[name]] = buses;
      ends.push(
        () => server.stop(),
        () => link.close(),
        () => Promise.allSettled(buses.map((bus) => bus.close())),
      );
    }
    const subscription = new RouterSubscription(there, signals, 3000);
    await subscription.ready;
    return { here, subscription, servers, links };
  }

  it.each(strategies)(
    "%s: one link turns slow, then another server stops for a while; every key stays in order and nothing is lost",
    async (strategy) => {
      const { here, subscription, servers, links } = await three();
      const router = new Router(here, signals, { strategy, home: "a", stay: 8, deadMs: 150 });
      const used = await run(router, subscription, 600, (i) => {
        if (i === 150) links.b!.delayMs = 15;
        if (i === 300) {
          links.b!.delayMs = 0;
          servers.a!.process.kill("SIGSTOP");
          setTimeout(() => servers.a!.process.kill("SIGCONT"), 500);
        }
      });
      if (strategy === "typed" || strategy === "hardware") expect(used).toEqual({ a: 600 });
      else expect((used.b ?? 0) + (used.c ?? 0)).toBeGreaterThan(0);
    },
  );

  it.each(strategies.filter((strategy) => strategy !== "typed" && strategy !== "hardware"))(
    "%s: a server is killed with batches on it that nobody has read; every key stays in order and nothing is lost",
    async (strategy) => {
      const { here, subscription, servers, links } = await three();
      const router = new Router(here, signals, { strategy, stay: 1, deadMs: 100 });
      const used = await run(router, subscription, 600, (i) => {
        if (i % 50 === 0) links.b!.delayMs = i % 100 === 0 ? 6 : 0;
        // What comes from there from now on comes too late.
        if (i === 290) links.a!.delayMs = 40;
        if (i === 300) servers.a!.process.kill("SIGKILL");
      });
      expect((used.b ?? 0) + (used.c ?? 0)).toBeGreaterThan(300);
      const sum = (of: "batches" | "rescued") => router.stats().reduce((total, bus) => total + bus[of], 0);
      expect(sum("batches")).toBe(600 + sum("rescued"));
    },
  );
});
