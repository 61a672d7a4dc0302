/** The latest that a running system's topics tell: of each instrument, of each account, and what the tape was made with. */
import type { Symbols } from "../../bus/bus.js";
import type { Observer } from "../../bus/ring/observer.js";
import type { Supervisor } from "../../system/supervisor/supervisor.js";
import { amount, columns, count, fixed, none, percent, plural, toSecond } from "../kit/format.js";

interface Row {
  readonly name: string;
  price: number;
  spread: number;
  vpin: number;
  rank: number;
  alarm: boolean;
  alarms: number;
  var: number;
  /** Of a simulated market: what goes on in it. */
  label: string;
}
interface Account {
  equity: number;
  maintenance: number;
  call: number;
}
type Numbers = Readonly<Record<string, ArrayLike<number>>>;
type Takes = Readonly<Record<string, (columns: Numbers, row: number, of: Row | undefined, symbols: Symbols) => void>>;

/** Of one width as it moves. */
const priceOf = (value: number): string => (value >= 1e-3 && value < 1e6 ? value.toPrecision(6) : amount(value, 6));
const NONE = Number.NaN;
/** Over which time the values at risk that a system gives are. */
function horizonOf({ engines }: Supervisor["plan"]): string {
  const found = engines.find(({ engine }) => engine === "risk")?.options.barSeconds;
  return typeof found !== "number" ? "" : found === 0 ? " a row" : ` ${found} s`;
}
const informed = ["informed", "informed buy", "informed sell"];

export class Latest {
  readonly rows: readonly Row[];
  /** Of event time; 0 before any row. */
  time = 0n;
  score = NONE;
  private readonly horizon: string;
  private readonly accounts = new Map<string, Account>();
  private readonly observers: readonly { readonly type: string; readonly observer: Observer<any> }[];

  /** By the first word of a topic's name. */
  private readonly takes: Takes = {
    trades: ({ price }, i, of) => void (of && (of.price = price![i]!)),
    prices: ({ price }, i, of) => void (of && (of.price = price![i]!)),
    features: ({ spread }, i, of) => void (of && spread && (of.spread = spread[i]!)),
    risk: (columns, i, of) => void (of && (of.var = columns.var![i]!)),
    toxicity({ vpin, cdf, alarm }, i, of) {
      if (!of) return;
      const stands = alarm![i] === 1;
      Object.assign(of, { vpin: vpin![i]!, rank: cdf![i]!, alarm: stands, alarms: of.alarms + Number(stands && !of.alarm) });
    },
    labels({ kind, side, state }, i, of) {
      if (of) of.label = state![i] === 0 ? "" : kind![i] === 1 ? "flash crash" : informed.at(side![i]!)!;
    },
    margin: ({ account, equity, maintenance, call }, i, _, symbols) => {
      const name = symbols.at(account![i]!) ?? String(account![i]);
      this.accounts.set(name, { equity: equity![i]!, maintenance: maintenance![i]!, call: call![i]! });
    },
    performance_metric: ({ engine, metric, value }, i, _, symbols) => {
      if (symbols.at(metric![i]!) === "score" && symbols.at(engine![i]!) === "system") this.score = value![i]!;
    },
  };

  constructor(supervisor: Supervisor) {
    const { instruments, topics } = supervisor.plan;
    this.horizon = horizonOf(supervisor.plan);
    this.rows = instruments.map((name) => ({
      ...{ name, price: NONE, spread: NONE, vpin: NONE, rank: NONE, alarm: false, alarms: 0, var: NONE, label: "" },
    }));
    this.observers = topics
      .map(({ topic: { name } }) => ({ name, type: name.split(".", 1)[0]! }))
      .filter(({ type }) => Object.hasOwn(this.takes, type))
      .map(({ name, type }) => ({ type, observer: supervisor.observe(name) }));
  }

  look(): void {
    for (const { type, observer } of this.observers)
      for (let seen = observer.read(); seen; seen = observer.read()) {
        const columns = seen.columns as unknown as Numbers & { time?: BigInt64Array };
        const last = columns.time?.[seen.rows - 1];
        if (last !== undefined && type !== "performance_metric" && last > this.time) this.time = last;
        for (let i = 0; i < seen.rows; i++) this.takes[type]!(columns, i, this.rows[columns.instrument?.[i] ?? -1], observer.symbols);
      }
  }

  get alarms(): number {
    return this.rows.reduce((sum, { alarms }) => sum + alarms, 0);
  }
  private gives(...types: readonly string[]): boolean {
    return this.observers.some(({ type }) => types.includes(type));
  }

  /** A line of heads and a line an instrument, `room` lines at most: where there are more, those with alarms come first. */
  instruments(room: number): string[] {
    const made = this.gives("labels");
    const heads = ["", "price", "spread", "VPIN", "rank", `VaR${this.horizon}`, "alarms", "     ", ...(made ? ["made with"] : [])];
    const all =
      this.rows.length < room ? this.rows : this.rows.toSorted((a, b) => Number(b.alarm) - Number(a.alarm) || b.alarms - a.alarms);
    const shown = all.slice(0, this.rows.length < room ? undefined : room - 2);
    const table = columns(
      [
        heads,
        ...shown.map((row) => [
          ...[row.name, priceOf(row.price).padStart(8), amount(row.spread, 2), fixed(row.vpin).padStart(5), fixed(row.rank).padStart(5)],
          ...[percent(row.var, 2).padStart(6), count(row.alarms), row.alarm ? "ALARM" : "     "],
          ...(made ? [row.label || none] : []),
        ]),
      ],
      [1, 2, 3, 4, 5, 6],
    ).split("\n");
    return shown.length < all.length ? [...table, `and ${plural(all.length - shown.length, "instrument")} more`] : table;
  }

  /** A line an account, those with a call first. */
  margin(): string[] {
    return [...this.accounts]
      .toSorted(([, a], [, b]) => b.call - a.call)
      .map(([name, { equity, maintenance, call }]) => {
        const state = call > 0 ? `CALL for ${count(call)}` : `${count(equity - maintenance)} to spare`;
        return `account ${name}   equity ${count(equity)}   margin ${count(maintenance)}   ${state}`;
      });
  }

  when(): string {
    return this.time === 0n ? "" : `market ${toSecond(this.time)}`;
  }
  /** What matters on one line. */
  facts(): string[] {
    const standing = this.rows.filter(({ alarm }) => alarm).map(({ name }) => name);
    return [
      `${plural(this.alarms, "alarm")}${standing.length > 0 ? ` (now ${standing.join(", ")})` : ""}`,
      ...this.rows.slice(0, 4).map(({ name, price }) => `${name} ${priceOf(price)}`),
      ...this.margin().filter((line) => line.includes("CALL")),
    ];
  }
}
