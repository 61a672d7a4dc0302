/** The end in this thread of a table that another one reads: asks for batches, ends a reader that is stuck, and closes all behind it. */
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import { packageRoot } from "../../addon/addon.js";
import { DataError } from "../../core/contract/errors.js";
import type { Source } from "../bytes/source.js";
import { problem } from "../bytes/unpack.js";
import { type PackedBatch, unpacked } from "./packed.js";
import type { ColumnBatch, TableBatches } from "./table_batches.js";
import { Place } from "./table_reader.js";

export type TableForm = "parquet" | "arrow file" | "arrow stream";
export interface TableJob {
  name: string;
  form: TableForm;
  /** Of a file that is read at any place; chunks are sent where there is none. */
  descriptor: number | undefined;
  size: number | undefined;
  memory: SharedArrayBuffer;
}
export type ToTable = { kind: "next" } | { kind: "chunk"; bytes: Uint8Array | undefined };
export type FromTable =
  | { kind: "opened"; names: string[] }
  | { kind: "batch"; batch: PackedBatch | undefined }
  | { kind: "more" }
  | { kind: "error"; code: string | undefined; message: string; hint: string | undefined };

export interface Limits {
  /** Without a step forward. */
  seconds: number;
  /** Of the reader's objects; what columns hold is apart from them, and told from the file. */
  megabytes: number;
  worker: URL;
}

/** From sources, as tests run them, the built file: threads load no TypeScript. */
const tableWorker = () =>
  import.meta.url.endsWith(".ts")
    ? pathToFileURL(join(packageRoot(), "dist/src/files/binary/table_worker.js"))
    : new URL("./table_worker.js", import.meta.url);

/** A larger file may hold larger pages, which are one step each. */
function limitsOf(bytes = 2 ** 26): Limits {
  const megabytes = bytes / 2 ** 20;
  return { seconds: 15 + megabytes, megabytes: Math.min(8192, 1024 + 32 * megabytes), worker: tableWorker() };
}

export async function openApart(source: Source, form: TableForm, limits: Partial<Limits> = {}): Promise<TableBatches> {
  const { name, progress } = source;
  const stream = form === "arrow stream";
  const size = source.form === "plain" ? progress.total : undefined;
  if (!stream && size === undefined) throw fromItsEnd(source, form);
  let file: FileHandle | undefined;
  const chunks = source.chunks[Symbol.asyncIterator]();
  if (!stream) {
    await chunks.return?.();
    file = await open(source.path ?? name);
  }
  const table = new TableApart(source, form, chunks, file, size, { ...limitsOf(progress.total), ...limits });
  try {
    const names = await table.names;
    const first = await table.next();
    return { form, names, first: first ?? { rows: 0, columns: [] }, batches: () => batches(table, first), close: () => table.close() };
  } catch (error) {
    await table.close();
    throw error;
  }
}

/** The next one is read while the one before is used. */
async function* batches(table: TableApart, first: ColumnBatch | undefined): AsyncGenerator<ColumnBatch> {
  try {
    for (let batch = first; batch; ) {
      const next = table.next();
      next.catch(() => {}); // whoever stops before it does not hear of it
      yield batch;
      batch = await next;
    }
  } finally {
    await table.close();
  }
}

const fromItsEnd = ({ name, form }: Source, of: TableForm) =>
  problem(
    "E_FILE_SEEK",
    name,
    `is ${of === "parquet" ? "a Parquet" : "an Arrow"} file ${form === "plain" ? "from a pipe" : `packed as ${form}`}; they are read from their end`,
    "write it to a file of its own first",
  );

class TableApart {
  readonly names: Promise<string[]>;
  private readonly worker: Worker;
  private readonly place = new Place(new SharedArrayBuffer(Place.bytes));
  private columns: string[] = [];
  private closed: Promise<void> | undefined;
  /** The thread waits for a chunk, as long as a pipe takes. */
  private feeding = false;
  /** Who waits for the thread's answer. */
  private waiting: { done(message: FromTable): void; failed(error: unknown): void } | undefined;

  constructor(
    private readonly source: Source,
    private readonly form: TableForm,
    private readonly chunks: AsyncIterator<Uint8Array>,
    private readonly file: FileHandle | undefined,
    size: number | undefined,
    private readonly limits: Limits,
  ) {
    const { name } = source;
    const workerData: TableJob = { name, form, descriptor: file?.fd, size, memory: this.place.memory };
    const resourceLimits = { maxOldGenerationSizeMb: Math.ceil(limits.megabytes) };
    this.worker = new Worker(limits.worker, { workerData, name: "table", resourceLimits, execArgv: [], stderr: true });
    this.worker.on("message", (message: FromTable) => {
      if (message.kind === "more") void this.more();
      else this.waiting?.done(message);
    });
    this.worker.on("error", (error) => this.waiting?.failed(this.ended(error)));
    this.worker.on("exit", () => this.waiting?.failed(this.ended(new Error("the thread that reads it ended"))));
    this.names = this.answer().then((message) => {
      this.columns = (message as { names: string[] }).names;
      return this.columns;
    });
  }

  async next(): Promise<ColumnBatch | undefined> {
    const answer = this.answer();
    this.worker.postMessage({ kind: "next" } satisfies ToTable);
    const { batch } = (await answer) as { batch: PackedBatch | undefined };
    const { progress } = this.source;
    if (this.file) progress.read = Math.min(progress.total!, this.place.read);
    return batch && { rows: batch.rows, columns: batch.columns.map((column) => unpacked(this.source.name, column)) };
  }

  close(): Promise<void> {
    this.closed ??= this.worker.terminate().then(async () => {
      await this.file?.close();
      this.chunks.return?.().catch(() => {}); // a pipe may be silent
    });
    return this.closed;
  }

  private answer(): Promise<FromTable> {
    return new Promise<FromTable>((resolve, reject) => {
      this.waiting = { done: resolve, failed: reject };
      this.watch(reject);
    })
      .then((message) => (message.kind === "error" ? Promise.reject(this.told(message)) : message))
      .finally(() => {
        this.waiting = undefined;
      });
  }

  /** Ends the thread where nothing moves in it, for as long as this answer is waited for. */
  private watch(reject: (error: unknown) => void): void {
    const { seconds } = this.limits;
    const mine = this.waiting;
    let moves = -1;
    const look = () => {
      if (this.waiting !== mine) return clearInterval(timer);
      if (this.place.moves === moves && !this.feeding) {
        clearInterval(timer);
        reject(this.trouble("E_TABLE_STUCK", `its reader made no step in ${Math.round(seconds)} s`));
      }
      moves = this.place.moves;
    };
    const timer = setInterval(look, 1000 * seconds);
    mine!.done = ((done) => (message: FromTable) => {
      clearInterval(timer);
      done(message);
    })(mine!.done);
    timer.unref();
  }

  /** A chunk is valid until the next is asked for: the thread gets a copy. */
  private async more(): Promise<void> {
    this.feeding = true;
    try {
      const { value, done } = await this.chunks.next();
      const bytes = done ? undefined : Uint8Array.from(value);
      this.worker.postMessage({ kind: "chunk", bytes } satisfies ToTable, bytes ? [bytes.buffer] : []);
    } catch (error) {
      this.waiting?.failed(error);
    } finally {
      this.feeding = false;
    }
  }

  private told({ code, message, hint }: FromTable & { kind: "error" }): DataError {
    const { name } = this.source;
    if (code) return new DataError(code, message, { file: name, ...(hint && { hint }) });
    return this.damaged(message);
  }

  private damaged(what: string, cause?: unknown): DataError {
    const [code, form] = this.form === "parquet" ? ["E_PARQUET", "Parquet"] : ["E_ARROW", "Arrow"];
    const hint = "it is cut off or damaged: download or copy it again";
    return problem(code!, this.source.name, `cannot be read as ${form} data (${this.where}${what})`, hint, cause);
  }

  private ended(error: unknown): DataError {
    if ((error as { code?: string }).code === "ERR_WORKER_OUT_OF_MEMORY")
      return this.trouble("E_TABLE_MEMORY", `its reader took more than ${Math.round(this.limits.megabytes)} MB`);
    return this.damaged((error as Error).message, error);
  }

  private trouble(code: string, what: string): DataError {
    const hint = "it is damaged, or its row groups are larger than can be read: download it again, or write it in smaller ones";
    return problem(code, this.source.name, `${this.where}${what}`, hint);
  }

  private get where(): string {
    const { batch, column } = this.place;
    if (this.columns.length === 0) return "";
    const part = this.form === "parquet" ? "row group" : "record batch";
    return `${part} ${batch + 1}${this.columns[column] === undefined ? "" : `, column ${this.columns[column]}`}: `;
  }
}
