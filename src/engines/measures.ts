/** Measures of a tape beside its buckets: kernels bound to the slots that vpin reads, their values known trade by trade. */
import { addressOf } from "../addon/addon.js";
import type { BoundKernel } from "../core/call/bind.js";
import { tickRule } from "../kernels/flow/sides/tick_rule.js";
import type { Sessions } from "../market/sessions.js";
import { Gather, type TradeViews } from "./gather.js";
import type { Measure } from "./measure_list.js";
import { type QuoteMeasure, quoteMeasure, withoutQuotes } from "./quote_measures.js";
import { type BarBlock, type BarListener, barBlock, SessionBars } from "./session_bars.js";
import { sessionPieces } from "./session_cut.js";
import { States, type StateViews } from "./states.js";

export interface MeasureOptions {
  measures: readonly Measure[];
  /** Sides as the tape has them, or by the tick rule. */
  sides: "given" | "tick_rule";
  barSeconds: number;
  instruments: number;
  sessions?: Sessions | undefined;
  /** Of realized_spread. */
  horizonSeconds?: number | undefined;
  backend?: string | undefined;
}

/** Memory that all instruments write, one after the other. */
interface Room {
  /** By measure of trades: its value as of each row. */
  values: Float64Array[];
  /** Measures of bars change seldom: which values each row has, by their place in `history`. */
  entries: Int32Array;
  history: History;
  side: Int8Array;
  bars: BarBlock;
  /** By measure: its value as of each bar that closed. */
  barValues: Float64Array[];
  /** Where each kernel reads the first slot; where the add-on is loaded. */
  addresses: Record<string, bigint>;
}

/** Values of all measures, whenever those of bars have changed within the batch in hand. */
class History {
  private values = new Float64Array(64);
  private count = 0;

  constructor(private readonly width: number) {}

  begin(): void {
    this.count = 0;
  }

  push(latest: Float64Array): number {
    const at = this.count++ * this.width;
    if (at + this.width > this.values.length) {
      const larger = new Float64Array(2 * (at + this.width));
      larger.set(this.values);
      this.values = larger;
    }
    this.values.set(latest, at);
    return this.count - 1;
  }

  at(entry: number, m: number): number {
    return this.values[entry * this.width + m]!;
  }
}

function note({ addresses }: Room, kernel: string, inputs: object): void {
  for (const [port, view] of Object.entries(inputs)) {
    const address = addressOf(view);
    if (address !== undefined) addresses[`${kernel}.${port}`] ??= address;
  }
}

const roomFor = (rows: number, measures: readonly Measure[]): Room => ({
  values: measures.map(({ clock }) => new Float64Array(clock === "trade" ? rows : 0)),
  entries: new Int32Array(rows),
  history: new History(measures.length),
  side: new Int8Array(rows),
  bars: barBlock(measures.some(({ clock }) => clock === "bar") ? rows : 1),
  barValues: measures.map(({ clock }) => new Float64Array(clock === "bar" ? rows : 0)),
  addresses: {},
});

const paramsOf = ({ window }: Measure): object => (window === undefined ? {} : { window });

/** One instrument: its kernels' states, and its latest values. */
class OwnMeasures implements BarListener {
  /** Value of each measure after the last trade, and before the batch in hand. */
  readonly latest: Float64Array;
  readonly before: Float64Array;
  private readonly sessionEnd: Float64Array;
  private readonly begun: Float64Array;
  private readonly states: StateViews[];
  private readonly tickState: StateViews | undefined;
  private readonly bars: SessionBars | undefined;
  private readonly barRuns: (BoundKernel | undefined)[];
  /** By measure of quotes. */
  private readonly quoted: (QuoteMeasure | undefined)[];
  private readonly tradeRuns: (BoundKernel | undefined)[][] = [];
  private readonly tickRuns: BoundKernel[] = [];
  /** Rows below it have their values of bars. */
  private filled = 0;
  private readonly how: { backend?: string };

  constructor(
    private readonly options: MeasureOptions,
    private readonly room: Room,
    states: States,
  ) {
    const { measures, sides, barSeconds, backend } = options;
    this.how = backend === undefined ? {} : { backend };
    this.states = measures.map((measure) => (measure.quotes ? {} : states.kernel(measure.kernel, paramsOf(measure))));
    this.quoted = measures.map(({ quotes, window }) => quotes && quoteMeasure(quotes, window!, options.horizonSeconds));
    this.tickState = sides === "tick_rule" ? states.kernel(tickRule as never, {}) : undefined;
    const hear = (inputs: object) => note(room, "time_bars", inputs);
    const some = measures.some(({ clock }) => clock === "bar");
    this.bars = some ? new SessionBars(barSeconds, room.bars, states, { ...this.how, onBind: hear }) : undefined;
    this.latest = states.numbers(measures.length);
    this.sessionEnd = states.numbers(1);
    this.begun = states.numbers(1);
    if (this.begun[0] === 0) this.latest.fill(Number.NaN);
    this.before = this.latest.slice();
    this.barRuns = measures.map((measure, m) => {
      if (measure.clock !== "bar") return undefined;
      const inputs = Object.entries(measure.inputs).map(([port, column]) => [port, room.bars[column as keyof BarBlock]]);
      return this.bind(measure, Object.fromEntries(inputs), room.barValues[m]!, this.states[m]!);
    });
  }

  /** Rows [from, to) of the columns of slot `key`. */
  take(columns: TradeViews, key: number, from: number, to: number): void {
    const { options, room, latest } = this;
    this.before.set(latest);
    this.begun[0] = 1;
    const side = this.tickState ? room.side : columns.side;
    const { time, price, size } = columns;
    const runs = (this.tradeRuns[key] ??= this.bindTrades({ ...columns, side }, columns));
    for (const piece of sessionPieces(options.sessions, this.sessionEnd, time, from, to)) {
      if (piece.restarts)
        for (const [m, { clock }] of options.measures.entries()) {
          if (clock === "trade") restart(this.states[m]!, price[piece.from]!);
          this.quoted[m]?.restart();
        }
      this.signs(columns, key, piece.from, piece.to, piece.restarts);
      for (const run of runs) run?.(0, piece.to, piece.from, piece.from);
      this.filled = piece.from;
      this.bars?.take({ time, price, size, side }, key, piece, this);
      this.fill(piece.to);
    }
    options.measures.forEach(({ clock }, m) => {
      if (clock === "trade") latest[m] = room.values[m]![to - 1]!;
    });
  }

  closed(bars: number, base: number): void {
    const { endIndex } = this.room.bars;
    for (const run of this.barRuns) run?.(0, bars, 0, 0);
    for (let k = 0; k < bars; k++) {
      // A bar is known to have ended when a trade past it arrives.
      this.fill(endIndex[k]! - base + 1);
      this.barRuns.forEach((run, m) => {
        if (run) this.latest[m] = this.room.barValues[m]![k]!;
      });
    }
  }

  restart(price: number): void {
    this.barRuns.forEach((run, m) => {
      if (run) restart(this.states[m]!, price);
    });
  }

  private fill(until: number): void {
    if (until <= this.filled) return;
    this.room.entries.fill(this.room.history.push(this.latest), this.filled, until);
    this.filled = until;
  }

  private signs({ price }: TradeViews, key: number, from: number, to: number, restarts: boolean): void {
    if (!this.tickState) return;
    if (restarts) restart(this.tickState, price[from]!);
    this.tickRuns[key] ??= tickRule.bind({ in: { price }, out: { side: this.room.side }, state: this.tickState as never }, {}, this.how);
    this.tickRuns[key](0, to, from, from);
  }

  /** `given`: with the sides as they stand there. */
  private bindTrades(columns: TradeViews, given: TradeViews): (BoundKernel | undefined)[] {
    return this.options.measures.map((measure, m) => {
      const quoted = this.quoted[m];
      if (quoted && !given.bid) throw withoutQuotes(measure.name);
      if (quoted) return ofQuotes(quoted, given, this.room.values[m]!);
      if (measure.clock !== "trade") return undefined;
      const inputs = Object.entries(measure.inputs).map(([port, column]) => [port, columns[column as keyof TradeViews]]);
      return this.bind(measure, Object.fromEntries(inputs), this.room.values[m]!, this.states[m]!);
    });
  }

  private bind(measure: Measure, inputs: object, into: Float64Array, state: StateViews): BoundKernel {
    note(this.room, measure.name, inputs);
    return measure.kernel.bind({ in: inputs, out: { [measure.output]: into }, state }, paramsOf(measure), this.how);
  }
}

/** Called as a kernel is that is bound to the columns. */
const ofQuotes = (measure: QuoteMeasure, columns: TradeViews, out: Float64Array): BoundKernel =>
  ((_slot: number, to: number, from = 0) => {
    measure.take(columns, from, to, out);
    return { consumed: to - from, produced: to - from };
  }) as BoundKernel;

/** Nothing is measured across the gap: the first change of a session is that from its own first price. */
function restart(state: StateViews, price: number): void {
  const { lastPrice, lastSide, last } = state as Readonly<Record<string, Float64Array | undefined>>;
  if (lastPrice && lastPrice[0]! > 0) lastPrice[0] = price;
  lastSide?.fill(0);
  last?.fill(0);
}

export class Measures {
  readonly names: readonly string[];
  private readonly each: OwnMeasures[] = [];
  private room: Room | undefined;
  private gather: Gather | undefined;
  /** First row of the tape that lies in the batch in hand, less its row there; and rows of that batch. */
  private base = 0;
  private rows = { from: 0, to: 0 };

  constructor(
    private readonly options: MeasureOptions,
    private readonly states: States = new States(),
  ) {
    this.names = options.measures.map(({ name }) => name);
  }

  /** Rows [from, to) of a batch; `first` is the place of row `from` in the tape. */
  take(columns: TradeViews, slot: number, from: number, to: number, first: number): void {
    const { options } = this;
    if (options.measures.length === 0 || from >= to) return;
    if (this.states.together && !this.room) this.makeAll(columns.time.length);
    this.base = first - from;
    this.rows = { from, to };
    this.room?.history.begin();
    if (options.instruments === 1) {
      this.of(0, columns).take(columns, slot, from, to);
      return;
    }
    this.gather ??= new Gather(columns.time.length, options.instruments, columns);
    for (const own of this.gather.take(columns, from, to)) this.of(own.instrument, columns).take(this.gather.columns, 0, own.from, own.to);
  }

  /** Where each kernel reads the slot that came first. */
  get addresses(): Readonly<Record<string, bigint>> {
    return this.room?.addresses ?? {};
  }

  /** States in one block lie in the order of the instruments. */
  makeAll(rows: number): void {
    for (let id = 0; id < this.options.instruments; id++) this.own(id, rows);
  }

  /** Value of measure m as of a trade of the tape: one of the batch in hand, or the last of its instrument before. */
  at(m: number, row: number, instrument: number): number {
    const place = row - this.base;
    if (place < this.rows.from || place >= this.rows.to) return this.each[instrument]?.before[m] ?? Number.NaN;
    const { values, entries, history } = this.room!;
    const own = this.gather ? this.gather.place[place]! : place;
    return this.options.measures[m]!.clock === "bar" ? history.at(entries[own]!, m) : values[m]![own]!;
  }

  /** The tape has ended: what is asked for now is as of the last trades. */
  settle(): void {
    this.rows = { from: 0, to: 0 };
    for (const own of this.each) own?.before.set(own.latest);
  }

  private of(id: number, { time }: TradeViews): OwnMeasures {
    return this.own(id, time.length);
  }

  private own(id: number, rows: number): OwnMeasures {
    this.room ??= roomFor(rows, this.options.measures);
    return (this.each[id] ??= new OwnMeasures(this.options, this.room, this.states));
  }
}
