import { execFileSync, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { loadAddon } from "../../../src/addon/addon.js";
import { topic } from "../../../src/bus/frame.js";
import { memoryFunctions, pathOf } from "../../../src/bus/shared/mapped.js";
import { SharedBus } from "../../../src/bus/shared/shared_bus.js";
import { simulate } from "../../../src/market/simulate.js";
import { sharedFolder } from "../kit/folder.js";
import { flow, tape, toxicity, write } from "../kit/process.js";
import { bundleScript, Processes } from "../kit/processes.js";
import { codeOf, rowsFrom, trades } from "../kit/suite.js";

let place: ReturnType<typeof sharedFolder>;
let bus: SharedBus;
beforeEach(() => {
  place = sharedFolder();
  bus = new SharedBus({ folder: place.folder });
});
afterEach(() => {
  bus.close();
  place.remove();
});

describe("between processes", () => {
  let bundle: Awaited<ReturnType<typeof bundleScript>>;
  const processes = new Processes();
  beforeAll(async () => {
    bundle = await bundleScript("../kit/process.ts");
  });
  afterEach(() => processes.end());
  afterAll(() => bundle.remove());
  const start = (role: Parameters<Processes["start"]>[1]["role"], rows = 0, ...more: string[]) =>
    processes.start(bundle.file, { role, folder: place.folder, rows }, ...more);

  it("every consumer gets every row once, in order and whole, asleep on a futex or in an event loop", async () => {
    const rows = 200_000;
    const consumers = [start("consume"), start("loop")];
    for (const one of consumers) await one.said("ready");
    start("publish", rows);
    for (const one of consumers) expect(await one.said("done")).toMatchObject({ rows, lost: 0, wrong: 0, epochs: [1] });
  });

  it("Atomics on the mapped memory are atomic between processes", async () => {
    const words = new Int32Array(bus.ring(flow).memory as ArrayBuffer);
    const others = [start("count", 300_000), start("count", 300_000)];
    await Promise.all(others.map((one) => one.said("done")));
    expect(Atomics.load(words, words.length - 1)).toBe(600_000);
  });

  it("vpin bound to slots of another process's ring gives what it gives in one process", async () => {
    const reader = start("vpin");
    await reader.said("ready");
    const publisher = bus.publisher(tape);
    const mine = toxicity();
    const own = bus.subscribe(tape);
    for (const batch of simulate({ seed: 3, days: 1, tradesPerDay: 5000 }).batches(tape.rows))
      while (publisher.publish({ ...batch }) === 0) publisher.wait(own.poll((one) => void mine.take(one)));
    own.poll((one) => void mine.take(one));
    publisher.close();
    const { vpin } = await reader.said("done");
    expect(mine.buckets.rows).toBeGreaterThan(10);
    expect(vpin).toEqual([...mine.buckets.view().vpin]);
  });

  it("a producer that is killed in the middle of a frame leaves nothing of it, and the next one needs no takeover", async () => {
    const subscription = bus.subscribe(flow);
    const dead = start("hold", 5);
    await dead.said("half");
    expect(codeOf(() => bus.publisher(flow))).toBe("E_BUS_PUBLISHER");
    await dead.kill();
    const next = bus.publisher(flow);
    write(next, 5, 3);
    const seen: number[][] = [];
    subscription.poll(({ sequence, rows, epoch, lost }) => void seen.push([sequence, rows, epoch, lost]));
    const counts = seen.reduce((sum, [, rows]) => sum + rows!, 0);
    expect(counts).toBe(8);
    expect(seen.at(-1)![2]).toBe(2);
    expect(seen.every(([, , , lost]) => lost === 0)).toBe(true);
  });

  it("rows that a killed producer had raised stay, as a whole frame", async () => {
    const open = bus.subscribe(flow, { open: true });
    const whole = bus.subscribe(flow);
    const dead = start("raise", 0, "0");
    await dead.said("half");
    expect(open.poll(({ rows, columns }) => expect([rows, columns.id[0], columns.id[1]]).toEqual([2, 0, 1]))).toBe(1);
    expect(whole.poll(() => {})).toBe(0);
    await dead.kill();
    const next = bus.publisher(flow);
    write(next, 2, 1);
    const seen: number[][] = [];
    whole.poll(({ sequence, rows, columns }) => void seen.push([sequence, rows, columns.id[0]!]));
    open.poll(({ sequence, from, rows }) => void seen.push([sequence, from, rows]));
    expect(seen).toEqual([
      [0, 2, 0],
      [2, 1, 2],
      [2, 0, 1],
    ]);
  });

  for (const role of ["hold", "raise"] as const)
    it(`a stopped producer (${role}) that wakes after takeover changes nothing and learns of it`, async () => {
      const open = bus.subscribe(flow, { open: true });
      const stopped = start(role, 0, "0");
      await stopped.said("half");
      if (role === "raise") expect(open.poll(() => {})).toBe(1);
      stopped.child.kill("SIGSTOP");
      const first = role === "raise" ? 2 : 0;
      const next = bus.publisher(flow, { takeover: true });
      write(next, first, 7);
      stopped.child.send("go");
      stopped.child.kill("SIGCONT");
      expect(await stopped.said("after")).toMatchObject({ code: "E_BUS_FENCED" });
      write(next, first + 7, 10);
      const ids: number[] = [];
      open.poll(({ from, rows, columns, sequence }) => {
        expect(columns.id[from]).toBe(sequence);
        ids.push(...columns.id.subarray(from, rows));
      });
      expect(ids).toEqual(Array.from({ length: 17 }, (_, i) => first + i));
      expect(open.stats().lost).toBe(0);
      // Whether the next one dies or not, its slots are as good as the first ones.
      next.close();
      expect(open.ended).toBe(true);
    });

  it("a consumer that is killed while it holds the producer up is removed while that waits", async () => {
    const consumer = start("consume");
    await consumer.said("ready");
    consumer.child.kill("SIGSTOP");
    const publisher = bus.publisher(flow);
    while (publisher.claim()) publisher.commit(1);
    expect(publisher.wait(100)).toBe(false);
    await consumer.kill();
    expect(publisher.wait(60_000)).toBe(true);
    expect(bus.stats(flow).subscribers).toEqual([]);
  });

  it("a consumer that is stopped for longer than allowed loses its place, and sees the gap when it goes on", async () => {
    const consumer = start("consume");
    await consumer.said("ready");
    const publisher = bus.publisher(flow, { evictAfterMs: 200 });
    write(publisher, 0, 20);
    while (bus.stats(flow).subscribers[0]?.consumed !== 20) await new Promise((resolve) => setTimeout(resolve, 1));
    consumer.child.kill("SIGSTOP");
    write(publisher, 20, 1000);
    consumer.child.kill("SIGCONT");
    while (bus.stats(flow).subscribers.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    await new Promise((resolve) => setTimeout(resolve, 200));
    write(publisher, 1020, 10);
    publisher.close();
    const { rows, lost, wrong } = await consumer.said("done");
    expect(wrong).toBe(0);
    expect(lost).toBeGreaterThan(0);
    expect(rows + lost).toBe(1030);
  });
});

describe("bad days", () => {
  const caught = (act: () => unknown): string => {
    let message = "";
    const code = codeOf(() => {
      try {
        act();
      } catch (error) {
        message = (error as Error).message;
        throw error;
      }
    });
    return `${code} ${message}`;
  };

  it("a full /dev/shm is an error that says how much is missing, and leaves nothing behind", () => {
    const mounted = join(place.folder, "small");
    fs.mkdirSync(mounted, { mode: 0o700 });
    const small = spawnSync("mount", ["-t", "tmpfs", "-o", "size=1m,mode=700", "tmpfs", mounted]).status === 0;
    const other = new SharedBus({ folder: mounted });
    try {
      const free = fs.statfsSync(mounted);
      const slots = small ? 64 : 2 ** Math.ceil(Math.log2((free.bavail * free.bsize) / (8 * 2 ** 20)) + 1);
      const large = topic({ ...flow, name: "large", rows: 2 ** 18, slots });
      expect(caught(() => other.publisher(large))).toMatch(/^E_BUS_SPACE topic 'large': .* bytes free, the ring needs \d{6,}/);
      expect(fs.readdirSync(mounted)).toEqual([]);
    } finally {
      other.close();
      if (small) execFileSync("umount", [mounted]);
    }
  });

  it("regions are 0600 in a folder 0700, and go when the last one closes", () => {
    const second = new SharedBus({ folder: place.folder });
    bus.publisher(trades);
    second.subscribe(trades);
    expect(fs.statSync(pathOf(place.folder, trades.name)).mode & 0o777).toBe(0o600);
    expect(fs.statSync(place.folder).mode & 0o777).toBe(0o700);
    expect(bus.names()).toEqual([trades.name]);
    bus.close();
    expect(second.names()).toEqual([trades.name]);
    second.close();
    expect(fs.readdirSync(place.folder)).toEqual([]);
  });

  it.skipIf(process.platform !== "linux")("close with `keep` lets go of every file, and leaves them with their rows", () => {
    const open = () => fs.readdirSync("/proc/self/fd").length;
    const before = open();
    bus.publisher(trades).publish(rowsFrom(0, 5));
    bus.close({ keep: true });
    expect(open()).toBe(before);
    const second = new SharedBus({ folder: place.folder });
    expect(second.names()).toEqual([trades.name]);
    expect(second.stats(trades).published).toBe(5);
    second.close();
    expect(fs.readdirSync(place.folder)).toEqual([]);
  });

  it("a folder that others may write to, or that cannot be made, is refused", () => {
    fs.chmodSync(place.folder, 0o755);
    expect(caught(() => new SharedBus({ folder: place.folder }))).toContain("with mode 755, expected this user's with 700");
    expect(caught(() => new SharedBus({ folder: "/proc/none" }))).toContain("E_BUS_PERMISSION");
  });

  it("a link in the place of a region is refused", () => {
    fs.writeFileSync(join(place.folder, "elsewhere"), Buffer.alloc(4096));
    fs.symlinkSync(join(place.folder, "elsewhere"), pathOf(place.folder, trades.name));
    expect(caught(() => bus.publisher(trades))).toContain("E_BUS_PERMISSION");
  });

  const stale = (change: (words: Int32Array) => void) => {
    const path = pathOf(place.folder, trades.name);
    bus.publisher(trades).publish(rowsFrom(0, 2));
    const copy = fs.readFileSync(path);
    bus.close();
    change(new Int32Array(copy.buffer, copy.byteOffset, 16));
    fs.writeFileSync(path, copy, { mode: 0o600 });
    bus = new SharedBus({ folder: place.folder });
    return path;
  };
  it("a file whose owner died without closing is used on, its sequence too", () => {
    stale(() => {});
    bus.publisher(trades).publish(rowsFrom(2, 1));
    expect(bus.stats(trades).published).toBe(3);
  });
  it("one that nobody uses and that does not fit is replaced; one in use is not", () => {
    for (const change of [(w: Int32Array) => (w[0] = 0), (w: Int32Array) => (w[1] = 99), (w: Int32Array) => (w[16 - 1] = 0)]) {
      const path = stale(change);
      const inode = fs.statSync(path).ino;
      const file = fs.openSync(path, "r+");
      memoryFunctions().lock(file, 2 ** 40, false);
      const code = codeOf(() => bus.stats(trades));
      fs.closeSync(file);
      if (code === undefined) continue;
      expect(["E_BUS_MAGIC", "E_BUS_VERSION"]).toContain(code);
      expect(bus.stats(trades).published).toBe(0);
      expect(fs.statSync(path).ino).not.toBe(inode);
    }
    const second = new SharedBus({ folder: place.folder });
    expect(caught(() => second.subscribe({ ...trades, rows: 8 }))).toContain(
      "E_BUS_LAYOUT topic 'trades.TEST': rows per slot are 4, expected 8",
    );
    const wide = { ...trades.columns, side: { dtype: "i32" } } as const;
    expect(caught(() => second.subscribe({ ...trades, columns: wide }))).toContain("column 2 is 'side' i8, expected 'side' i32");
    second.close();
    bus.close();
    const third = new SharedBus({ folder: place.folder });
    expect(third.ring({ ...trades, rows: 8 }).topic.rows).toBe(8);
    third.close();
  });

  it("a frame larger than a slot, a name that is no file, a ring that is not there", () => {
    const publisher = bus.publisher(trades);
    publisher.claim();
    expect(caught(() => publisher.commit(5))).toContain("E_BUS_ROWS");
    expect(caught(() => bus.publisher({ ...trades, name: "x".repeat(300) }))).toContain("E_BUS_TOPIC");
    expect(caught(() => bus.find("nothing"))).toContain("E_BUS_NAME");
    expect(bus.find(trades.name).topic.columns).toEqual(trades.columns);
  });

  it("too many publishers that were replaced and still run", () => {
    const buses = Array.from({ length: 9 }, () => new SharedBus({ folder: place.folder, spares: 7 }));
    const codes = buses.map((one) => codeOf(() => one.publisher(flow, { takeover: true })));
    expect(codes).toEqual([...Array(8).fill(undefined), "E_BUS_TAKEOVER"]);
    for (const one of buses) one.close();
  });
});

it("the add-on says which call of the system failed", () => {
  const memory = loadAddon().addon!.memory!;
  for (const act of [
    () => memory.map(-1, 4096),
    () => memory.allocate(-1, 10),
    () => memory.unlock(-1, 0),
    () => memory.makeFifo("/none/x"),
  ])
    expect(act).toThrow(/^(mmap|posix_fallocate|unlock|mkfifo): /);
  expect(() => memory.wake(new Float64Array(1) as never, 0)).toThrow("expected words, index");
  expect(() => memory.wake(new Int32Array(1), 1)).toThrow("expected words, index");
});
