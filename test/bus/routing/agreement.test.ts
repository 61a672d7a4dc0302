/** A bus is used with one topology, by all threads, processes and machines that use it. */
import { copyFileSync, readdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Bus } from "../../../src/bus/bus.js";
import { MemoryBus } from "../../../src/bus/memory_bus.js";
import { RedisBus } from "../../../src/bus/redis/redis_bus.js";
import type { RedisPublisher } from "../../../src/bus/redis/redis_publisher.js";
import { RingBus } from "../../../src/bus/ring/ring.js";
import { messageTopic, TopologyBus, type TopologyName } from "../../../src/bus/routing/topology.js";
import { SharedBus } from "../../../src/bus/shared/shared_bus.js";
import type { BusError } from "../../../src/core/contract/errors.js";
import { sharedFolder } from "../kit/folder.js";
import { redisServer, type Server, startRedis, whyNoRedis } from "../kit/redis_server.js";

const on = (topology: TopologyName, bus: Bus) => new TopologyBus(topology, { main: bus, market: bus, engine: bus, compute: bus });
const wrong = (used: string, here: string) => ({
  code: "E_BUS_TOPOLOGY",
  message: expect.stringMatching(
    new RegExp(`^bus '\\w+' is used with topology ${used}, not with ${here}: .*toxicity \\(\\w+, \\w+ here\\)`),
  ),
  hint: expect.stringContaining("Use one topology on all sides"),
});
function errorOf(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return error;
  }
}

const place = sharedFolder();
afterAll(() => place.remove());
/** What two sides of one bus have: the same object, its memory in another thread, its folder. */
const sides: Record<string, () => [Bus, () => Bus]> = {
  memory() {
    const bus = new MemoryBus();
    return [bus, () => bus];
  },
  ring() {
    const bus = new RingBus();
    return [bus, () => new RingBus().attach(bus.memories())];
  },
  shared: () => [new SharedBus({ folder: place.folder }), () => new SharedBus({ folder: place.folder })],
};

describe.each(Object.keys(sides))("%s", (name) => {
  it("the first topology on a bus is that of all others", async () => {
    const [bus, other] = sides[name]!();
    const first = on("triple", bus);
    const there = other();
    expect(errorOf(() => on("dual", there))).toMatchObject(wrong("triple", "dual"));
    expect(errorOf(() => on("single", there))).toMatchObject(wrong("triple", "single"));
    // Whoever was refused has not changed it, and the same one is welcome, again and again.
    const [second, third] = [on("triple", there), on("triple", other())];
    await Promise.all([first.close(), second.close(), third.close()]);
  });
});

it("shared: a folder that nobody uses, or that was left behind, takes another topology, and lists none", async () => {
  const { folder } = place;
  const bus = new SharedBus({ folder });
  const dual = on("dual", bus);
  bus.ring(messageTopic("risk", { rows: 2 }));
  expect(bus.names()).toEqual(["risk"]);
  copyFileSync(join(folder, "topology"), join(folder, "kept"));
  await dual.close();
  renameSync(join(folder, "kept"), join(folder, "topology")); // as a process leaves it that was killed
  const triple = on("triple", new SharedBus({ folder }));
  expect(errorOf(() => on("dual", new SharedBus({ folder })))).toMatchObject(wrong("triple", "dual"));
  await triple.close();
  expect(readdirSync(folder)).toEqual([]);
});

it("ring: a topology is not among the topics that another thread is given, but goes with them", () => {
  const bus = new RingBus();
  bus.ring(messageTopic("risk", { rows: 2 }));
  on("dual", bus);
  expect(bus.memories().length).toBe(2);
  expect(bus.memories()[1]!.byteLength).toBeLessThan(4096);
  bus.close();
});

describe.skipIf(!redisServer)(redisServer ? "redis" : `skipped: ${whyNoRedis}`, () => {
  let server: Server;
  const opened: RedisBus[] = [];
  const open = () => {
    const bus = new RedisBus({ url: server.socket, closeMs: 200 });
    opened.push(bus);
    return bus;
  };
  beforeAll(async () => {
    server = await startRedis();
  });
  afterEach(() => Promise.allSettled(opened.splice(0).map((bus) => bus.close())));
  afterAll(() => server?.stop());
  const of = messageTopic("toxicity", { rows: 2 });

  it("a publisher and a subscription of another topology are refused by the server's, and their calls fail", async () => {
    const first = on("triple", open());
    await (first.publisher(of) as unknown as RedisPublisher).ready;
    const second = on("dual", open());
    const [publisher, subscription] = [second.publisher(of) as unknown as RedisPublisher, second.subscribe(of)];
    await expect(publisher.ready).rejects.toMatchObject(wrong("triple", "dual"));
    await expect(subscription.ready).rejects.toMatchObject(wrong("triple", "dual"));
    expect(errorOf(() => publisher.claim())).toMatchObject(wrong("triple", "dual"));
    expect(errorOf(() => subscription.poll(() => {}))).toMatchObject(wrong("triple", "dual"));
    // One that needs no topology, and one more of the same, are welcome.
    await open().subscribe(of).ready;
    await on("triple", open()).subscribe(of).ready;
  });

  it("of two at one time one is refused; and within one process at once", async () => {
    server.cli("flushall");
    const two = (["dual", "triple"] as const).map((name) => on(name, open()).subscribe(of).ready);
    const ends = await Promise.allSettled(two);
    expect(ends.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    const bus = open();
    on("dual", bus);
    expect(errorOf(() => on("single", bus))).toMatchObject(wrong("dual", "single"));
  });

  it("the hint says how to use the server with another one", async () => {
    server.cli("flushall");
    await on("dual", open()).subscribe(of).ready;
    const error = (await on("triple", open())
      .subscribe(of)
      .ready.catch((cause: unknown) => cause)) as BusError;
    const key = /redis-cli DEL '(.+)'/.exec(error.hint!)![1]!;
    expect(server.cli("DEL", key)).toBe("1");
    await on("triple", open()).subscribe(of).ready;
  });
});
