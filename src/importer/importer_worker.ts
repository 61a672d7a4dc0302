/** The importer's thread: reads a source straight into claimed slots of the ring. */
import { parentPort, workerData } from "node:worker_threads";
import { install } from "../backends/index.js";
import { openRing, type Ring } from "../bus/ring/ring.js";
import type { TradeColumns } from "../market/trade_columns.js";
import { flatten, type ImportJob, type Message } from "./importer.js";
import { Sink, Stopped } from "./sink.js";
import { readFiles, readRecording, readSimulated } from "./sources.js";

async function read(job: ImportJob, sink: Sink, post: (message: Message) => void) {
  switch (job.source.kind) {
    case "recording":
      return readRecording(job.source, sink, post);
    case "simulated":
      return readSimulated(job.source, sink, post);
    case "files":
      return readFiles(job.source, sink, post);
  }
}

async function main(): Promise<void> {
  install();
  const job = workerData as ImportJob;
  const post = (message: Message) => parentPort!.postMessage(message);
  const ring = openRing(job.memory) as unknown as Ring<TradeColumns>;
  const sink = new Sink(ring.publisher(), job, post);
  try {
    sink.end((await read(job, sink, post)) ?? {});
  } catch (error) {
    if (error instanceof Stopped) sink.end({});
    else post({ kind: "error", error: flatten(error) });
  } finally {
    ring.close();
  }
}

main().catch((error) => parentPort!.postMessage({ kind: "error", error: flatten(error) } satisfies Message));
