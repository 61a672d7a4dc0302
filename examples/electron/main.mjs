/**
 * Kernels in a thread of their own, as an application with a window keeps them out of the way of its interface: node main.mjs
 *
 * Columns go over a MessagePort and their memory with them; the worker answers with results and gives the memory back, to be filled again.
 * Two sets of columns are all that is ever made: one is filled while the other is computed on, and no row is copied between threads.
 */
import { MessageChannel, Worker } from "node:worker_threads";
import { simulatedTrades } from "../simulated_trades.mjs";

const [rows, batches] = [2_000, 100];
const buffersOf = (columns) => Object.values(columns).map(({ buffer }) => buffer);

/** A worker to which one gives columns, and gets their results, in turn. */
class KernelWorker {
  constructor(options) {
    const { port1, port2 } = new MessageChannel();
    this.thread = new Worker(new URL("kernel_worker.mjs", import.meta.url));
    this.thread.postMessage({ options, port: port2 }, [port2]);
    this.port = port1;
    this.waiting = [];
    this.port.on("message", ({ error, ...answer }) => {
      const { resolve, reject } = this.waiting.shift();
      if (error) reject(new Error(error));
      else resolve(answer);
    });
    this.thread.on("error", (error) => {
      for (const { reject } of this.waiting.splice(0)) reject(error);
    });
  }

  /** `columns` are moved: they are empty here from now on, and in the answer again. */
  compute(columns) {
    const answer = new Promise((resolve, reject) => this.waiting.push({ resolve, reject }));
    this.port.postMessage(columns, buffersOf(columns));
    return answer;
  }

  close() {
    this.port.close();
    return this.thread.terminate();
  }
}

const worker = new KernelWorker({ bucketVolume: 2_000, window: 50 });
let [buckets, latest] = [0, undefined];

/** What came of a message; its columns, which are to be had again. */
async function taken(answer) {
  const { columns, vpin, cdf } = await answer;
  buckets += vpin.length;
  if (vpin.length > 0) latest = { vpin: vpin.at(-1), cdf: cdf.at(-1) };
  return columns;
}

try {
  const tape = simulatedTrades(rows * batches); // what comes from a feed
  const sent = [];
  for (let from = 0; from < tape.time.length; from += rows) {
    const columns = sent.length < 2 ? simulatedTrades(rows) : await taken(sent.shift());
    for (const [name, values] of Object.entries(columns)) values.set(tape[name].subarray(from, from + rows));
    sent.push(worker.compute(columns));
    if (columns.price.length > 0) throw new Error("the columns were copied, not moved");
  }
  for (const answer of sent) await taken(answer);
  console.log(`${tape.time.length.toLocaleString("en-US")} trades in ${batches} messages, ${buckets} buckets`);
  console.log(`VPIN is ${latest.vpin.toFixed(3)}, above ${(100 * latest.cdf).toFixed(1)} % of earlier values`);
} finally {
  await worker.close();
}
