/** Engines that are killed: a thread that keeps snapshots and echoes, a process that reads and acknowledges. */
import { pathToFileURL } from "node:url";
import { parentPort, workerData } from "node:worker_threads";
import { topic } from "../../../src/bus/frame.js";
import { openRing } from "../../../src/bus/ring/ring.js";
import { RunnerBell } from "../../../src/bus/ring/runner_bell.js";
import { SharedBus } from "../../../src/bus/shared/shared_bus.js";

const columns = { id: { dtype: "f64" }, mix: { dtype: "i32" } } as const;
export const input = topic({ name: "input", columns, rows: 16, slots: 8, backpressure: "block" });
export const echoes = topic({ ...input, name: "echoes", rows: 1, slots: 2 });

export type EngineJob = { readonly role: "engine"; readonly memory: SharedArrayBuffer; readonly snapshot: SharedArrayBuffer };
export type EchoJob = { readonly role: "echo"; readonly memories: readonly SharedArrayBuffer[]; readonly bell: SharedArrayBuffer };
export const mixed = (id: number) => Math.imul(id + 1, 0x9e37_79b1) | 0;
/** A state in which every row, and its order, shows. */
export const folded = (state: number, value: number) => (Math.imul(state, 31) + value) | 0;

/** Which of two copies holds, then row and state of each: one is never half written where the other holds. */
export function snapshotIn(memory: SharedArrayBuffer): { row: number; state: number } {
  const [holds, reals] = [Atomics.load(new Int32Array(memory), 0) & 1, new Float64Array(memory)];
  return { row: reals[1 + 2 * holds]!, state: reals[2 + 2 * holds]! };
}

function engine({ memory, snapshot }: EngineJob): void {
  const [turns, reals] = [new Int32Array(snapshot), new Float64Array(snapshot)];
  let { row, state } = snapshotIn(snapshot);
  const reader = openRing(memory, input).durable("engine", { from: row });
  /** First the snapshot, then the rows before it may go. */
  const save = () => {
    reals.set([row, state], 1 + 2 * ((turns[0]! + 1) & 1));
    Atomics.add(turns, 0, 1);
    reader.acknowledge(row);
  };
  parentPort!.postMessage("ready");
  while (!reader.ended) {
    reader.wait(1000);
    for (let batch = reader.read(); batch; batch = reader.read()) {
      const { from, rows, columns: given, sequence, lost } = batch;
      if (sequence !== row || lost !== 0) throw new Error(`row ${sequence} after ${lost} lost, expected ${row}`);
      for (let i = from; i < rows; i++) {
        if (given.id[i] !== row || given.mix[i] !== mixed(row)) throw new Error(`row ${row} says ${given.id[i]}`);
        state = folded(state, given.mix[i]!);
        row++;
        // In the middle of frames too; and before all of the ring is held.
        if (row % 50 === 0 || reader.held > input.slots / 2) save();
      }
    }
  }
  save();
  parentPort!.postMessage("done");
}

/** Sends back what comes on either ring, asleep as long as neither has anything; a wake that is missed is one for ever. */
function echo({ memories, bell }: EchoJob): void {
  const runner = new RunnerBell(new Int32Array(bell), 1, {
    wait: (words, index, value) => Atomics.wait(words, index, value),
    wake: (words, index) => Atomics.notify(words, index),
  });
  const [a, b, out] = memories.map((memory) => openRing(memory, undefined, runner));
  const readers = [a!, b!].map((ring) => ring.durable("echo"));
  const publisher = out!.publisher();
  parentPort!.postMessage("ready");
  const ready = () => readers.some(({ waiting, ended }) => waiting > 0 || ended);
  const ask = () => {
    for (const reader of readers) reader.ask();
  };
  while (readers.some(({ ended }) => !ended)) {
    if (readers.every(({ ended }) => !ended)) runner.sleep(ready, ask, undefined, 0);
    for (const reader of readers)
      for (let batch = reader.read(); batch; batch = reader.read()) {
        while (!publisher.hasRoom)
          runner.sleep(
            () => publisher.hasRoom,
            () => publisher.askRoom(),
            undefined,
            0,
          );
        publisher.claim()!.columns.id![0] = batch.columns.id![0]!;
        publisher.commit(1);
        reader.acknowledge(reader.sequence);
      }
  }
  publisher.close();
  parentPort!.postMessage("done");
}

/** Reads all, acknowledges all but the last ten rows, and stands there. */
function stand(folder: string): void {
  const reader = new SharedBus({ folder }).durable(input, "engine");
  process.send!({ kind: "ready" });
  process.on("disconnect", () => process.exit(1));
  process.on("message", () => {
    while (reader.read());
    reader.acknowledge(reader.sequence - 10);
    process.send!({ kind: "read", sequence: reader.sequence });
  });
}

if (workerData?.role === "engine") engine(workerData);
else if (workerData?.role === "echo") echo(workerData);
else if (process.send && import.meta.url === pathToFileURL(process.argv[1]!).href) stand(process.argv[2]!);
