/** Readers that end in the middle of their work, as threads and as processes; and one sleep for several rings. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createRing, type Ring } from "../../../src/bus/ring/ring.js";
import { RunnerBell } from "../../../src/bus/ring/runner_bell.js";
import { SharedBus } from "../../../src/bus/shared/shared_bus.js";
import { sharedFolder } from "../kit/folder.js";
import { bundleScript } from "../kit/processes.js";
import { codeOf } from "../kit/suite.js";
import { type EchoJob, type EngineJob, echoes, folded, input, mixed, snapshotIn } from "./durable_worker.js";

let script: Awaited<ReturnType<typeof bundleScript>>;
beforeAll(async () => {
  script = await bundleScript("../ring/durable_worker.ts");
});
afterAll(() => script.remove());

type Publishing = ReturnType<Ring<typeof input.columns>["publisher"]>;
/** As many rows as there is room for, in batches of all sizes. */
function fill(publisher: Publishing, most = Number.POSITIVE_INFINITY): void {
  while (publisher.sequence < most) {
    const slot = publisher.claim();
    if (!slot) return;
    const rows = Math.min(1 + (publisher.sequence % input.rows), most - publisher.sequence);
    for (let i = 0; i < rows; i++) {
      slot.columns.id[i] = publisher.sequence + i;
      slot.columns.mix[i] = mixed(publisher.sequence + i);
    }
    publisher.commit(rows);
  }
}
async function start(job: EngineJob | EchoJob): Promise<{ worker: Worker; done: Promise<void> }> {
  const worker = new Worker(script.file, { workerData: job });
  const done = new Promise<void>((resolve, reject) => {
    worker.on("message", (said) => said === "done" && resolve());
    worker.on("error", reject);
  });
  done.catch(() => {});
  await Promise.race([once(worker, "message"), done]);
  return { worker, done };
}

it("a thread that is ended again and again continues from its snapshots to the same state", async () => {
  const total = 30_000;
  const ring = createRing(input);
  const publisher = ring.publisher();
  const snapshot = new SharedArrayBuffer(48);
  for (let until = 2_000; until < total; until += 7_000) {
    const { worker, done } = await start({ role: "engine", memory: ring.memory as SharedArrayBuffer, snapshot });
    while (publisher.sequence < until && publisher.wait(10_000)) fill(publisher, until);
    await Promise.race([worker.terminate(), done]);
    // Nobody reads, so it fills up; the place of the dead is not taken away.
    fill(publisher);
    expect([publisher.claim(), publisher.evictStalled(-1)]).toEqual([undefined, 0]);
    const { row } = snapshotIn(snapshot);
    expect(ring.places()).toMatchObject([{ lag: input.slots }]);
    expect(row).toBeGreaterThan(0);
  }
  const { done } = await start({ role: "engine", memory: ring.memory as SharedArrayBuffer, snapshot });
  while (publisher.sequence < total && publisher.wait(10_000)) fill(publisher, total);
  publisher.close();
  await done;
  let state = 0;
  for (let row = 0; row < total; row++) state = folded(state, mixed(row));
  expect(snapshotIn(snapshot)).toEqual({ row: total, state });
});

it("a process that is killed leaves its place to the next, seen as dead and not taken away", async () => {
  const { folder, remove } = sharedFolder();
  const bus = new SharedBus({ folder });
  const publisher = bus.publisher(input);
  const child = fork(script.file, [folder], { serialization: "advanced" });
  await once(child, "message");
  const ring = bus.ring(input);
  expect(ring.places()).toMatchObject([{ sequence: 0, alive: true }]);
  fill(publisher);
  const end = publisher.sequence;
  child.send("read");
  const [{ sequence }] = (await once(child, "message")) as [{ sequence: number }];
  expect(sequence).toBe(end);
  child.kill("SIGKILL");
  await once(child, "exit");
  fill(publisher);
  expect([publisher.evictStalled(-1), publisher.wait(20), publisher.claim()]).toEqual([0, false, undefined]);
  expect(ring.places()).toMatchObject([{ sequence: end - 10, lag: input.slots, alive: false }]);
  // A subscriber finds another place.
  bus.subscribe(input).close();
  const reader = bus.durable(input, "engine");
  expect([reader.sequence, ring.places()[0]!.alive]).toEqual([end - 10, true]);
  let row = end - 10;
  for (let batch = reader.read(); batch; batch = reader.read())
    for (let i = batch.from; i < batch.rows; i++) expect(batch.columns.id[i]).toBe(row++);
  expect(row).toBe(publisher.sequence);
  reader.acknowledge(row);
  expect(publisher.hasRoom).toBe(true);
  bus.close();
  remove();
});

describe("a bell for several rings", () => {
  it("wakes one sleeper from either of two rings, and one that waits for room", async () => {
    const rings = [input, { ...input, name: "other" }, echoes];
    const bell = new SharedArrayBuffer(4 * 3);
    const runner = new RunnerBell(new Int32Array(bell), 2);
    const [a, b, out] = rings.map((of) => createRing(of, { wake: runner }));
    const memories = [a!, b!, out!].map(({ memory }) => memory as SharedArrayBuffer);
    const reader = out!.durable("asker");
    const { done } = await start({ role: "echo", memories, bell });
    const publishers = [a!.publisher(), b!.publisher()];
    for (let i = 0; i < 200; i++) {
      // One at a time it must be woken for each; three at a time it must wait for room.
      for (let k = 0; k < (i % 2 === 0 ? 1 : 3); k++) {
        const publisher = publishers[(i + k) % 2]!;
        publisher.claim()!.columns.id![0] = i;
        publisher.commit(1);
      }
      for (let k = 0; k < (i % 2 === 0 ? 1 : 3); k++) {
        const came = runner.sleep(
          () => reader.waiting > 0,
          () => reader.ask(),
          30_000,
          0,
        );
        expect([came, reader.read()!.columns.id![0]]).toEqual([true, i]);
        reader.acknowledge(reader.sequence);
      }
    }
    for (const publisher of publishers) publisher.close();
    await done;
  });

  it("is rung by a shared bus that was given one", () => {
    const { folder, remove } = sharedFolder();
    const words = new Int32Array(new SharedArrayBuffer(20));
    const bus = new SharedBus({ folder, wake: new RunnerBell(words, 3) });
    const [reader, publisher] = [bus.durable(input, "engine"), bus.publisher(input)];
    fill(publisher, 1);
    expect(words[3]).toBe(0);
    reader.ask();
    fill(publisher, 3);
    expect([words[3], reader.waiting]).toEqual([1, 2]);
    fill(publisher);
    expect(publisher.hasRoom).toBe(false);
    publisher.askRoom();
    while (reader.read());
    reader.acknowledge(3);
    expect([words[3], publisher.hasRoom]).toEqual([2, true]);
    bus.close();
    remove();
  });

  it("wakes those whose bits are set, and a thread that sleeps on the ring itself", () => {
    const [words, ring] = [new Int32Array(31), new Int32Array(4)];
    const woken: [boolean, number][] = [];
    const wake = (of: Int32Array, index: number) => void woken.push([of === words, index]);
    const bell = new RunnerBell(words, 30, { wait: () => {}, wake });
    expect(bell.thread).toBe(2 ** 30);
    bell.notify(ring, 2, 1 | (1 << 3) | (1 << 30) | (1 << 31));
    expect(woken).toEqual([
      [false, 2],
      [true, 3],
      [true, 30],
    ]);
    expect([words[3], words[30], words[1]]).toEqual([1, 1, 0]);
  });

  it("does not sleep where something came between asking and sleeping, and ends in time", () => {
    const words = new Int32Array(new SharedArrayBuffer(8));
    const bell = new RunnerBell(words, 1);
    let asked = 0;
    const ask = () => void (asked++ === 0 && bell.notify(words, 0, 2));
    let looks = 0;
    const turns = () => asked >= 2 || looks++ < 0;
    // The first turn's wake comes before the sleep: it returns at once and asks again.
    expect([bell.sleep(turns, ask, 60_000, 0), asked]).toEqual([true, 2]);
    expect(
      bell.sleep(
        () => false,
        () => {},
        5,
      ),
    ).toBe(false);
    expect(
      bell.sleep(
        () => false,
        () => {},
        5,
        1e9,
      ),
    ).toBe(false);
  });

  it.each([0, 31, 2, 0.5])("has no runner %s", (number) => {
    expect(codeOf(() => new RunnerBell(new Int32Array(number === 31 ? 40 : 2), number))).toBe("E_BUS_OPTION");
  });
});
