/** Topic of trades -> vpin and what else is measured, in one pass over the same slots -> topic of buckets. */

import { addressOf } from "../addon/addon.js";
import type { Batch, Publisher, Slot, Topic } from "../bus/bus.js";
import { topic } from "../bus/frame.js";
import { messages } from "../bus/routing/message_types.js";
import type { BoundKernel } from "../core/call/bind.js";
import { needMethods, needObject } from "../core/contract/arguments.js";
import { TickforgeError } from "../core/contract/errors.js";
import { vpin } from "../kernels/flow/toxicity/vpin.js";
import { Sessions } from "../market/sessions.js";
import type { TradeColumns } from "../market/trade_columns.js";
import { Alarms, minHistoryOf } from "./alarms.js";
import type { TradeViews } from "./gather.js";
import { type Measure, type MeasureNames, parseMeasures } from "./measure_list.js";
import { Measures } from "./measures.js";
import { knownInstruments, oneInstrument } from "./one_instrument.js";
import { States, type StateViews } from "./states.js";

export interface ToxicityOptions {
  /** Volume of a bucket of each instrument; their number is the number of instruments. */
  bucketVolumes: Float64Array;
  window?: number | undefined;
  history?: number | undefined;
  classify?: "given" | "tick_rule" | undefined;
  /** The alarm stands where at least this share of the earlier values lies below the present one. */
  threshold?: number | undefined;
  /** Earlier values that there must be before the first alarm: 100, or `history` where that is less. */
  minHistory?: number | undefined;
  /** As `--measures` takes them: "kyle_lambda,roll_spread:500", "all", "none". */
  measures?: string | undefined;
  /** Time bars that measures of bars are made from. */
  barSeconds?: number | undefined;
  /** As `--session` takes it; bars end with a session, buckets do not. */
  session?: string | undefined;
  /** Of realized_spread: seconds from a trade to the quote that it is held against; 300. */
  horizonSeconds?: number | undefined;
  backend?: string | undefined;
  /** Memory of `ToxicityEngine.stateBytes(options)`: zeros to begin, or what another engine with these options has used. */
  state?: ArrayBufferLike | undefined;
}

const usual = messages.toxicity;

/** Columns of finished buckets, and one a measure where its name is known. */
export type ToxicityColumns<List extends string = "none"> = typeof usual.columns & {
  readonly [name in MeasureNames<List>]: { readonly dtype: "f64" };
};

/** Topic of finished buckets: columns of vpin, `alarm`, and one column a measure. */
export const toxicityTopic = <const List extends string = "none">(
  options: { measures?: List | undefined; name?: string | undefined; rows?: number | undefined; slots?: number | undefined } = {},
): Topic<ToxicityColumns<List>> => {
  needObject("toxicityTopic: options", options);
  return topic({
    name: options.name ?? "toxicity",
    columns: {
      ...usual.columns,
      ...Object.fromEntries(parseMeasures(options.measures ?? "none").map(({ name }) => [name, { dtype: "f64" } as const])),
    },
    rows: options.rows ?? usual.rows,
    slots: options.slots ?? usual.slots,
    backpressure: "block",
  } as unknown as Topic<ToxicityColumns<List>>);
};

const barSecondsDefault = 60;
const thresholdDefault = 0.99;

function alarmsOf(
  { threshold = thresholdDefault, minHistory, history = vpin.contract.params.history.default, bucketVolumes }: ToxicityOptions,
  states: States,
) {
  return new Alarms({ threshold, history, minHistory: minHistoryOf(history, minHistory) }, bucketVolumes.length, states);
}

function paramsOf(options: ToxicityOptions) {
  needObject("ToxicityEngine: options", options);
  needMethods("ToxicityEngine: bucketVolumes", options.bucketVolumes, "a Float64Array", "subarray");
  const { bucketVolumes, window, history, classify } = options;
  const several = bucketVolumes.length > 1;
  const given = Object.fromEntries(Object.entries({ window, history, classify }).filter(([, value]) => value !== undefined));
  return { bucketVolume: several ? 0 : bucketVolumes[0]!, instruments: bucketVolumes.length, ...given };
}

/** Every kernel is bound once to each slot's columns and reads them where they are; vpin writes into the claimed slot of the results. */
export class ToxicityEngine {
  private readonly own: Record<string, bigint> = {};
  private readonly params;
  private readonly list: readonly Measure[];
  private readonly measures: Measures;
  private readonly alarms: Alarms;
  private readonly state: StateViews;
  /** Trades taken so far, and whose they are where they are of one instrument. */
  private readonly taken: Float64Array;
  /** Trades that were measured: those of a batch at once, before its first is taken; it may come again with none taken. */
  private measured = 0;
  /** By slot of the trades, then of the results. */
  private readonly runs: BoundKernel[][] = [];

  constructor(
    private readonly options: ToxicityOptions,
    private readonly results: Publisher,
  ) {
    this.params = paramsOf(options);
    const states = new States(options.state);
    this.list = parseMeasures(options.measures ?? "none");
    this.state = states.kernel(vpin as never, this.params);
    this.taken = states.numbers(2);
    this.alarms = alarmsOf(options, states);
    this.measures = measuresOf(options, this.list, states);
  }

  /** Bytes of a state block for these options. */
  static stateBytes(options: ToxicityOptions): number {
    const states = new States();
    states.kernel(vpin as never, paramsOf(options));
    states.numbers(2);
    alarmsOf(options, states);
    measuresOf(options, parseMeasures(options.measures ?? "none"), states).makeAll(1);
    return states.bytes;
  }

  /** Where the kernels read the slot that came first, as `kernel.port`, vpin's as `port`; where the add-on is loaded. */
  get addresses(): Readonly<Record<string, bigint>> {
    return { ...this.own, ...this.measures.addresses };
  }

  /** Row up to which the batch was taken: fewer than it has where the results are full. Drain them and call again from there. */
  take(batch: Batch<TradeColumns>, from = batch.from): number {
    const { columns, slot, rows } = batch;
    if (from === batch.from) this.checkInstruments(batch);
    for (let at = from; at < rows; ) {
      const into = this.results.claim();
      if (!into) return at;
      if (this.measured <= this.taken[0]!) this.located(at, () => this.measures.take(columns, slot, at, rows, this.taken[0]!));
      this.measured = this.taken[0]! + rows - at;
      const { consumed, produced } = this.execute(batch, into, at);
      this.complete(into, produced);
      this.results.commit(produced);
      this.taken[0]! += consumed;
      at += consumed;
    }
    return rows;
  }

  private checkInstruments(batch: Batch<TradeColumns>): void {
    const { length } = this.options.bucketVolumes;
    if (length === 1) oneInstrument("ToxicityEngine", "trades", batch, this.taken.subarray(1));
    else knownInstruments("ToxicityEngine", "trades", batch, length);
  }

  private execute(batch: Batch<TradeColumns>, into: Slot, from: number) {
    const runs = (this.runs[batch.slot] ??= []);
    return this.located(from, () => {
      const run = (runs[into.index] ??= this.bind(batch.columns, into));
      return run(0, batch.rows, from, 0);
    });
  }

  /** Errors name a trade of the tape instead of a row of a slot. */
  private located<T>(from: number, step: () => T): T {
    try {
      return step();
    } catch (cause) {
      this.results.abort();
      if (!(cause instanceof TickforgeError) || cause.row === undefined) throw cause;
      throw atTrade(cause, this.taken[0]! - from + cause.row);
    }
  }

  private bind({ time, price, size, side, instrument }: TradeViews, { columns: into }: Slot): BoundKernel {
    const { classify, bucketVolumes, backend } = this.options;
    const columns = { time, price, size, ...(classify !== "tick_rule" && { side }) };
    for (const [name, view] of Object.entries(columns)) {
      const address = addressOf(view);
      if (address !== undefined) this.own[name] ??= address;
    }
    const several = bucketVolumes.length > 1 ? { instrument, bucketVolumes } : {};
    const { alarm: _, ...out } = into as Record<string, Float64Array>;
    const ports = Object.fromEntries(Object.keys(vpin.contract.outputs).map((name) => [name, out[name]]));
    const arrays = { in: { ...columns, ...several }, out: ports, state: this.state };
    return vpin.bind(arrays as never, this.params as never, backend === undefined ? {} : { backend });
  }

  /** What vpin does not write: the alarm, and the measures as of the trade that closed each bucket. */
  private complete({ columns }: Slot, rows: number): void {
    const { vpin: value, cdf, alarm, endIndex, instrument, ...others } = columns as Record<string, Float64Array>;
    for (let i = 0; i < rows; i++) alarm![i] = this.alarms.next(instrument![i]!, value![i]!, cdf![i]!);
    this.list.forEach(({ name }, m) => {
      const into = others[name]!;
      for (let i = 0; i < rows; i++) into[i] = this.measures.at(m, endIndex![i]!, instrument![i]!);
    });
  }
}

function measuresOf(options: ToxicityOptions, measures: readonly Measure[], states = new States()): Measures {
  const { classify = "given", barSeconds = barSecondsDefault, bucketVolumes, session, horizonSeconds, backend } = options;
  const kept = options.state && measures.find(({ quotes }) => quotes !== undefined);
  if (kept)
    throw new TickforgeError("E_MEASURE", `measure ${kept.name} does not keep its state in a block`, {
      hint: "leave out state, or the measure",
    });
  const sessions = session === undefined ? undefined : new Sessions(session);
  return new Measures(
    { measures, sides: classify, barSeconds, horizonSeconds, instruments: bucketVolumes.length, sessions, backend },
    states,
  );
}

/** Rows of a slot say nothing to a reader: trades are counted from the first of the tape. */
function atTrade(cause: TickforgeError, row: number): TickforgeError {
  const { code, hint, kernel, port, value } = cause;
  const what = cause.message.replace(/row \d+/, `of trade ${(row + 1).toLocaleString("en-US")}`);
  return new TickforgeError(code, what, { row, value, cause, ...(hint && { hint }), ...(kernel && { kernel }), ...(port && { port }) });
}
