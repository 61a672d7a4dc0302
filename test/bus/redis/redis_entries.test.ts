/** Entries that are damaged, or that somebody else wrote: told by name and id, counted, and passed over by everybody. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { topic } from "../../../src/bus/frame.js";
import { RedisBus, type RedisOptions } from "../../../src/bus/redis/redis_bus.js";
import { Hub } from "../../../src/bus/routing/hub.js";
import type { BusError } from "../../../src/core/contract/errors.js";
import { redisServer, type Server, startRedis, whyNoRedis } from "../kit/redis_server.js";

const flow = topic({ name: "flow", columns: { id: { dtype: "f64" }, symbol: { dtype: "u32" } }, rows: 2, slots: 8, backpressure: "block" });
const row = (id: number) => ({ id: Float64Array.of(id), symbol: Uint32Array.of(0) });
const stream = "{tickforge.flow}:flow:stream";
const facts = "{tickforge.flow}:flow:facts";
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
async function until(holds: () => boolean, ms = 8000): Promise<void> {
  for (const end = performance.now() + ms; !holds(); await pause(2))
    if (performance.now() > end) throw new Error(`not within ${ms} ms: ${holds}`);
}
const failure = (promise: Promise<unknown>): Promise<BusError> =>
  promise.then(
    () => Promise.reject(new Error("it did not fail")),
    (error: BusError) => error,
  );

describe.skipIf(!redisServer)(redisServer ? "entries on redis" : `skipped: ${whyNoRedis}`, () => {
  const buses: RedisBus[] = [];
  let server: Server;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterEach(async () => {
    await Promise.allSettled(buses.splice(0).map((bus) => bus.close()));
    for (const words of ["config set maxmemory 0", "replicaof no one", "flushall"]) server.cli(...words.split(" "));
  });
  afterAll(() => server.stop());
  const open = (options: RedisOptions = {}) => {
    const bus = new RedisBus({ url: server.socket, ...options });
    buses.push(bus);
    return bus;
  };
  const listen = async (options: object = {}) => {
    const told: BusError[] = [];
    // That the link is not there yet is no news.
    const bus = open({ onTrouble: (error) => error && error.code !== "E_BUS_REDIS_DOWN" && told.push(error) });
    const subscription = bus.subscribe(flow, options);
    await subscription.ready;
    const seen = { bus, subscription, told, ids: [] as number[], lost: 0 };
    void (async () => {
      for await (const { columns, rows, lost } of subscription) {
        seen.ids.push(...columns.id.subarray(0, rows));
        seen.lost += lost;
      }
    })().catch(() => {});
    return seen;
  };
  const say = async (publisher: ReturnType<RedisBus["publisher"]>, from: number, to: number) => {
    for (let id = from; id < to; id++) while (publisher.publish(row(id) as never) === 0) await publisher.room();
    await publisher.flushed();
  };
  /** Writes an entry again under its own id, changed. */
  const alter = (id: string, change: (fields: string[]) => void) => {
    const script = `local e = redis.call('XRANGE', KEYS[1], ARGV[1], ARGV[1])[1][2]
redis.call('DEL', KEYS[1]) ${"" /* only an empty stream takes an old id */}
for i = 2, #ARGV, 2 do e[tonumber(ARGV[i])] = ARGV[i + 1] end
redis.call('XADD', KEYS[1], ARGV[1], unpack(e))`;
    const edits: string[] = [];
    change(edits);
    server.cli("eval", script, "1", stream, id, ...edits.flatMap((value, i) => [String(i + 1), value]));
  };

  it("a damaged symbol field, or any other: told with the entry's id, its rows count as lost, and reading goes on", async () => {
    for (const [field, value] of [
      [5, "z"],
      [6, "[0,"],
      [6, '["x","A"]'],
      [4, "12"],
      [1, "l"],
    ] as const) {
      const publisher = open().publisher(flow);
      publisher.symbols.add("AAA");
      await say(publisher as never, 0, 1);
      alter("1-1", (edits) => {
        edits[field - 1] = value;
      });
      const from = open().subscribe(flow, { from: { id: "1-0", sequence: 0 } });
      await from.ready;
      const seen: number[][] = [];
      void (async () => {
        for await (const { columns, rows, lost } of from) seen.push([columns.id[rows - 1]!, lost]);
      })();
      await until(() => from.trouble !== undefined);
      expect(from.trouble!.code, `field ${field}`).toMatch(/^E_BUS_REDIS_(ENTRY|FOREIGN)$/);
      expect(from.trouble!.message).toContain("1-1");
      await say(publisher as never, 1, 3);
      await until(() => seen.length === 2);
      expect([seen, from.damaged + from.foreign, from.trouble]).toEqual([
        [
          [1, 1],
          [2, 0],
        ],
        1,
        undefined,
      ]);
      // Symbols of the entry that was lost are those of the server.
      expect(from.symbols.at(0)).toBe("AAA");
      await Promise.all(buses.splice(0).map((bus) => bus.close()));
      server.cli("flushall");
    }
  });

  it.each([
    ["any fields", ["*", "foo", "bar"]],
    ["a marker without its checksum", ["*", "e", "1"]],
    ["a batch without its checksum", ["*", "r", "x"]],
    ["a batch with a wrong one", ["*", "r", "x", "c2", "1"]],
    ["of an older version", ["*", "r", "x", "c", "1"]],
    ["under the next id", ["1-4", "foo", "bar"]],
    ["under the id after the next", ["1-5", "r", "bar", "k2", "7"]],
  ])("a foreign XADD (%s) is named, counted and removed; subscribers, groups, publishers and hubs go on", async (_what, words) => {
    const [plain, group] = [await listen(), await listen({ group: "g", claimAfterMs: 300 })];
    const hub = new Hub(open());
    const asked = hub.subscribe(flow);
    await asked.ready;
    const hubbed: number[] = [];
    void (async () => {
      for await (const { columns, rows } of asked) hubbed.push(...columns.id.subarray(0, rows));
    })().catch(() => {});
    const publisher = open().publisher(flow);
    await say(publisher as never, 0, 3);
    await until(() => plain.ids.length === 3 && group.ids.length === 3 && hubbed.length === 3);
    server.cli("xadd", stream, ...words);
    // Who meets it first removes it, so that not everybody need have seen it.
    await until(() => plain.told.length + group.told.length > 0);
    const [told] = [...plain.told, ...group.told];
    expect(told!.code).toMatch(/^E_BUS_REDIS_(FOREIGN|ENTRY)$/);
    expect(told!.message).toMatch(/\d+-\d+/);
    await say(publisher as never, 3, 40);
    await until(() => plain.ids.length === 40 && group.ids.length === 40 && hubbed.length === 40);
    expect([plain.ids, group.ids, hubbed, plain.lost]).toEqual([range(0, 40), range(0, 40), range(0, 40), 0]);
    expect((await plain.bus.look(flow)).foreign).toBe(1);
    await publisher.handOver();
    const next = open().publisher(flow, { takeover: true });
    server.cli("xadd", stream, ...(words[0] === "*" ? words : ["9-9", "a", "b"]));
    await say(next as never, 40, 50);
    await until(() => plain.ids.length === 50 && group.ids.length === 50);
    hub.close();
  });

  it.each([
    ["any fields", {}, ["foo", "bar"]],
    ["any fields, in a group", { group: "g", claimAfterMs: 300 }, ["foo", "bar"]],
    ["a batch by its fields", {}, ["r", "x", "c2", "1"]],
    ["a batch by its fields, in a group", { group: "g", claimAfterMs: 300 }, ["r", "x", "c2", "1"]],
  ])("a batch that takes the id of a foreign entry (%s) while that is told of is read", async (_what, options, fields) => {
    const publisher = open().publisher(flow);
    await say(publisher as never, 0, 5);
    const back = `redis.call('XDEL', KEYS[1], '1-4', '1-5') redis.call('XSETID', KEYS[1], '1-3')
redis.call('HSET', KEYS[2], 'ordinal', ARGV[1], 'sequence', ARGV[1])`;
    server.cli("eval", `redis.call('COPY', KEYS[1], 'kept') ${back}`, "2", stream, facts, "3");
    const { ids, subscription, bus, told } = await listen(options);
    // What its publisher does with the next batches, between the word about the entry and its removal.
    const written = `${back} redis.pcall('XGROUP', 'SETID', KEYS[1], 'g', '1-3')
for _, e in ipairs(redis.call('XRANGE', 'kept', '1-4', '+')) do redis.call('XADD', KEYS[1], e[1], unpack(e[2])) end`;
    const push = told.push.bind(told);
    told.push = (error) => {
      if (told.length === 0) server.cli("eval", written, "2", stream, facts, "5");
      return push(error);
    };
    server.cli("xadd", stream, "1-5", ...fields);
    await until(() => ids.length >= 2);
    expect([ids, subscription.stats().lost, told.length]).toEqual([[3, 4], 0, 1]);
    await until(() => subscription.stats().lag === 0);
    expect((await bus.look(flow)).subscribers.map(({ lag }) => lag)).toEqual([0]);
  });

  it("one that comes while batches are under way, or that somebody removes by hand: nothing is lost", async () => {
    const { ids, subscription } = await listen();
    const told: string[] = [];
    const publisher = open({ onTrouble: (error) => error && told.push(error.code) }).publisher(flow);
    await say(publisher as never, 0, 3);
    for (let id = 3; id < 200; id++) {
      while (publisher.publish(row(id)) === 0) await publisher.room();
      if (id % 40 === 5) server.cli("xadd", stream, "*", "foo", "bar");
      if (id % 40 === 25)
        server.cli("eval", "redis.call('XDEL', KEYS[1], redis.call('XADD', KEYS[1], '*', 'a', 'b')) return 1", "1", stream);
    }
    await publisher.close();
    await until(() => ids.length >= 200);
    expect([ids, subscription.stats().lost]).toEqual([range(0, 200), 0]);
  });

  it("entries of others before the topic was opened", async () => {
    server.cli("xadd", stream, "*", "foo", "bar");
    const { ids } = await listen();
    const publisher = open().publisher(flow);
    await say(publisher as never, 0, 3);
    await until(() => ids.length === 3);
  });

  it("a publisher that ends with an error says when it is closed what it had accepted and Redis does not have; so does its bus", async () => {
    const bus = open({ closeMs: 500 });
    const publisher = bus.publisher(flow);
    await publisher.ready;
    await publisher.flushed();
    server.cli("hset", facts, "epoch", "7");
    for (let i = 0; i < 8; i++) publisher.publish({ id: Float64Array.of(i, i), symbol: Uint32Array.of(0, 0) });
    const flushed = await failure(publisher.flushed());
    for (const one of [await failure(publisher.close()), await failure(bus.close())]) {
      expect(one.code).toBe(flushed.code);
      expect(one.message).toMatch(/topic 'flow': 16 rows \(8 batches\) that were accepted are not known to be stored/);
      expect(one.hint).toBeTruthy();
    }
  });

  it.each([
    ["a replica", ["replicaof", "127.0.0.1", "1"], "E_BUS_REDIS_READONLY", {}],
    ["no memory left", ["config", "set", "maxmemory", "1"], "E_BUS_REDIS_MEMORY", {}],
    [
      "a user who may not",
      ["acl", "setuser", "guest", "on", ">x", "~*", "+ping"],
      "E_BUS_REDIS_AUTH",
      { username: "guest", password: "x" },
    ],
    ["something else under the name of the stream", ["set", stream, "x"], "E_BUS_REDIS_TYPE", {}],
  ])("ready settles by name: %s", async (_what, words, code, options) => {
    server.cli(...words);
    const bus = open({ readyMs: 200, closeMs: 300, ...options });
    const publisher = bus.publisher(flow);
    const subscription = bus.subscribe(flow);
    for (const { ready } of [publisher, subscription]) {
      const error = await failure(ready);
      expect([error.code, error.hint !== undefined]).toEqual([code, true]);
    }
    expect(bus.trouble?.code).toBe(code);
  });

  it("a replica that becomes the master lets in who went on trying, with what was accepted", async () => {
    server.cli("replicaof", "127.0.0.1", "1");
    const publisher = open({ readyMs: 50 }).publisher(flow);
    publisher.publish(row(0));
    expect((await failure(publisher.ready)).code).toBe("E_BUS_REDIS_READONLY");
    server.cli("replicaof", "no", "one");
    await publisher.flushed();
    expect(server.cli("xlen", stream)).toBe("2");
  });
});
