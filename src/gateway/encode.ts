/** Rows as clients get them: JSON by columns, or a frame of the bus. */
import type { Topic, Views } from "../bus/bus.js";
import { copyRows, Frames, gatherRows, layoutOf } from "../bus/frame.js";
import type { Checksum } from "../bus/topic_hash.js";
import type { Format } from "./message.js";

/** Rows by their places in `columns`; without `places` the first `count`. */
export interface Rows {
  readonly columns: Views<any>;
  readonly places: Int32Array | undefined;
  readonly count: number;
  /** Number in the topic of the first; of known rows, that of the row which comes next. */
  readonly sequence: number;
  readonly timeNs: bigint;
  readonly producer: number;
  readonly epoch: number;
  readonly known: boolean;
}
/** A topic, and the number under which frames of it are known to clients. */
export interface Stream {
  readonly topic: Topic;
  readonly stream: number;
  readonly checksum: Checksum;
}
type Column = Float64Array | BigInt64Array;

/** One message. `sse`: as an event, with the sequence as its id. */
export function encode(of: Stream, rows: Rows, format: Format): Buffer {
  if (format === "binary") return frameOf(of, rows);
  const text = textOf(of, rows);
  return Buffer.from(format === "events" ? `id: ${rows.sequence}\ndata: ${text}\n\n` : text);
}

/** About what a row takes, so that messages can be cut before they are made. */
export function rowBytes({ topic }: Stream, format: Format): number {
  const values = { f64: 19, f32: 19, i64: 22, i32: 8, u32: 8, i8: 3, u8: 4 };
  const bytes = { f64: 8, f32: 4, i64: 8, i32: 4, u32: 4, i8: 1, u8: 1 };
  const of = format === "binary" ? bytes : values;
  return Object.values(topic.columns).reduce((sum, { dtype, width = 1 }) => sum + of[dtype] * width, 0);
}

/** Texts keep every digit of i64, which numbers of JSON do not; what is no finite number is null. */
function textOf({ topic }: Stream, { columns, places, count, sequence, known }: Rows): string {
  const of = Object.entries(topic.columns).map(([name, { dtype, width = 1 }]) => {
    const values = taken(columns[name] as Column, places, count, width);
    return [name, dtype === "i64" ? Array.from(values, String) : Array.from(values as Float64Array)];
  });
  const head = { topic: topic.name, sequence, rows: count, ...(known ? { known } : {}) };
  return JSON.stringify({ ...head, columns: Object.fromEntries(of) });
}
function taken(view: Column, places: Int32Array | undefined, count: number, width: number): Column {
  if (!places) return view.subarray(0, count * width);
  const out = new (view.constructor as Float64ArrayConstructor)(count * width);
  const from = view as Float64Array;
  if (width === 1) for (let i = 0; i < count; i++) out[i] = from[places[i]!]!;
  else for (let i = 0; i < count; i++) out.set(from.subarray(places[i]! * width, (places[i]! + 1) * width), i * width);
  return out;
}

/** A frame that holds these rows and no room for more, so its columns lie where its own capacity puts them. */
function frameOf({ topic, stream, checksum }: Stream, { columns, places, count, known, ...rest }: Rows): Buffer {
  const layout = layoutOf({ name: topic.name, columns: topic.columns, rows: count, slots: 2, backpressure: "evict" });
  const frames = new Frames(layout, new ArrayBuffer(layout.stride), 0, 1);
  const [slot] = frames.slots;
  if (places) gatherRows(layout, columns, places, slot!.columns);
  else
    copyRows(
      layout,
      Object.fromEntries(layout.columns.map(({ name, width }) => [name, columns[name].subarray(0, count * width)])),
      0,
      count,
      slot!,
    );
  frames.seal(0, count, rest.sequence, rest.producer, rest.epoch, rest.timeNs);
  frames.address(0, stream, known);
  frames.setCrc(0, checksum(slot!.bytes));
  return Buffer.from(slot!.bytes.buffer as ArrayBuffer);
}
