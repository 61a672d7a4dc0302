/** The thread in which Parquet and Arrow data are read: a file that leads a reader astray costs this thread, and nothing else. */
import { parentPort, workerData } from "node:worker_threads";
import { openArrow } from "./arrow.js";
import { memoryOf } from "./packed.js";
import { openParquet } from "./parquet.js";
import type { FromTable, TableJob, ToTable } from "./table_apart.js";
import { OpenFile, Place, type TableReader } from "./table_reader.js";

const port = parentPort!;
const { name, form, descriptor, size, memory } = workerData as TableJob;
const place = new Place(memory);
const tell = (message: FromTable, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer);

/** Chunks come from the other thread, one for each that is asked for. */
let arrived: (chunk: Uint8Array | undefined) => void = () => {};
async function* chunks(): AsyncGenerator<Uint8Array> {
  for (;;) {
    const chunk = new Promise<Uint8Array | undefined>((resolve) => {
      arrived = resolve;
    });
    tell({ kind: "more" });
    const bytes = await chunk;
    if (!bytes) return;
    place.move();
    yield bytes;
  }
}

function open(): Promise<TableReader> {
  if (descriptor === undefined) return openArrow(name, { chunks: chunks(), total: size }, place);
  const file = new OpenFile(descriptor, size!, place);
  return form === "parquet" ? openParquet(name, file, place) : openArrow(name, file, place);
}

function failed(error: unknown): void {
  const { code, message, hint } = error as { code?: string; message: string; hint?: string };
  tell({ kind: "error", code: code?.startsWith("E_") ? code : undefined, message, hint });
}

const reader = open();
reader.then(({ names }) => tell({ kind: "opened", names }), failed);

port.on("message", (message: ToTable) => {
  if (message.kind === "chunk") return arrived(message.bytes);
  reader
    .then((table) => table.next())
    .then((batch) => tell({ kind: "batch", batch }, batch ? memoryOf(batch) : []))
    .catch(failed);
});
