import { mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Topic } from "../../bus/bus.js";
import { crc32c } from "../../bus/frame.js";
import { RecordingReader } from "../../bus/recording/recording.js";
import { type RecordingPlace, RecordingWriter } from "../../bus/recording/recording_writer.js";
import { Dictionary } from "../../bus/symbols.js";
import { TopicHash } from "../../bus/topic_hash.js";
import { BusError, TickforgeError } from "../../core/contract/errors.js";
import { checksum } from "../../engines/checksum.js";
import { type Context, defineEngine } from "../kit/engine.js";

const recorderOptions = {
  folder: { type: "file", doc: "where each topic gets a file of its name, .tfr; it is made where it is not there" },
  overwrite: { type: "flag", default: false, doc: "recordings that lie there already are written anew" },
  syncSeconds: {
    type: "number",
    min: 0,
    default: 0,
    unit: "s",
    doc: "the disk itself is asked to have all rows so often; 0: at the end. Rows survive the end of a process without it, that of the power only with it",
  },
} as const;

const mostTopics = 64;
/** Of each topic: whether it is there and which it is, bytes and rows written, and room for the hash of its rows. */
const perTopic = 64;
const first = 4;

export const recorder = defineEngine({
  name: "recorder",
  doc: "Every topic it takes, into a file that can be played again.",
  options: recorderOptions,
  takes: () => ({ topics: { doc: "what is recorded", topic: "*", columns: {}, many: true } }),
  gives: () => ({}),
  stateBytes: () => 8 * perTopic * mostTopics,
  begin(context) {
    const { name, state, takes, options } = context;
    const topics = Object.entries(takes);
    if (topics.length > mostTopics)
      throw new TickforgeError(
        "E_OPTION_RANGE",
        `engine '${name}': it takes ${topics.length} topics, at most ${mostTopics} can be recorded`,
        {
          ...{ value: topics.length, hint: "record with two engines" },
        },
      );
    mkdirSync(options.folder, { recursive: true });
    const numbers = new Float64Array(state);
    const files = new Map(topics.map(([port, { topic }]) => [port, new Recorded(context, port, topic, numbers)]));
    let next = 1000 * options.syncSeconds;
    return {
      take(port, batch, from) {
        files.get(port)!.take(batch, from);
        return batch.rows;
      },
      ...(next > 0 && {
        turn(elapsedMs: number) {
          if (elapsedMs >= next) for (const file of files.values()) file.sync();
          while (elapsedMs >= next) next += 1000 * options.syncSeconds;
          return next - elapsedMs;
        },
      }),
      close() {
        for (const file of files.values()) file.close();
      },
    };
  },
});

/** A topic's file, and its place in the state. */
class Recorded {
  private readonly writer: RecordingWriter;
  private readonly at: Float64Array;

  constructor({ options, takes, instruments }: Context<typeof recorderOptions>, port: string, topic: Topic, numbers: Float64Array) {
    const path = join(options.folder, `${fileName(topic.name)}.tfr`);
    this.at = placeOf(numbers, topic.name);
    const [there, , bytes, rows] = this.at;
    const resume = there === 0 ? undefined : { bytes: bytes!, rows: rows! };
    const symbols = takes[port]!.symbols;
    // Where a topic names none, its instruments are rows of the system's table.
    const named = symbols.size === 0 && topic.columns.instrument ? new Dictionary(instruments) : symbols;
    // Of a topic with more columns it is computed from the file.
    const hash = this.at.subarray(first, first + TopicHash.bytes(topic) / 8);
    this.writer = new RecordingWriter(path, topic, named, {
      hash: hash.byteLength === TopicHash.bytes(topic) ? hash : undefined,
      crc32c: checksum(),
      overwrite: options.overwrite || isBegun(path, topic),
      resume,
    });
    this.keep(this.writer.place);
  }

  take(batch: Parameters<RecordingWriter["extend"]>[0], from: number): void {
    this.writer.extend(batch, from);
    this.keep(this.writer.place);
  }
  sync(): void {
    this.writer.flush();
  }
  close(): void {
    this.writer.flush();
    this.writer.close();
  }

  private keep({ bytes, rows }: RecordingPlace): void {
    this.at[2] = bytes;
    this.at[3] = rows;
  }
}

/** The numbers of a topic in the state, whatever the order in which topics are wired. */
function placeOf(numbers: Float64Array, topic: string): Float64Array {
  const id = crc32c(new TextEncoder().encode(topic)) + 1;
  for (let i = 0; ; i += perTopic) {
    const at = numbers.subarray(i, i + perTopic);
    if (at[1] === id) {
      at[0] = 1;
      return at;
    }
    if (at[1] !== 0) continue;
    at[1] = id;
    return at;
  }
}

/** Letters, digits, `.`, `_` and `-` are as they are. */
const fileName = (topic: string): string => topic.replaceAll(/[^\w.-]/g, (one) => `%${one.codePointAt(0)!.toString(16)}`);

/** Shorter than this a recording has no row, whatever its topic. */
const headBytes = 128;

/** A file of this topic without a row: who began it was killed before it could say so. */
function isBegun(path: string, topic: Topic): boolean {
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) < headBytes) return true;
  try {
    const reader = new RecordingReader(path);
    reader.close();
    return (reader.offset === reader.size || reader.hash?.rows === 0) && reader.topic.name === topic.name;
  } catch (error) {
    if (error instanceof BusError) return false;
    throw error;
  }
}
