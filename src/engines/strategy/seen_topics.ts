/** What topics have told: the newest value of each column by instrument, and rows that wait for `onRows`. */
import type { RowsSeen } from "../../backtest/strategy/strategy.js";
import type { Topic } from "../../bus/bus.js";
import { layoutOf } from "../../bus/frame.js";
import { type View, viewOf } from "../../core/contract/contract.js";
import { TickforgeError } from "../../core/contract/errors.js";
import type { States } from "../states.js";

export type Columns = Readonly<Record<string, View>>;

export interface SeenTopicsOptions {
  readonly instruments: number;
  /** Columns of all topics together whose newest values are remembered. */
  readonly values: number;
  /** Topics whose rows wait, as the strategy names them, and the memory for those of all. */
  readonly rows: readonly string[];
  readonly bytes: number;
}

/** The newest value of each column, and behind it 1 where there was one. */
type Newest = Readonly<Record<string, Float64Array>>;
interface Seen {
  readonly port: string;
  readonly topic: Topic;
  readonly newest: Newest;
}

const align = (bytes: number) => Math.ceil(bytes / 8) * 8;

export class SeenTopics {
  private readonly all: Seen[] = [];
  private readonly waiting = new Map<string, WaitingRows>();
  private readonly values: Float64Array;
  private readonly memory: Uint8Array;
  private readonly counts: Float64Array;

  /** What of it is in the state hangs on the options alone; `open` says which topics there are. */
  constructor(
    private readonly options: SeenTopicsOptions,
    states: States,
  ) {
    this.values = states.numbers(2 * options.instruments * options.values);
    this.memory = states.view(Uint8Array, options.bytes);
    this.counts = states.numbers(options.rows.length);
  }

  /** By port. */
  open(engine: string, topics: Readonly<Record<string, Topic>>): void {
    const { instruments, values, rows, bytes } = this.options;
    let at = 0;
    for (const [port, topic] of Object.entries(topics)) {
      const names = layoutOf(topic).columns.flatMap(({ name, width }) => (width === 1 && name !== "instrument" ? [name] : []));
      if (at + names.length > values)
        throw new TickforgeError("E_ENGINE", `engine '${engine}': its topics have more than ${values} columns`, {
          hint: "give the option values a higher number, or take fewer topics",
        });
      const place = (i: number) => this.values.subarray(2 * instruments * (at + i), 2 * instruments * (at + i + 1));
      this.all.push({ port, topic, newest: Object.fromEntries(names.map((name, i) => [name, place(i)])) });
      at += names.length;
    }
    const share = Math.floor(bytes / Math.max(1, rows.length) / 8) * 8;
    for (const [i, name] of rows.entries()) {
      const of = this.called(name);
      if (!of)
        throw new TickforgeError("E_ENGINE", `engine '${engine}': the strategy asks for rows of topic '${name}', which it does not take`, {
          hint: `it takes ${this.all.map(({ topic }) => topic.name).join(", ") || "none"}: name the topic at a port of \`takes\``,
        });
      const memory = this.memory.subarray(i * share, (i + 1) * share);
      this.waiting.set(of.port, new WaitingRows(name, of.topic, memory, this.counts.subarray(i, i + 1)));
    }
  }

  /** By the name of its topic, else by that of the port. */
  private called(name: string): Seen | undefined {
    return this.all.find(({ topic }) => topic.name === name) ?? this.all.find(({ port }) => port === name);
  }

  /** A row of a port came; true where no more rows of it can wait. */
  take(port: string, columns: Columns, row: number): boolean {
    const { newest } = this.all.find((one) => one.port === port)!;
    const instrument = columns.instrument?.[row];
    if (typeof instrument === "number" && instrument < this.options.instruments)
      for (const name in newest) {
        const of = newest[name]!;
        of[2 * instrument] = Number(columns[name]![row]!);
        of[2 * instrument + 1] = 1;
      }
    const waiting = this.waiting.get(port);
    waiting?.take(columns, row);
    return waiting?.full ?? false;
  }

  /** As `features.queue_imbalance`, or the column alone: NaN before the first. */
  feature(name: string, instrument: number): number {
    const dot = name.indexOf(".");
    const [topic, column] = dot < 0 ? [undefined, name] : [name.slice(0, dot), name.slice(dot + 1)];
    const found = topic === undefined ? this.all : [this.called(topic)];
    for (const of of found) {
      const values = of?.newest[column];
      if (values?.[2 * instrument + 1] === 1) return values[2 * instrument]!;
    }
    return Number.NaN;
  }

  /** Rows that no hook was given yet, topic by topic. */
  *give(): Generator<RowsSeen> {
    for (const waiting of this.waiting.values()) {
      const rows = waiting.give();
      if (rows) yield rows;
    }
  }
}

class WaitingRows {
  private readonly columns: Readonly<Record<string, { readonly view: View; readonly width: number }>>;
  private readonly most: number;

  constructor(
    /** As the strategy calls it. */
    private readonly name: string,
    topic: Topic,
    memory: Uint8Array,
    private readonly count: Float64Array,
  ) {
    const { columns } = layoutOf(topic);
    const rowBytes = columns.reduce((sum, { dtype, width }) => sum + width * viewOf(dtype).BYTES_PER_ELEMENT, 0);
    this.most = Math.floor((memory.length - 8 * columns.length) / rowBytes);
    if (this.most < 1)
      throw new TickforgeError("E_ENGINE", `a row of topic '${topic.name}' has ${rowBytes} bytes, more than rows that wait have room for`, {
        hint: "give the option waitingBytes a higher number",
      });
    let at = memory.byteOffset;
    this.columns = Object.fromEntries(
      columns.map(({ name: column, dtype, width }) => {
        const of = viewOf(dtype);
        const view = new of(memory.buffer, at, this.most * width);
        at += align(this.most * width * of.BYTES_PER_ELEMENT);
        return [column, { view, width }];
      }),
    );
  }

  get full(): boolean {
    return this.count[0]! >= this.most;
  }

  take(columns: Columns, row: number): void {
    const at = this.count[0]!++;
    for (const name in this.columns) {
      const { view, width } = this.columns[name]!;
      const from = columns[name]!;
      for (let i = 0; i < width; i++) view[at * width + i] = from[row * width + i]!;
    }
  }

  /** Copies of all that wait; undefined where none do. */
  give(): RowsSeen | undefined {
    const rows = this.count[0]!;
    if (rows === 0) return undefined;
    this.count[0] = 0;
    const columns = Object.entries(this.columns).map(([name, { view, width }]) => [name, view.slice(0, rows * width)]);
    return { topic: this.name, rows, columns: Object.fromEntries(columns) };
  }
}
