import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Attached } from "../../../src/bus/ring/attached.js";
import { SharedBus } from "../../../src/bus/shared/shared_bus.js";
import { sharedFolder } from "../kit/folder.js";
import { flow } from "../kit/process.js";
import { bundleScript, Processes } from "../kit/processes.js";

describe("who is attached, from another process", () => {
  let bundle: Awaited<ReturnType<typeof bundleScript>>;
  let place: ReturnType<typeof sharedFolder>;
  let bus: SharedBus;
  const processes = new Processes();
  beforeAll(async () => {
    bundle = await bundleScript("../kit/process.ts");
  });
  beforeEach(() => {
    place = sharedFolder();
    bus = new SharedBus({ folder: place.folder });
  });
  afterEach(async () => {
    await processes.end();
    bus.close();
    place.remove();
  });
  afterAll(() => bundle.remove());
  const start = (role: Parameters<Processes["start"]>[1]["role"], rows = 0) =>
    processes.start(bundle.file, { role, folder: place.folder, rows });

  const looked = () => {
    const look = bus.look(flow.name);
    const found = { attached: look.ring.attached(), inUse: look.inUse() };
    look.close();
    return found;
  };
  const publisher = () => looked().attached.find(({ role }) => role === "publisher");
  const until = async (ready: (now: Attached | undefined) => boolean, of = publisher): Promise<Attached> => {
    for (;;) {
      const now = of();
      if (ready(now)) return now!;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };

  it("a producer that stands still in the middle of a frame, then dies, is shown as what it is", async () => {
    const one = start("hold", 5);
    await one.said("half");
    const stalled = await until((now) => now?.state === "stalled");
    expect(stalled).toMatchObject({ role: "publisher", pid: one.child.pid, rows: 5 });
    expect(stalled.heartbeatMs).toBeGreaterThan(50);
    await one.kill();
    expect(publisher()).toMatchObject({ state: "dead", pid: one.child.pid });
    expect(looked().inUse).toBe(false);
  });

  it("one that raised rows is not stalled: an open frame may wait for its next row", async () => {
    const one = start("raise", 0);
    await one.said("half");
    await until((now) => now !== undefined && now.heartbeatMs > 100);
    expect(publisher()!.state).toBe("writing");
  });

  it("subscribers: where they are, how far behind, and whether they live", async () => {
    const consumer = start("consume");
    await consumer.said("ready");
    const mine = bus.publisher(flow);
    const subscriber = () => looked().attached.find(({ role }) => role === "subscriber");
    mine.claim();
    mine.commit(3);
    await until((now) => now?.rows === 3, subscriber);
    expect(subscriber()).toMatchObject({ pid: consumer.child.pid, state: "reading", cursor: 1, lag: 0, lost: 0 });
    expect(publisher()).toMatchObject({ pid: process.pid, state: "idle", cursor: 1, rows: 3 });
    consumer.child.kill("SIGSTOP");
    while (mine.claim()) mine.commit(1);
    expect(subscriber()).toMatchObject({ state: "behind", lag: flow.slots });
    expect(publisher()!.state).toBe("full");
    await until((now) => now!.heartbeatMs > 100, subscriber);
    await consumer.kill();
    expect(subscriber()).toMatchObject({ state: "dead", pid: consumer.child.pid });
    mine.close();
    expect(publisher()).toBeUndefined();
  });

  it("looking takes no part: the last one who uses a ring still removes it", () => {
    bus.publisher(flow);
    const other = new SharedBus({ folder: place.folder });
    const look = other.look(flow.name);
    expect([look.inUse(), look.isThere()]).toEqual([true, true]);
    bus.close();
    expect([look.inUse(), look.isThere()]).toEqual([false, false]);
    look.close();
    other.close();
  });
});
