/** The latest of each instrument that a running system's topics tell: price, VPIN, alarm, VaR, time. */
import type { Observer } from "../../bus/ring/observer.js";
import type { Supervisor } from "../../system/supervisor/supervisor.js";
import { amount, fixed, percent, plural, toSecond } from "../kit/format.js";

interface Row {
  price: number;
  vpin: number;
  cdf: number;
  alarm: boolean;
  alarms: number;
  var: number;
}
type Numbers = Readonly<Record<string, ArrayLike<number>>>;

export class Latest {
  private readonly rows: Row[];
  private readonly observers: readonly { readonly type: string; readonly observer: Observer<any> }[];
  private time = 0n;

  constructor(private readonly supervisor: Supervisor) {
    const { instruments, topics } = supervisor.plan;
    this.rows = instruments.map(() => ({ price: Number.NaN, vpin: Number.NaN, cdf: Number.NaN, alarm: false, alarms: 0, var: Number.NaN }));
    const shown = ["trades", "prices", "toxicity", "risk"];
    this.observers = topics
      .map(({ topic: { name } }) => ({ name, type: name.split(".", 1)[0]! }))
      .filter(({ type }) => shown.includes(type))
      .map(({ name, type }) => ({ type, observer: supervisor.observe(name) }));
  }

  look(): void {
    for (const { type, observer } of this.observers)
      for (let seen = observer.read(); seen; seen = observer.read()) this.take(type, seen.columns as unknown as Numbers, seen.rows);
  }

  private take(type: string, columns: Numbers, rows: number): void {
    const { time } = columns as unknown as { time?: BigInt64Array };
    if (time && rows > 0 && time[rows - 1]! > this.time) this.time = time[rows - 1]!;
    for (let i = 0; i < rows; i++) {
      const row = this.rows[columns.instrument?.[i] ?? -1];
      if (!row) continue;
      if (columns.price && type !== "risk") row.price = columns.price[i]!;
      if (type === "risk") row.var = columns.var![i]!;
      if (type !== "toxicity") continue;
      row.vpin = columns.vpin![i]!;
      row.cdf = columns.cdf![i]!;
      const alarm = columns.alarm![i] === 1;
      if (alarm && !row.alarm) row.alarms++;
      row.alarm = alarm;
    }
  }

  /** A line an instrument. */
  lines(): string[] {
    const { instruments } = this.supervisor.plan;
    const width = Math.max(...instruments.map((name) => name.length));
    return instruments.map((name, i) => {
      const { price, vpin, cdf, alarm, alarms, var: risk } = this.rows[i]!;
      return `${name.padEnd(width)}  price ${amount(price, 6).padStart(9)}  vpin ${fixed(vpin).padStart(5)}  cdf ${fixed(cdf).padStart(5)}  VaR ${percent(risk, 2).padStart(6)}  ${alarm ? "ALARM" : "     "}  ${plural(alarms, "alarm")}  ${i === 0 ? toSecond(this.time) : ""}`;
    });
  }
  facts(): string[] {
    const { instruments } = this.supervisor.plan;
    const alarms = this.rows.reduce((sum, row) => sum + row.alarms, 0);
    return [plural(alarms, "alarm"), ...instruments.slice(0, 4).map((name, i) => `${name} ${amount(this.rows[i]!.price, 6)}`)];
  }
}
