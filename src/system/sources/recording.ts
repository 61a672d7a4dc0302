/** Plays recordings of topics: each into a topic of its name, rows of all in order of their time. */
import type { Batch, Columns, Publisher, Topic } from "../../bus/bus.js";
import { Frames } from "../../bus/frame.js";
import { RecordingReader } from "../../bus/recording/recording.js";
import { DataError } from "../../core/contract/errors.js";
import { checksum } from "../../engines/checksum.js";
import { tradeColumns } from "../../market/trade_columns.js";
import { orderName } from "../kit/order.js";
import { marketDocs, marketTopics } from "./market_topics.js";
import { Outlet } from "./outlet.js";
import { Pace } from "./pace.js";
import { type Lane, Player } from "./player.js";
import type { Source, SourceSettings } from "./source.js";
import { sourceFiles } from "./source_files.js";
import { Instruments, Since, TapeRows, TradePrices } from "./tape_rows.js";

/** From the last row of a tape to the first when it is played again. */
const loopGapNs = 1e6;

/** What a tape's place is kept in: frame and row in hand. */
const perTape = 2;
/** Of all: how often they were played, the time of the last row. */
const ofAll = 2;

interface Recorded {
  readonly file: string;
  readonly topic: Topic;
}

/** Topics of the files, and prices from their trades where they have none. */
function recordedIn(settings: SourceSettings): Recorded[] {
  const found: Recorded[] = [];
  for (const file of sourceFiles(settings, ".tfr")) {
    const reader = new RecordingReader(file);
    reader.close();
    const { topics } = settings.options;
    if (topics.length > 0 && !topics.includes(reader.topic.name)) continue;
    const other = found.find(({ topic }) => topic.name === reader.topic.name);
    if (other)
      throw new DataError("E_SOURCE_TOPIC", `engine '${settings.name}': ${other.file} and ${file} both hold topic '${reader.topic.name}'`, {
        ...{ file, hint: "play one of them: each recording of a folder becomes a topic of its own" },
      });
    found.push({ file, topic: { ...reader.topic, symbols: settings.instruments } });
  }
  return found;
}

const makesPrices = ({ options: { prices } }: SourceSettings, recorded: readonly Recorded[]): Recorded | undefined =>
  prices === "none" || recorded.some(({ topic }) => topic.name === "prices") ? undefined : recorded.find(({ topic }) => isTrades(topic));

const isTrades = ({ columns }: Topic): boolean =>
  Object.entries(tradeColumns).every(([name, { dtype }]) => columns[name]?.dtype === dtype && (columns[name].width ?? 1) === 1);

/** The column that rows are in order of; the time of their frames where there is none. */
const clockOf = ({ columns }: Topic): string | undefined => ["time", "endTime"].find((name) => columns[name]?.dtype === "i64");

export const recording: Source = {
  gives(settings) {
    const recorded = recordedIn(settings);
    const { prices } = marketTopics(settings.instruments);
    return {
      ...Object.fromEntries(recorded.map(({ file, topic }) => [topic.name, { doc: `as recorded in ${file}`, topic }])),
      ...(makesPrices(settings, recorded) && { prices: { doc: marketDocs.prices, topic: prices } }),
    };
  },
  stateBytes: (settings) => 8 * (ofAll + perTape * recordedIn(settings).length + settings.instruments.length),
  begin({ state, gives, ...settings }) {
    const { instruments, options } = settings;
    const recorded = recordedIn(settings);
    const numbers = new Float64Array(state);
    const all = numbers.subarray(0, ofAll);
    const last = numbers.subarray(ofAll + perTape * recorded.length);
    const traded = makesPrices(settings, recorded);
    const crc32c = checksum();
    const tapes = recorded.map(({ file, topic }, i) => {
      const at = numbers.subarray(ofAll + perTape * i, ofAll + perTape * (i + 1));
      const open = () => new RecordingReader(file, { crc32c });
      const reader = open();
      const { symbols } = reader;
      const named = new Instruments(instruments, options.unknown === "ignore", file, (id) => symbols.at(id));
      const priced = traded?.file === file && new TradePrices(new Outlet(gives.prices as never), options.prices === "changes", last);
      const outlet = new Outlet(gives[topic.name] as Publisher<Columns>);
      return new Tape(reader, open, new TapeRows(topic, outlet, named, priced || undefined), clockOf(topic), at, all);
    });
    const firsts = tapes.flatMap(({ first }) => (first === undefined ? [] : [first]));
    const base = firsts.reduce((a, b) => (b < a ? b : a), firsts[0] ?? 0n);
    for (const tape of tapes) tape.resume(base);
    const again = () => {
      if (!options.loop || firsts.length === 0) return false;
      all[0]!++;
      for (const tape of tapes) tape.rewind();
      return true;
    };
    const pace = new Pace({ ...options, speed: options.speed ?? 1 });
    const ordered = recorded.some(({ topic }) => topic.name.startsWith(orderName("")));
    const player = new Player(tapes, pace, again, ordered);
    return {
      behindSeconds: () => pace.behindSeconds,
      turn: (elapsedMs) => player.turn(elapsedMs),
      close: () => {
        for (const tape of tapes) tape.close();
      },
    };
  },
};

class Tape implements Lane {
  /** Time of the first row; none where there is no row. */
  readonly first: bigint | undefined;
  time = Infinity;
  private readonly frame: Frames;
  private readonly words: Uint32Array | undefined;
  private base = 0n;
  private since = new Since(0n);
  private row = 0;
  private rows = 0;
  /** Of the frame in hand, in the file. */
  private number = 0;
  private frameTime = 0n;

  constructor(
    private reader: RecordingReader,
    private readonly open: () => RecordingReader,
    private readonly into: TapeRows,
    clock: string | undefined,
    /** Frame and row in hand. */
    private readonly at: Float64Array,
    /** Times played, and the latest time of this round. */
    private readonly all: Float64Array,
  ) {
    this.frame = new Frames(reader.layout, new ArrayBuffer(reader.layout.stride), 0, 1);
    const times = clock === undefined ? undefined : (this.columns[clock] as BigInt64Array);
    this.words = times && new Uint32Array(times.buffer, times.byteOffset, 2 * times.length);
    this.read();
    this.first = this.rows === 0 ? undefined : (times?.[0] ?? this.frameTime);
  }

  private get columns(): Batch["columns"] {
    return this.frame.slots[0]!.columns;
  }
  private get shift(): number {
    return this.all[0]! === 0 ? 0 : this.all[0]! * (this.all[1]! + loopGapNs);
  }

  /** To the place that the state tells. */
  resume(base: bigint): void {
    this.base = base;
    this.since = new Since(base);
    const [frame, row] = [this.at[0]!, this.at[1]!];
    if (frame > this.number) {
      this.reader.skipTo(frame);
      this.read();
    }
    this.row = row;
    this.look();
  }

  rewind(): void {
    this.reader.close();
    this.reader = this.open();
    this.read();
    this.look();
  }

  reach(): number | undefined {
    const room = this.into.room();
    if (room === 0) return undefined;
    return Math.max(this.time, this.timeOf(Math.min(this.rows, this.row + room) - 1) + this.shift);
  }

  give(until: number): void {
    const most = Math.min(this.rows, this.row + this.into.room());
    const limit = until - this.shift;
    let to = this.row + 1;
    while (to < most && this.timeOf(to) <= limit) to++;
    this.into.give(this.columns, this.row, to, this.shift);
    // Of the first round alone: by how much later ones are moved.
    if (this.all[0] === 0) this.all[1] = Math.max(this.all[1]!, this.timeOf(to - 1));
    this.row = to;
    this.look();
  }

  show(): void {
    this.into.show();
  }
  close(): void {
    this.reader.close();
  }

  private timeOf(row: number): number {
    return this.words ? this.since.of(this.words, row) : Number(this.frameTime - this.base);
  }

  /** The row in hand; behind the last of its frame that of the next. */
  private look(): void {
    if (this.row === this.rows) this.read();
    this.at[0] = this.number;
    this.at[1] = this.row;
    this.time = this.row === this.rows ? Infinity : this.timeOf(this.row) + this.shift;
  }

  private read(): void {
    const [slot] = this.frame.slots;
    do {
      const info = this.reader.read(slot!);
      this.number = info ? this.reader.frame - 1 : this.reader.frame;
      this.row = 0;
      this.rows = info?.rows ?? 0;
      if (!info) return;
      this.frameTime = info.timeNs;
    } while (this.rows === 0);
  }
}
