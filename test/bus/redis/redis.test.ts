import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { topic } from "../../../src/bus/frame.js";
import { RedisBus, type RedisOptions } from "../../../src/bus/redis/redis_bus.js";
import { RedisClient } from "../../../src/bus/redis/redis_client.js";
import { BusError } from "../../../src/core/contract/errors.js";
import { startProxy } from "../kit/proxy.js";
import { numbers, startOn } from "../kit/redis_process.js";
import { certificates, freePort, redisServer, type Server, startRedis, whyNoRedis } from "../kit/redis_server.js";

const flow = topic({ name: "flow", columns: { id: { dtype: "f64" }, symbol: { dtype: "u32" } }, rows: 2, slots: 8, backpressure: "block" });
const row = (id: number) => ({ id: Float64Array.of(id), symbol: Uint32Array.of(0) });
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
async function until(holds: () => boolean, ms = 8000): Promise<void> {
  for (const end = performance.now() + ms; !holds(); await pause(2))
    if (performance.now() > end) throw new Error(`not within ${ms} ms: ${holds}`);
}
async function failure(promise: Promise<unknown>): Promise<BusError> {
  try {
    await promise;
  } catch (error) {
    expect(error).toBeInstanceOf(BusError);
    expect((error as BusError).hint).toBeTruthy();
    return error as BusError;
  }
  throw new Error("it did not fail");
}

describe.skipIf(!redisServer)(redisServer ? "redis" : `skipped: ${whyNoRedis}`, () => {
  const buses: RedisBus[] = [];
  const servers: Server[] = [];
  let server: Server;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterEach(async () => {
    await Promise.allSettled(buses.splice(0).map((bus) => bus.close()));
    await Promise.all(servers.splice(0).map((one) => one.stop()));
    server.cli("flushall");
  });
  afterAll(() => server.stop());
  const open = (options: RedisOptions = {}) => {
    const bus = new RedisBus({ url: server.socket, ...options });
    buses.push(bus);
    return bus;
  };
  const start = async (args: readonly string[]) => {
    const one = await startRedis(args);
    servers.push(one);
    return one;
  };
  /** What a subscriber gets, in the order in which it comes, read in the background. */
  const listen = async (bus: RedisBus, options: object = {}) => {
    const subscription = bus.subscribe(flow, options);
    await subscription.ready;
    const ids: number[] = [];
    const lost: number[] = [];
    void (async () => {
      for await (const { columns, rows, lost: missed } of subscription) {
        ids.push(...columns.id.subarray(0, rows));
        if (missed > 0) lost.push(missed);
      }
    })().catch(() => {});
    return { subscription, ids, lost };
  };
  const say = async (publisher: ReturnType<RedisBus["publisher"]>, from: number, to: number) => {
    for (let id = from; id < to; id++) while (publisher.publish(row(id) as never) === 0) await publisher.room();
  };

  it("between two buses: rows, symbols known before and added since, the end; a symbol comes no later than its rows", async () => {
    const [here, there] = [open(), open()];
    const { subscription, ids } = await listen(there);
    const publisher = here.publisher(flow);
    publisher.symbols.add("AAA");
    await say(publisher as never, 0, 3);
    await until(() => ids.length === 3);
    expect(subscription.symbols.find("AAA")).toBe(0);
    const late = open().subscribe(flow);
    await late.ready;
    expect([late.symbols.size, late.symbols.at(0)]).toEqual([1, "AAA"]);
    publisher.symbols.add("BBB");
    publisher.symbols.add("naïve \u{1F600}");
    await say(publisher as never, 3, 4);
    await until(() => ids.length === 4);
    expect(subscription.symbols.at(2)).toBe("naïve \u{1F600}");
    await publisher.close();
    await until(() => subscription.ended);
    expect(ids).toEqual([0, 1, 2, 3]);
    const next = open().publisher(flow);
    await next.ready;
    expect([next.symbols.add("BBB"), next.symbols.add("CCC"), next.published]).toEqual([1, 3, 4]);
  });

  it("a topic has one layout, one publisher and no more, whichever process asks; takeover fences the old one", async () => {
    const [here, there] = [open(), open()];
    const { ids } = await listen(open());
    const first = here.publisher(flow);
    await first.ready;
    await say(first as never, 0, 2);
    expect((await failure(there.publisher(flow).ready)).code).toBe("E_BUS_PUBLISHER");
    const other = open().subscribe({ ...flow, rows: 4 });
    const refused = await failure(other.ready);
    expect([refused.code, /2 rows a slot of id f64, symbol u32/.test(refused.message)]).toEqual(["E_BUS_LAYOUT", true]);
    expect(() => other.poll(() => {})).toThrow(refused.message);
    await first.flushed();
    const second = there.publisher(flow, { takeover: true });
    await second.ready;
    await say(second as never, 2, 4);
    first.publish(row(99));
    await until(() => ids.length === 4);
    expect(
      (
        await failure(
          (async () => {
            for (;;) {
              first.publish(row(98));
              await pause(1);
            }
          })(),
        )
      ).code,
    ).toBe("E_BUS_FENCED");
    await pause(20);
    expect(ids).toEqual([0, 1, 2, 3]);
  });

  it("a publisher that was not heard of for a while is replaced without takeover, and numbers go on", async () => {
    let done = false;
    const { ids, lost } = await (async () => {
      const subscription = open().subscribe(numbers);
      await subscription.ready;
      const seen = { ids: [] as number[], lost: 0 };
      void (async () => {
        for await (const batch of subscription) {
          seen.ids.push(...batch.columns.id.subarray(0, batch.rows));
          seen.lost += batch.lost;
        }
      })();
      return seen as never as { ids: number[]; lost: number };
    })();
    const child = startOn({ role: "publish", url: server.socket, rows: 40 }, (message) => (done = message === "done"));
    await until(() => done);
    child.kill("SIGKILL");
    await until(() => ids.length === 40);
    const bus = open();
    for (;;) {
      const next = bus.publisher(numbers, { staleMs: 700 });
      try {
        await next.ready;
        next.publish({ id: Float64Array.of(40) });
        break;
      } catch (error) {
        expect((error as BusError).code).toBe("E_BUS_PUBLISHER");
        await pause(50);
      }
    }
    await until(() => ids.length === 41);
    expect([ids, lost]).toEqual([range(0, 41), 0]);
  });

  it("the publisher waits for a subscriber of another process, and no longer once that was killed", async () => {
    const bus = open({ deadMs: 600 });
    let ready = false;
    const child = startOn({ role: "consume", url: server.socket, works: 100_000 }, (message) => (ready ||= message === "ready"));
    await until(() => ready);
    const publisher = bus.publisher(numbers);
    let taken = 0;
    for (let i = 0; i < 60; i++) {
      taken += publisher.publish({ id: Float64Array.of(i) });
      await pause(2);
    }
    expect(taken).toBe(16);
    expect((await bus.look(numbers)).subscribers.map(({ lag }) => lag)).toEqual([16]);
    child.kill("SIGKILL");
    await publisher.room();
    expect((await bus.look(numbers)).subscribers).toEqual([]);
  });

  it("a group shares the batches; what a member that was killed had not finished comes to the others", async () => {
    const rows = 300;
    const read: number[][] = [[], [], []];
    const bus = open();
    let ready = 0;
    let done = 0;
    const members = read.map((into, i) =>
      startOn({ role: "consume", url: server.socket, group: "g", works: i === 0 ? 30 : 1 }, (message) => {
        if (message === "ready") ready++;
        else if (message === "done") done++;
        else into.push(...message);
      }),
    );
    await until(() => ready === 3);
    const publisher = bus.publisher(numbers);
    for (let i = 0; i < rows; i++) {
      while (publisher.publish({ id: Float64Array.of(i) }) === 0) await publisher.room();
      if (i === 60) members[0]!.kill("SIGKILL");
    }
    await publisher.close();
    await until(() => done === 2);
    const all = read.flat();
    expect([...new Set(all)].sort((a, b) => a - b)).toEqual(range(0, rows));
    // At least once: one batch may have been read and not yet acknowledged when its member was killed.
    expect(all.length).toBeLessThan(rows + 5);
    expect(read.slice(1).every((one) => one.length > 0)).toBe(true);
    expect((await bus.look(numbers)).subscribers).toEqual([{ name: "g", group: true, lag: 0 }]);
    await bus.dropGroup(numbers, "g");
    expect((await bus.look(numbers)).subscribers).toEqual([]);
  });

  it("batches that may not be written are not, all of their transaction: after a gap, again, of an older epoch; what may be is", async () => {
    const { ids } = await listen(open());
    const publisher = open().publisher(flow);
    await say(publisher as never, 0, 3);
    await publisher.flushed();
    const link = new RedisClient({ url: server.socket }, false);
    await link.again(1000);
    const keys = ["stream", "facts", "places", "beats", "symbols"].map((what) => `{tickforge.flow}:flow:${what}`);
    const append = async (epoch: number, ordinal: number, count: number) => {
      const entries = Array.from({ length: count }, (_, i) => [`${epoch}-${ordinal + i + 1}`, "r", Buffer.of(1), "c", "0"]);
      const [said, ...written] = await link.append(keys, [epoch, ordinal, count, 99, "", 0], entries);
      expect(written.every((id) => id instanceof Error)).toBe(true);
      return (said as number[]).slice(0, 3);
    };
    const kept = () => server.cli("xlen", keys[0]!);
    expect(await append(1, 4, 2)).toEqual([-2, 0, 3]);
    expect(await append(1, 2, 3)).toEqual([1, -1, 3]);
    expect(await append(0, 3, 1)).toEqual([-3, 0, 0]);
    expect(kept()).toBe("4");
    await say(publisher as never, 3, 5);
    await publisher.flushed();
    server.cli("del", keys[0]!);
    expect(await append(1, 7, 1)).toEqual([-2, 0, 5]);
    expect(await append(0, 5, 1)).toEqual([-3, 0, 0]);
    expect(kept()).toBe("0");
    await say(publisher as never, 5, 8);
    await publisher.flushed();
    server.cli("del", keys[1]!);
    expect(await append(1, 8, 1)).toEqual([-4, 0, 0]);
    await until(() => ids.length === 8);
    expect(ids).toEqual(range(0, 8));
    link.close();
  });

  describe("bad days", () => {
    it("absent: it says so, and what was accepted arrives once it is there", async () => {
      const port = await freePort();
      const heard: (string | undefined)[] = [];
      const bus = open({ url: `redis://127.0.0.1:${port}`, onTrouble: (error) => heard.push(error?.code) });
      const error = await failure(bus.answers(300));
      expect([error.code, bus.trouble?.code]).toEqual(["E_BUS_REDIS_DOWN", "E_BUS_REDIS_DOWN"]);
      expect(error.message).toMatch(/ECONNREFUSED/);
      const publisher = bus.publisher(flow);
      for (let id = 0; id < 8; id++) expect(publisher.publish(row(id))).toBe(1);
      expect(publisher.publish(row(8))).toBe(0);
      const late = await start(["--port", String(port)]);
      await publisher.flushed();
      expect(late.cli("xlen", "{tickforge.flow}:flow:stream")).toBe("9");
      expect(bus.trouble).toBeUndefined();
      expect(heard.at(-1)).toBeUndefined();
    });

    it("a publisher that is closed before the link is there waits for it, and leaves the topic ended", async () => {
      const port = await freePort();
      const publisher = open({ url: `redis://127.0.0.1:${port}` }).publisher(flow);
      publisher.publish(row(0));
      await pause(50);
      const closing = publisher.close();
      const late = await start(["--port", String(port)]);
      await closing;
      expect(late.cli("hget", "{tickforge.flow}:flow:facts", "ended")).toBe("1");
    });

    it("a bus that is closed while its server stands still ends: nothing keeps the process", async () => {
      const one = await start([]);
      const child = startOn({ role: "publish", url: one.socket, rows: 0, leaves: true }, (message) => {
        if (message === "done") one.process.kill("SIGSTOP");
      });
      setTimeout(() => child.kill("SIGKILL"), 8000).unref();
      const code = await new Promise((resolve) => child.once("exit", resolve));
      expect(code).toBe(0);
    });

    it.each([
      ["out of memory", "E_BUS_REDIS_MEMORY", ["config", "set", "maxmemory", "1"], ["config", "set", "maxmemory", "0"]],
      ["read-only", "E_BUS_REDIS_READONLY", ["replicaof", "127.0.0.1", "1"], ["replicaof", "no", "one"]],
    ])("%s: it says so, and nothing accepted is lost or out of order", async (_what, code, begin, end) => {
      const one = await start([]);
      const bus = open({ url: one.socket });
      const { ids, lost } = await listen(open({ url: one.socket }));
      const publisher = bus.publisher(flow);
      await say(publisher as never, 0, 20);
      await publisher.flushed();
      await publisher.room(); // what Redis has, the subscriber need not have read yet
      one.cli(...begin);
      let next = 20;
      while (publisher.publish(row(next))) next++;
      expect(next).toBeGreaterThan(20);
      await until(() => bus.trouble?.code === code);
      one.cli(...end);
      await say(publisher as never, next, 60);
      await publisher.close();
      await until(() => ids.length === 60);
      expect([ids, lost]).toEqual([range(0, 60), []]);
    });

    it("stopped: it says so, and everything arrives when it goes on; killed and started again without its data, too", async () => {
      const port = await freePort();
      const one = await start(["--port", String(port)]);
      const bus = open({ url: `redis://127.0.0.1:${port}` });
      const { ids, lost } = await listen(open({ url: `redis://127.0.0.1:${port}` }));
      const publisher = bus.publisher(flow);
      await say(publisher as never, 0, 30);
      await publisher.room();
      one.process.kill("SIGSTOP");
      let next = 30;
      while (publisher.publish(row(next))) next++;
      expect(next).toBeGreaterThan(30);
      await until(() => bus.trouble !== undefined);
      expect(bus.trouble?.code).toBe("E_BUS_REDIS_DOWN");
      one.process.kill("SIGCONT");
      await until(() => ids.length === next);
      one.process.kill("SIGKILL");
      await until(() => bus.trouble !== undefined);
      while (publisher.publish(row(next))) next++;
      await one.start();
      await say(publisher as never, next, 60);
      await publisher.close();
      await until(() => ids.at(-1) === 59);
      // All came: what Redis had lost still lay in the publisher's slots, or had been read.
      expect([ids, lost]).toEqual([range(0, 60), []]);
    });

    it("killed after batches were read whose answers were lost: they come no second time when they are sent again", async () => {
      const port = await freePort();
      const one = await start(["--port", String(port)]);
      const proxy = await startProxy(port);
      const { ids, lost } = await listen(open({ url: `redis://127.0.0.1:${port}` }));
      const publisher = open({ url: `redis://127.0.0.1:${proxy.port}` }).publisher(flow);
      await say(publisher as never, 0, 5);
      await publisher.flushed();
      proxy.loseAnswers = 1;
      await say(publisher as never, 5, 8);
      await until(() => ids.length === 8);
      one.process.kill("SIGKILL");
      await new Promise((resolve) => one.process.once("exit", resolve));
      proxy.loseAnswers = 0;
      await one.start();
      await say(publisher as never, 8, 12);
      await publisher.close();
      await until(() => ids.at(-1) === 11);
      expect([ids, lost]).toEqual([range(0, 12), []]);
      await proxy.close();
    });

    it("killed for good: a publisher that has given up says so, and sends nothing any more", async () => {
      const port = await freePort();
      const one = await start(["--port", String(port)]);
      const bus = open({ url: `redis://127.0.0.1:${port}`, closeMs: 150 });
      const publisher = bus.publisher(flow);
      await say(publisher as never, 0, 5);
      await publisher.flushed();
      one.process.kill("SIGKILL");
      publisher.publish(row(5));
      await expect(publisher.close()).rejects.toThrow(/Redis cannot be reached/);
      await one.start();
      await bus.answers();
      await pause(500);
      expect(one.cli("exists", "{tickforge.flow}:flow:stream")).toBe("0");
    });

    it("failed over to a replica that is behind: the publisher sends again what its slots still hold", async () => {
      const [a, b] = [await freePort(), await freePort()];
      const master = await start(["--port", String(a)]);
      const replica = await start(["--port", String(b), "--replicaof", "127.0.0.1", String(a), "--repl-diskless-sync-delay", "0"]);
      const proxy = await startProxy(a);
      const url = `redis://127.0.0.1:${proxy.port}`;
      const bus = open({ url });
      const { ids, lost } = await listen(open({ url }));
      const publisher = bus.publisher(flow);
      await say(publisher as never, 0, 20);
      await publisher.flushed();
      await until(() => replica.cli("xlen", "{tickforge.flow}:flow:stream") === master.cli("xlen", "{tickforge.flow}:flow:stream"));
      replica.cli("replicaof", "no", "one");
      await say(publisher as never, 20, 25);
      await publisher.flushed();
      await until(() => ids.length === 25);
      proxy.target = b;
      master.process.kill("SIGKILL");
      proxy.cut();
      await say(publisher as never, 25, 50);
      await publisher.close();
      await until(() => ids.length === 50);
      expect([ids, lost]).toEqual([range(0, 50), []]);
      await proxy.close();
    });

    it("answers to the publisher are damaged on their way: what Redis has is neither lost nor written twice", async () => {
      const port = await freePort();
      const server = await start(["--port", String(port)]);
      const proxy = await startProxy(port);
      const { ids, lost } = await listen(open({ url: server.socket }));
      const troubles: string[] = [];
      const bus = open({ url: `redis://127.0.0.1:${proxy.port}`, onTrouble: (error) => error && troubles.push(error.code) });
      const publisher = bus.publisher(flow);
      await say(publisher as never, 0, 5);
      await publisher.flushed();
      proxy.corruptAnswers = 5;
      // A damaged length is a second without answers now and then.
      for (let id = 5; id < 400; id++) while (publisher.publish(row(id)) === 0) await publisher.room().catch(() => pause(5));
      proxy.corruptAnswers = 0;
      await publisher.close();
      await until(() => ids.length === 400);
      expect([ids, lost]).toEqual([range(0, 400), []]);
      expect(troubles).toContain("E_BUS_REDIS_ANSWER");
      await proxy.close();
    });

    it("answers are lost after the server has done what was asked, and transactions come to it twice: each row is there once", async () => {
      const port = await freePort();
      const server = await start(["--port", String(port)]);
      const proxy = await startProxy(port);
      const { ids, lost } = await listen(open({ url: server.socket }));
      const publisher = open({ url: `redis://127.0.0.1:${proxy.port}` }).publisher(flow);
      await say(publisher as never, 0, 5);
      await publisher.flushed();
      Object.assign(proxy, { loseAnswers: 7, repeat: 2 });
      for (let id = 5; id < 300; id++) while (publisher.publish(row(id)) === 0) await publisher.room().catch(() => pause(5));
      await publisher.flushed();
      Object.assign(proxy, { loseAnswers: 0, repeat: 0 });
      await pause(20);
      await publisher.close();
      await until(() => ids.length >= 300);
      expect([ids, lost]).toEqual([range(0, 300), []]);
      expect(server.cli("hget", "{tickforge.flow}:flow:facts", "ordinal")).toBe("300");
      expect([proxy.done.lost > 3, proxy.done.repeated > 10]).toEqual([true, true]);
      await proxy.close();
    });

    it("loading: it says so", async () => {
      const one = await start([]);
      one.cli("eval", "for i = 1, 3000 do redis.call('SET', i, i) end", "0");
      one.cli("save");
      one.process.kill("SIGKILL");
      await until(() => one.process.signalCode !== null);
      const slow = spawn(
        redisServer!,
        [
          "--port",
          "0",
          "--unixsocket",
          `${one.folder}/slow`,
          "--dir",
          one.folder,
          "--key-load-delay",
          "300",
          "--loading-process-events-interval-bytes",
          "1024",
        ],
        { stdio: "ignore" },
      );
      const bus = open({ url: `${one.folder}/slow` });
      const codes = new Set<string>();
      for (let tries = 0; tries < 1000 && !codes.has("E_BUS_REDIS_LOADING"); tries++) {
        await bus.answers(0).catch(({ code }: BusError) => codes.add(code));
        await pause(2);
      }
      expect([...codes]).toContain("E_BUS_REDIS_LOADING");
      await bus.answers(8000);
      slow.kill("SIGKILL");
    });

    it("the stream is deleted under everybody: both sides go on, and so does a group", async () => {
      const { ids } = await listen(open());
      const group = await listen(open(), { group: "g", claimAfterMs: 200 });
      const publisher = open().publisher(flow);
      await say(publisher as never, 0, 10);
      await until(() => ids.length === 10 && group.ids.length === 10);
      server.cli("del", "{tickforge.flow}:flow:stream");
      await say(publisher as never, 10, 20);
      await until(() => ids.length === 20 && group.ids.length === 20);
      server.cli("flushall");
      await say(publisher as never, 20, 40);
      await until(() => ids.at(-1) === 39);
      expect(ids).toEqual(range(0, 40));
      expect(group.ids.slice(0, 20)).toEqual(range(0, 20));
    });

    it("a key that holds something else", async () => {
      server.cli("set", "{tickforge.flow}:flow:facts", "x");
      expect((await failure(open().publisher(flow).ready)).code).toBe("E_BUS_REDIS_TYPE");
    });

    it("a password: refused where it is wrong or missing, let in where it is right", async () => {
      const one = await start(["--requirepass", "secret"]);
      for (const options of [{}, { password: "wrong" }])
        expect((await failure(open({ url: one.socket, ...options }).answers())).code).toBe("E_BUS_REDIS_AUTH");
      await open({ url: one.socket, password: "secret" }).answers();
    });

    it("TLS: refused where the certificate is not trusted or bears another name, and rows come through it where it is", async () => {
      const { ca, cert, key } = certificates(server.folder);
      const port = await freePort();
      await start([
        "--port",
        "0",
        "--tls-port",
        String(port),
        "--tls-cert-file",
        cert,
        "--tls-key-file",
        key,
        "--tls-ca-cert-file",
        ca,
        "--tls-auth-clients",
        "no",
        "--requirepass",
        "secret",
      ]);
      const url = `rediss://localhost:${port}`;
      expect((await failure(open({ url, password: "secret" }).answers())).code).toBe("E_BUS_REDIS_TLS");
      const trusted = { ca: readFileSync(ca) };
      expect(
        (
          await failure(
            open({ url: `rediss://127.0.0.1:${port}`, password: "secret", tls: { ...trusted, servername: "elsewhere" } }).answers(),
          )
        ).code,
      ).toBe("E_BUS_REDIS_TLS");
      const bus = open({ url, password: "secret", tls: trusted });
      const { ids } = await listen(open({ url, password: "secret", tls: trusted }));
      const publisher = bus.publisher(flow);
      await say(publisher as never, 0, 20);
      await until(() => ids.length === 20);
    });
  });
});
