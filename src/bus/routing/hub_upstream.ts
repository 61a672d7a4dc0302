/** One topic read once: its rows are dealt to the lanes of those who ask, and the last of each instrument are kept. */
import { BusError } from "../../core/contract/errors.js";
import type { Batch, Columns, Subscription, Topic, Views } from "../bus.js";
import { copyRows, Frames, type Layout, layoutOf } from "../frame.js";
import { Lane } from "./hub_lane.js";
import { LastRows } from "./last_rows.js";
import { Places } from "./places.js";

/** Since the hub began; `wanted`: what askers with subscriptions of their own would have read. */
export interface Totals {
  asked: number;
  opened: number;
  hits: number;
  misses: number;
  rows: number;
  bytes: number;
  missed: number;
  wantedRows: number;
  wantedBytes: number;
}
export interface UpstreamOptions {
  /** The column of instruments; none: the topic is of one. */
  readonly column: string | undefined;
  readonly keep: number;
  readonly instruments: number;
}
/** An instrument by its symbol or id; undefined: all of the topic. */
export type Instrument = string | number | undefined;

/** A batch as the hub reads it: rows [0, rows) of `columns`, which may be read until the handler returns. */
export interface Followed<C extends Columns = Columns> {
  readonly rows: number;
  /** Of the topic, as the batch has it. */
  readonly sequence: number;
  readonly timeNs: bigint;
  readonly producer: number;
  readonly epoch: number;
  /** Rows of the topic that the hub missed directly before. */
  readonly lost: number;
  readonly columns: Views<C>;
  /** The rows of each instrument by their places, in their order; of a topic of one instrument, all under 0. */
  readonly places: ReadonlyMap<number, Int32Array>;
}
/** `batch` may not throw; `failed`: reading has ended, for a reason that the subscription gave. */
export interface Follower<C extends Columns = Columns> {
  batch(batch: Followed<C>): void;
  failed(error: unknown): void;
}
/** A topic that has ended is looked at so often, for a publisher may open it again. */
const REOPENED_MS = 50;

const bytesOf = { f64: 8, i64: 8, f32: 4, i32: 4, u32: 4, i8: 1, u8: 1 } as const;
/** Of a topic without a column of instruments. */
const ONLY = 0;

export class Upstream<C extends Columns = Columns> {
  askers = 0;
  /** Rows that came here, and that were lost before they did, so far. */
  rows = 0;
  missed = 0;
  /** Of the last batch. */
  producer = 0;
  epoch = 0;
  readonly known: LastRows<C>;
  readonly followers = new Set<Follower<C>>();
  private readonly lanes = new Map<Instrument, Lane<C>>();
  private readonly byId = new Map<number, Lane<C>[]>();
  /** Asked for by a symbol that the topic does not have yet. */
  private nameless: Lane<C>[] = [];
  readonly layout: Layout<C>;
  private readonly rowBytes: number;
  private readonly places: Places;
  /** A batch that may be taken away while it is read is copied before its rows are dealt. */
  private readonly stage: Frames<C> | undefined;
  /** A frame that was refused while the event loop read: the source says so once, and an asker is to hear it. */
  private refused: BusError | undefined;
  private driving = false;
  private closed = false;

  constructor(
    readonly source: Subscription<C>,
    private readonly options: UpstreamOptions,
    private readonly totals: Totals,
  ) {
    const layout = (this.layout = layoutOf(source.topic));
    this.known = new LastRows(layout, options.keep, options.instruments);
    this.rowBytes = layout.columns.reduce((sum, { dtype, width }) => sum + bytesOf[dtype] * width, 0);
    this.places = new Places(this.topic.rows);
    if (this.topic.backpressure === "evict") this.stage = new Frames(layout, new ArrayBuffer(layout.stride), 0, 1);
    totals.opened++;
  }
  get topic(): Topic<C> {
    return this.source.topic;
  }
  /** Memory of the lanes and of the last rows. */
  get bytes(): number {
    return [...this.lanes.values()].reduce((sum, { bytes }) => sum + bytes, this.known.bytes + (this.stage ? this.layout.stride : 0));
  }

  /** The lane of an instrument, for one asker more. */
  enter(instrument: Instrument): Lane<C> {
    let lane = this.lanes.get(instrument);
    if (!lane) {
      this.lanes.set(instrument, (lane = new Lane(this.layout, this.before(instrument))));
      if (typeof instrument === "string") this.nameless.push(lane);
      else if (instrument !== undefined) this.place(instrument, lane);
      this.name();
    }
    lane.askers++;
    this.askers++;
    this.totals.asked++;
    return lane;
  }
  leave(instrument: Instrument): void {
    const lane = this.lanes.get(instrument)!;
    this.askers--;
    if (--lane.askers > 0) return;
    const others = (lanes: Lane<C>[]) => lanes.filter((one) => one !== lane);
    this.lanes.delete(instrument);
    this.nameless = others(this.nameless);
    for (const [id, lanes] of this.byId) if (lanes.includes(lane)) this.byId.set(id, others(lanes));
    lane.close();
  }
  /** Undefined for a symbol that the topic does not have yet. */
  readonly idOf = (instrument: Instrument): number | undefined => {
    if (this.options.column === undefined) return ONLY;
    return typeof instrument === "string" ? this.source.symbols.find(instrument) : instrument;
  };
  /** The last rows of an instrument or of all, by their places; asked for, and told from askers of whom nothing is known. */
  last(instrument: Instrument): ReturnType<LastRows<C>["read"]> {
    const found = this.known.read(instrument === undefined ? "all" : (this.idOf(instrument) ?? Number.NaN));
    this.totals[found.rows.length > 0 ? "hits" : "misses"]++;
    return found;
  }
  private before(instrument: Instrument): number {
    return instrument === undefined ? this.rows : this.known.count(this.idOf(instrument));
  }
  private place(id: number, lane: Lane<C>): void {
    this.byId.set(id, [...(this.byId.get(id) ?? []), lane]);
  }
  /** Symbols come to a topic while it runs. */
  private name(): void {
    if (this.nameless.length === 0) return;
    for (const [instrument, lane] of this.lanes) {
      const id = this.nameless.includes(lane) ? this.idOf(instrument) : undefined;
      if (id === undefined) continue;
      this.place(id, lane);
      this.nameless = this.nameless.filter((one) => one !== lane);
    }
  }

  /** Whether every lane can take a batch more; one that cannot holds the topic where it says `block`. */
  get roomy(): boolean {
    for (const lane of this.lanes.values()) if (!lane.roomy) return false;
    return true;
  }
  /** Takes what lies there, as far as there is room and `wanted` says so. */
  pump(wanted: () => boolean = () => true): void {
    while (wanted() && this.roomy && this.source.poll(this.take, 1) > 0);
  }

  private readonly take = (batch: Batch<C>): void => {
    const { rows, lost } = batch;
    let { columns } = batch;
    if (this.stage) {
      const [slot] = this.stage.slots;
      const cut = this.layout.columns.map(({ name, width }) => [name, (columns[name] as Float64Array).subarray(0, rows * width)]);
      copyRows(this.layout, Object.fromEntries(cut), 0, rows, slot!);
      columns = slot!.columns;
      if (!batch.intact()) return;
    }
    this.missed += lost;
    this.name();
    const places = this.deal(columns, batch);
    this.rows += rows;
    this.producer = batch.producer;
    this.epoch = batch.epoch;
    const { sequence, timeNs, producer, epoch } = batch;
    for (const follower of this.followers) follower.batch({ rows, sequence, timeNs, producer, epoch, lost, columns, places });
    const { totals, askers, rowBytes } = this;
    totals.missed += lost;
    totals.rows += rows;
    totals.bytes += rows * rowBytes;
    totals.wantedRows += rows * askers;
    totals.wantedBytes += rows * askers * rowBytes;
  };
  private deal(columns: Views<C>, batch: Batch<C>): ReadonlyMap<number, Int32Array> {
    const { column } = this.options;
    const { rows } = batch;
    const places = column === undefined ? this.places.alone(ONLY, rows) : this.places.sort(columns[column] as Uint32Array, rows);
    for (const [id, picked] of places) {
      this.known.put(id, columns, picked, batch.timeNs);
      for (const lane of this.byId.get(id) ?? []) lane.put(columns, picked.length, picked, batch, this.missed);
    }
    this.lanes.get(undefined)?.put(columns, batch.rows, undefined, batch, this.missed);
    return places;
  }
  /** Settles when there may be something new in the lane; from the first call on the event loop reads on for everybody. */
  arrival(lane: Lane<C>): Promise<void> {
    const news = lane.arrived.next();
    void this.drive();
    return news;
  }
  /** Throws what the event loop met in the meantime. */
  tell(): void {
    const { refused } = this;
    this.refused = undefined;
    if (refused) throw refused;
  }
  private pumpOn(): void {
    try {
      this.pump();
    } catch (error) {
      if (!(error instanceof BusError && error.code === "E_BUS_FRAME")) throw error;
      this.refused = error;
      for (const lane of this.lanes.values()) lane.arrived.ring();
    }
  }
  /** Reads in the event loop until the end; what goes wrong is told to those who wait, by their own next look. */
  async drive(): Promise<void> {
    if (this.driving) return;
    this.driving = true;
    try {
      while (!this.closed) {
        this.pumpOn();
        if (this.source.ended) {
          if (this.followers.size === 0) break;
          await new Promise((resolve) => setTimeout(resolve, REOPENED_MS).unref());
        } else if (this.roomy) await this.source.arrival();
        else await Promise.all([...this.lanes.values()].map((lane) => lane.room()));
      }
    } catch (error) {
      await new Promise((resolve) => setImmediate(resolve));
      for (const follower of this.closed ? [] : this.followers) follower.failed(error);
    } finally {
      this.driving = false;
      for (const lane of this.lanes.values()) lane.arrived.ring();
    }
  }

  close(): void {
    this.closed = true;
    this.source.close();
    for (const lane of this.lanes.values()) lane.close();
  }
}
