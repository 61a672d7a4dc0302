/** A topic that an engine takes, as its host sees it: stretches of good rows, and how far they were taken. */
import type { Batch, Columns, Slot, Symbols, Topic, Views } from "../../bus/bus.js";
import { copyRows, Frames, layoutOf } from "../../bus/frame.js";
import type { TickforgeError } from "../../core/contract/errors.js";
import type { TakenTopic } from "../kit/engine.js";
import { RowCheck } from "./row_check.js";

/** What reads a topic and can be left at any row: a durable subscription of a ring. */
export interface Reader {
  readonly topic: Topic;
  readonly symbols: Symbols;
  read(): Batch | undefined;
  /** Number of the next row to be read. */
  readonly sequence: number;
  acknowledge(sequence: number): void;
  /** Batches read and not acknowledged, and those that were not read yet. */
  readonly held: number;
  readonly waiting: number;
  readonly lost: number;
  readonly ended: boolean;
  /** Asks to be woken at the next batch. */
  ask(): void;
  close(): void;
}

/** What an engine is shown of a batch: the rows from `from` to `rows` of its slot. */
class Stretch implements Batch {
  slot = 0;
  rows = 0;
  from = 0;
  sequence = 0;
  lost = 0;
  timeNs = 0n;
  producer = 0;
  epoch = 0;
  columns: Views<Columns> = {};
  intact(): boolean {
    return true;
  }
}

/** A batch in hand: the ring's own, or of a topic that evicts a copy, for its publisher does not wait until the engine has read it. */
type InHand = Pick<Batch, "slot" | "rows" | "columns">;
/** Above the indices of a ring's own slots and spares. */
const beyond = 16;

export class InputPort {
  /** Number of the next row to be taken, and rows refused and lost so far. */
  position: number;
  refused: number;
  lost: number;
  /** Rows handed to the engine, and times that rows were lost. */
  rows: number;
  gaps: number;
  readonly stretch = new Stretch();
  private batch: InHand | undefined;
  private readonly copy: Slot | undefined;
  private readonly check: RowCheck;

  /** `numbers`: position, refused, lost, rows and gaps, where they are kept; `last`: see RowCheck. */
  constructor(
    readonly name: string,
    readonly reader: Reader,
    taken: TakenTopic,
    instruments: number,
    private readonly numbers: Float64Array,
    last: Uint8Array,
    private readonly tell: (fault: TickforgeError, row: number) => void,
    private readonly missed: (rows: number, before: number) => void,
    /** It comes of what the engine gives. */
    readonly back = false,
  ) {
    [this.position, this.refused, this.lost, this.rows, this.gaps] = numbers as unknown as [number, number, number, number, number];
    this.check = new RowCheck(taken, reader.topic, instruments, last);
    const layout = layoutOf(reader.topic);
    if (reader.topic.backpressure === "evict") this.copy = new Frames(layout, new ArrayBuffer(layout.stride), 0, 1).slots[0]!;
  }

  /** Whether there are rows to take. */
  get waits(): boolean {
    return this.batch !== undefined || this.reader.waiting > 0;
  }
  get ended(): boolean {
    return this.batch === undefined && this.reader.ended;
  }

  /** The batch in hand, or the next; the stretch in hand ends where what was not taken of it begins. */
  private get left(): InHand | undefined {
    if (this.batch) return this.batch;
    const batch = this.reader.read();
    if (!batch) return undefined;
    this.lost += batch.lost;
    if (batch.lost > 0) {
      this.gaps++;
      this.missed(batch.lost, batch.sequence);
    }
    const inHand = this.kept(batch);
    // Taken away while it was copied: the next one tells its rows as lost.
    if (!inHand) return this.left;
    this.position = batch.sequence;
    const { stretch } = this;
    stretch.slot = inHand.slot;
    stretch.columns = inHand.columns;
    stretch.timeNs = batch.timeNs;
    stretch.producer = batch.producer;
    stretch.epoch = batch.epoch;
    stretch.lost = batch.lost;
    stretch.rows = batch.from;
    return (this.batch = inHand);
  }

  private kept(batch: Batch): InHand | undefined {
    const { copy } = this;
    if (!copy) return batch;
    copyRows(layoutOf(this.reader.topic), batch.columns, 0, batch.rows, copy);
    return batch.intact() ? { slot: this.reader.topic.slots + beyond, rows: batch.rows, columns: copy.columns } : undefined;
  }

  /** Of the first row in hand, where the topic has times; else 0. */
  get time(): bigint {
    const { columns, rows } = this.stretch;
    return (columns as { time?: BigInt64Array }).time?.[rows] ?? 0n;
  }

  /** Where the present batch ends; undefined where none waits. */
  offer(): number | undefined {
    const batch = this.left;
    return batch && this.position + batch.rows - this.stretch.rows;
  }

  /** The next stretch of good rows below `upTo`, behind those that are refused; undefined where there is none now. */
  next(upTo: number): Stretch | undefined {
    for (;;) {
      const batch = this.position < upTo ? this.left : undefined;
      if (!batch) return undefined;
      const { stretch } = this;
      const from = stretch.rows;
      const to = Math.min(batch.rows, from + upTo - this.position);
      const end = this.check.good(batch.columns as never, batch.slot, from, to);
      stretch.from = from;
      stretch.rows = end;
      stretch.sequence = this.position;
      if (end > from) return stretch;
      this.refused++;
      this.tell(this.check.fault(batch.columns as never, from), this.position);
      stretch.rows = from + 1;
      this.pass();
    }
  }

  /** The stretch was taken whole. */
  taken(): void {
    this.rows += this.stretch.rows - this.stretch.from;
    this.pass();
  }
  private pass(): void {
    const { stretch } = this;
    this.position += stretch.rows - stretch.from;
    stretch.lost = 0;
    if (stretch.rows === this.batch!.rows) this.batch = undefined;
  }

  /** Writes down how far it is, for the state; `from`: the row that whoever continues takes first. */
  keep(from = this.position): void {
    this.numbers[0] = from;
    this.numbers[1] = this.refused;
    this.numbers[2] = this.lost;
    this.numbers[3] = this.rows;
    this.numbers[4] = this.gaps;
  }
}
