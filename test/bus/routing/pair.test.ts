/** Two servers, and what happens to them: killed, stopped, cut off, slow, damaged. Every row comes once and in order. */
import { afterEach, describe, expect, it } from "vitest";
import { topic } from "../../../src/bus/frame.js";
import { RedisBus } from "../../../src/bus/redis/redis_bus.js";
import { type PairOptions, PairPublisher, PairSubscription } from "../../../src/bus/routing/pair.js";
import { type Link, startProxy } from "../kit/proxy.js";
import { freePort, redisServer, type Server, startRedis, whyNoRedis } from "../kit/redis_server.js";

const quotes = topic({ name: "market_data.X", columns: { id: { dtype: "f64" } }, rows: 4, slots: 256, backpressure: "evict" });
const orders = topic({ ...quotes, name: "trade_execution", slots: 64, backpressure: "block" });
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe.skipIf(!redisServer)(redisServer ? "two servers" : `skipped: ${whyNoRedis}`, () => {
  const ends: (() => unknown)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await Promise.resolve(end()).catch(() => {});
  });

  async function pair(of: typeof quotes, options: PairOptions = {}) {
    const servers: Server[] = [];
    const proxies: Link[] = [];
    for (let i = 0; i < 2; i++) {
      const port = await freePort();
      servers.push(await startRedis(["--port", String(port)]));
      proxies.push(await startProxy(port));
      ends.push(
        () => servers[i]!.stop(),
        () => proxies[i]!.close(),
      );
    }
    const open = () =>
      proxies.map(({ port }) => new RedisBus({ url: `redis://127.0.0.1:${port}`, closeMs: 100 })) as unknown as [RedisBus, RedisBus];
    const [here, there] = [open(), open()];
    ends.push(() => Promise.allSettled([...here, ...there].map((bus) => bus.close())));
    const subscription = new PairSubscription(there, of);
    const publisher = new PairPublisher(here, of, options);
    await Promise.all([publisher.ready, subscription.ready]);
    await pause(20);
    const seen = { ids: [] as number[], gapMs: 0, sides: [0, 0] };
    void (async () => {
      let last = performance.now();
      for await (const { columns, from, rows, side } of subscription) {
        seen.ids.push(...columns.id.subarray(from, rows));
        seen.sides[side]!++;
        seen.gapMs = Math.max(seen.gapMs, performance.now() - last);
        last = performance.now();
      }
    })();
    /** A row every 2 ms or so; `at` happens in the middle. */
    const say = async (rows: number, at: () => unknown) => {
      for (let id = 0; id < rows; id++) {
        if (id === rows >> 1) await at();
        while (publisher.publish({ id: Float64Array.of(id) }) === 0) await publisher.room();
        await pause(2);
      }
      const until = performance.now() + 6000;
      while (seen.ids.length < rows && performance.now() < until) await pause(5);
      expect(seen.ids).toEqual(Array.from({ length: rows }, (_, i) => i));
      expect(subscription.lost).toBe(0);
    };
    return { servers, proxies, publisher, subscription, seen, say };
  }

  it.each(["SIGKILL", "SIGSTOP"] as const)("both: the first server is ended by %s and nothing is lost", async (signal) => {
    const { servers, say, subscription, seen } = await pair(quotes);
    await say(400, () => servers[0]!.process.kill(signal));
    expect(subscription.duplicates[0]! + subscription.duplicates[1]!).toBeGreaterThan(50);
    expect(seen.sides[1]).toBeGreaterThan(100);
  });

  it.each(["SIGKILL", "SIGSTOP"] as const)(
    "standby: the first server is ended by %s; the second gets what it had not acknowledged, and goes on",
    async (signal) => {
      const { servers, say, publisher, seen } = await pair(orders, { mode: "standby", overdueMs: 250 });
      await say(300, () => servers[0]!.process.kill(signal));
      expect(publisher.switches).toBeGreaterThan(0);
      expect(seen.sides[0]).toBeGreaterThan(10);
      expect(seen.sides[1]).toBeGreaterThan(10);
    },
  );

  it("standby: what the first server acknowledged and nobody had read is read from the second", async () => {
    const port = await freePort();
    const servers = [await startRedis(["--port", String(port)]), await startRedis()] as const;
    const slow = await startProxy(port);
    ends.push(...servers.map((server) => () => server.stop()), () => slow.close());
    const open = (first: string) => [first, servers[1].socket].map((url) => new RedisBus({ url, closeMs: 100 })) as [RedisBus, RedisBus];
    const [here, there] = [open(servers[0].socket), open(`redis://127.0.0.1:${slow.port}`)];
    ends.push(() => Promise.allSettled([...here, ...there].map((bus) => bus.close())));
    const subscription = new PairSubscription(there, orders);
    const publisher = new PairPublisher(here, orders, { mode: "standby", overdueMs: 30 });
    await Promise.all([publisher.ready, subscription.ready]);
    const ids: number[] = [];
    void (async () => {
      for await (const { columns, from, rows } of subscription) ids.push(...columns.id.subarray(from, rows));
    })();
    slow.silent = true;
    for (let id = 0; id < 20; id++) publisher.publish({ id: Float64Array.of(id) });
    await publisher.flushed();
    servers[0].process.kill("SIGKILL");
    slow.cut();
    publisher.publish({ id: Float64Array.of(20) });
    for (const end = performance.now() + 6000; ids.length < 21 && performance.now() < end; ) await pause(5);
    expect(ids).toEqual(Array.from({ length: 21 }, (_, i) => i));
    expect([subscription.lost, publisher.switches]).toEqual([0, 1]);
  });

  it("standby: a link that is broken is not waited for as one that is silent", async () => {
    const { servers, say, publisher } = await pair(orders, { mode: "standby", overdueMs: 60_000 });
    await say(100, () => servers[0]!.process.kill("SIGKILL"));
    expect(publisher.switches).toBe(1);
  });

  it("both: one link is slow, damages what it carries and is cut again and again, while the other server stands still for a while", async () => {
    const { servers, proxies, say } = await pair(quotes);
    proxies[0]!.corruptEvery = 40;
    proxies[0]!.delayMs = 3;
    const cutting = setInterval(() => proxies[0]!.cut(), 150);
    ends.push(() => clearInterval(cutting));
    await say(400, async () => {
      servers[1]!.process.kill("SIGSTOP");
      setTimeout(() => servers[1]!.process.kill("SIGCONT"), 200);
    });
  });

  it("an append-only file keeps what was acknowledged over SIGKILL", async () => {
    const server = await startRedis(["--appendonly", "yes", "--appendfsync", "always"]);
    ends.push(() => server.stop());
    const bus = new RedisBus({ url: server.socket });
    ends.push(() => bus.close());
    const publisher = bus.publisher(orders);
    for (let id = 0; id < 20; id++) publisher.publish({ id: Float64Array.of(id) });
    await publisher.flushed();
    server.process.kill("SIGKILL");
    await new Promise((resolve) => server.process.once("exit", resolve));
    await server.start();
    await bus.answers(8000);
    expect(server.cli("xlen", "{tickforge.trade_execution}:trade_execution:stream")).toBe("21");
  });
});
