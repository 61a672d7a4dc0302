/** Paced replay: recorded batches in recorded time. What is due is handed on, in parts of a batch where its rows came one after the other. */
import { needMethods, needObject } from "../../core/contract/arguments.js";
import { BusError } from "../../core/contract/errors.js";
import type { Batch, Columns, Publisher, Topic, Views } from "../bus.js";

export interface PaceOptions {
  /** 1: as fast as it was recorded; 10: ten times as fast; Infinity: without pauses. */
  readonly pace?: number;
  /** The i64 column with the time of each row in ns; the frames' own time where left out. */
  readonly clock?: string;
  readonly signal?: AbortSignal;
}

type Recorded<C extends Columns> = Batch<C>;

function checked({ name, columns }: Topic, { pace = 1, clock }: PaceOptions): { pace: number; clock: string | undefined } {
  const wrong = (what: string, hint: string) => new BusError("E_BUS_OPTION", `topic '${name}': ${what}`, { hint });
  if (!(pace > 0)) throw wrong(`pace is ${pace}, expected a number above 0`, "1 is as fast as it was recorded, Infinity without pauses.");
  if (clock !== undefined && columns[clock]?.dtype !== "i64") {
    const times = Object.keys(columns).filter((column) => columns[column]!.dtype === "i64");
    throw wrong(
      `clock '${clock}' is not a column of i64 nanoseconds`,
      times.length > 0 ? `There is ${times.join(", ")}.` : "Leave it out.",
    );
  }
  return { pace, clock };
}

/** The longest sleep in one piece: what is longer would overflow a timer of Node. */
const LONGEST_MS = 1e6;

function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, Math.min(ms, LONGEST_MS));
    signal?.addEventListener("abort", end, { once: true });
  });
}

/** Ends early, without an error, when the signal says so. */
export async function* paced<C extends Columns>(
  topic: Topic<C>,
  batches: Iterable<Recorded<C>>,
  options: PaceOptions,
): AsyncGenerator<Recorded<C>, void, undefined> {
  const { pace, clock } = checked(topic, options);
  const { signal } = options;
  const started = performance.now();
  let first: bigint | undefined;
  for (const batch of batches) {
    const times = clock === undefined ? undefined : (batch.columns[clock] as BigInt64Array);
    const timeOf = (row: number) => times?.[row] ?? batch.timeNs;
    first ??= timeOf(0);
    const dueMs = (row: number) => started + Number(timeOf(row) - first!) / 1e6 / pace;
    for (let from = 0; from < batch.rows; ) {
      while (!signal?.aborted && dueMs(from) > performance.now()) await sleep(dueMs(from) - performance.now(), signal);
      if (signal?.aborted) return;
      const now = performance.now();
      let rows = times && pace !== Number.POSITIVE_INFINITY ? from + 1 : batch.rows;
      while (rows < batch.rows && dueMs(rows) <= now) rows++;
      yield from === 0 && rows === batch.rows ? batch : part(batch, from, rows);
      from = rows;
    }
  }
}

/** Rows [from, rows) as the new ones of their batch. */
const part = <C extends Columns>(batch: Recorded<C>, from: number, rows: number): Recorded<C> => ({
  ...batch,
  from,
  rows,
  sequence: batch.sequence + from,
});

/** What can be played: a MappedRecording. */
export interface Playable<C extends Columns> {
  readonly topic: Topic<C>;
  paced(options: PaceOptions): AsyncIterable<Recorded<C>>;
  /** Throws where the publisher's topic has other columns. */
  fits(publisher: Publisher<C>): void;
  /** Gives the publisher's topic the symbols known so far. */
  shareSymbols(publisher: Publisher<C>): void;
}
export interface Played {
  readonly rows: number;
  readonly batches: number;
}

/** Publishes batches as they are due, waiting for room where the bus is full; what they hold is copied once, into the claimed slot. */
export async function play<C extends Columns>(
  recording: Playable<C>,
  publisher: Publisher<C>,
  options: PaceOptions & { readonly onBatch?: (batch: Recorded<C>) => void } = {},
): Promise<Played> {
  needMethods("play: recording", recording, "a recording", "fits");
  needMethods("play: publisher", publisher, "a publisher", "claim", "commit");
  needObject("play: options", options);
  const { signal, onBatch } = options;
  const widths = Object.entries(recording.topic.columns).map(([name, { width = 1 }]) => [name, width] as const);
  const played = { rows: 0, batches: 0 };
  recording.fits(publisher);
  let turn = performance.now();
  for await (const batch of recording.paced(options)) {
    recording.shareSymbols(publisher);
    const cut = ([name, width]: readonly [string, number]) => [
      name,
      (batch.columns[name] as Float64Array).subarray(batch.from * width, batch.rows * width),
    ];
    const columns = Object.fromEntries(widths.map(cut)) as Views<C>;
    while (!signal?.aborted && publisher.publish(columns, batch.timeNs) === 0) await room(publisher, signal);
    if (signal?.aborted) break;
    played.rows += batch.rows - batch.from;
    played.batches++;
    onBatch?.(batch);
    // Timers and signals get their turn.
    if (performance.now() - turn < 10) continue;
    await new Promise((resolve) => setImmediate(resolve));
    turn = performance.now();
  }
  return played;
}

async function room<C extends Columns>(publisher: Publisher<C>, signal: AbortSignal | undefined): Promise<void> {
  if (!signal) return publisher.room();
  let end = () => {};
  const aborted = new Promise<void>((resolve) => {
    end = () => resolve();
    signal.addEventListener("abort", end, { once: true });
  });
  await Promise.race([publisher.room(), aborted]);
  signal.removeEventListener("abort", end);
}
