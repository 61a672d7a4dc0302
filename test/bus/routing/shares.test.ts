import type { ChildProcess } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RedisBus } from "../../../src/bus/redis/redis_bus.js";
import { Share, shardOf, shardTopic } from "../../../src/bus/routing/shares.js";
import type { BusError } from "../../../src/core/contract/errors.js";
import { redisServer, type Server, startRedis, whyNoRedis } from "../kit/redis_server.js";
import { fills, SHARDS, startMember, sums } from "../kit/share_process.js";

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

it("keys are spread over shards, the same way everywhere", () => {
  expect(["BTCUSDT", "ETHUSDT", ""].map((key) => shardOf(key, 1000))).toEqual([564, 128, 261]);
  const counts = new Array(8).fill(0);
  for (let i = 0; i < 8000; i++) counts[shardOf(`SYMBOL${i}`, 8)]++;
  expect(Math.min(...counts)).toBeGreaterThan(800);
});

describe.skipIf(!redisServer)(redisServer ? "shares" : `skipped: ${whyNoRedis}`, () => {
  let server: Server;
  const members = new Map<ChildProcess, number[]>();
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(async () => {
    for (const child of members.keys()) child.kill("SIGKILL");
    await server.stop();
  });
  const join = () => {
    const child = startMember(server.socket);
    members.set(child, []);
    child.on("message", (working: number[]) => members.has(child) && members.set(child, working));
    return child;
  };
  const settled = async (counts: number[]) => {
    const now = () => [...members.values()].map((working) => working.length).sort();
    for (let i = 0; i < 2000 && String(now()) !== String(counts); i++) await pause(5);
    expect(now()).toEqual(counts);
    expect([...members.values()].flat().sort()).toEqual(Array.from({ length: SHARDS }, (_, shard) => shard));
  };

  it("more rows than a slot of results holds are refused by name, and none of them is published", async () => {
    const bus = new RedisBus({ url: server.socket, namespace: "wide" });
    const heard: unknown[] = [];
    const [input, output] = [fills, sums].map((of) => shardTopic(of as typeof fills, 0));
    const publisher = bus.publisher(input!);
    publisher.publish({ key: Uint32Array.of(1), size: Float64Array.of(1) });
    await publisher.flushed();
    const share = new Share(bus, {
      ...{ group: "wide", shards: 1, input: fills, output: sums, leaseMs: 400 },
      work: () => ({
        take: () => ({ key: new Uint32Array(5), sum: new Float64Array(5), count: new Float64Array(5) }),
        save: () => "",
      }),
      onError: (error) => heard.push(error),
    });
    for (let i = 0; i < 1000 && heard.length === 0; i++) await pause(5);
    expect([(heard[0] as BusError).code, (heard[0] as Error).message]).toEqual([
      "E_BUS_ROWS",
      "topic 'sums.0': work.take returned 5 rows, expected at most 4, those of a slot",
    ]);
    expect((await bus.look(output!)).batches).toBe(0);
    await share.close();
    await bus.close();
  });

  it("a member that leaves while it has only begun with its shards does so, though no row ever comes", async () => {
    const [hasty, next] = [
      new RedisBus({ url: server.socket, namespace: "hasty" }),
      new RedisBus({ url: server.socket, namespace: "hasty" }),
    ];
    const given = { group: "hasty", shards: SHARDS, input: fills, output: sums, leaseMs: 60_000 };
    const work = () => ({ take: () => undefined, save: () => "" });
    await Promise.all([hasty.answers(), next.answers()]);
    const first = new Share(hasty, { ...given, work });
    while (first.working.length === 0) await new Promise((resolve) => setImmediate(resolve));
    const left = await Promise.race([first.close().then(() => "left"), pause(10_000).then(() => "still there")]);
    const second = new Share(next, { ...given, work });
    for (let i = 0; i < 2000 && second.working.length < SHARDS; i++) await pause(5);
    expect([left, second.working.length]).toEqual(["left", SHARDS]);
    await second.close();
    await Promise.all([hasty.close(), next.close()]);
  });

  it("one joins, one is killed, one is stopped and wakes up, one leaves: each row is in the results once, with the sums of its key unbroken", async () => {
    const bus = new RedisBus({ url: server.socket });
    const results: { key: number; sum: number; count: number }[] = [];
    let lost = 0;
    const shards = Array.from({ length: SHARDS }, (_, shard) => shard);
    for (const shard of shards) {
      const subscription = bus.subscribe(shardTopic(sums, shard));
      await subscription.ready;
      void (async () => {
        for await (const { columns, rows, lost: missed } of subscription) {
          lost += missed;
          for (let i = 0; i < rows; i++) results.push({ key: columns.key[i]!, sum: columns.sum[i]!, count: columns.count[i]! });
        }
      })();
    }
    const [first, second] = [join(), join()];
    await settled([3, 3]);
    const publishers = shards.map((shard) => bus.publisher(shardTopic(fills, shard)));
    const keys = 24;
    let sent = 0;
    const say = async (rows: number) => {
      for (const end = sent + rows; sent < end; sent++) {
        const key = sent % keys;
        const publisher = publishers[key % SHARDS]!;
        while (publisher.publish({ key: Uint32Array.of(key), size: Float64Array.of(sent) }) === 0) await publisher.room();
        if (sent % 10 === 0) await pause(1);
      }
    };
    await say(600);
    const third = join();
    await settled([2, 2, 2]);
    await say(600);
    second.kill("SIGKILL");
    members.delete(second);
    await say(600);
    await settled([3, 3]);
    third.kill("SIGSTOP");
    members.delete(third);
    await say(600);
    await settled([6]);
    third.kill("SIGCONT");
    members.set(third, []);
    await say(600);
    await settled([3, 3]);
    first.send("leave");
    members.delete(first);
    await settled([6]);
    await say(600);
    for (let i = 0; i < 3000 && results.length < sent; i++) await pause(5);
    expect([results.length, lost]).toEqual([sent, 0]);
    for (let key = 0; key < keys; key++) {
      const mine = results.filter((one) => one.key === key);
      let sum = 0;
      const want = mine.map((_, i) => ({ key, sum: (sum += key + i * keys), count: i + 1 }));
      expect(mine).toEqual(want);
    }
    await bus.close();
  });
});
