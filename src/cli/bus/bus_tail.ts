/** tickforge bus tail: rows of a topic as text or NDJSON. It reads along and nobody waits for it; what it missed is told. */
import type { Symbols, Topic } from "../../bus/bus.js";
import type { Observed, Observer } from "../../bus/ring/observer.js";
import type { Look } from "../../bus/shared/shared_bus.js";
import { exit, UsageError } from "../kit/exit.js";
import { count, toNanosecond } from "../kit/format.js";
import { interruptible } from "../kit/interrupt.js";
import type { Terminal } from "../kit/terminal.js";
import { type BusJob, line } from "./bus_job.js";

const usualRows = 10;
const turnMs = 10;
/** Looks without anything new before it asks whether the topic still is there. */
const looksBetween = 20;

export async function tail({ words, values, terminal, open }: BusJob): Promise<number> {
  const [name, ...more] = words;
  if (name === undefined || more.length > 0)
    throw new UsageError("bus tail takes one topic", "tickforge bus tail trades; tickforge bus status lists them");
  const { from, limit = Number.POSITIVE_INFINITY } = values as { from?: number; limit?: number };
  if (limit < 1) throw new UsageError(`--limit is ${limit}, expected 1 or more`);
  const bus = open();
  let look: Look | undefined;
  let stopped = false;
  const interrupt = interruptible(
    () => {
      stopped = true;
    },
    () => {},
  );
  try {
    look = bus.look(name);
    const observer = look.ring.observe();
    const printer = new Printer(terminal, observer, values.json === true, limit);
    await printer.existing(from);
    const gone = values.follow === true ? await follow(look, observer, printer, terminal, () => stopped) : false;
    if (gone) terminal.note(`tickforge: topic '${name}' was removed\n`);
    return stopped ? interrupt.code : exit.ok;
  } finally {
    interrupt.end();
    look?.close();
    bus.close();
  }
}

/** True where the topic was removed. */
async function follow(look: Look, observer: Observer, printer: Printer, terminal: Terminal, stopped: () => boolean): Promise<boolean> {
  let told = "";
  for (let looks = 0; !stopped() && !printer.done; ) {
    const there = looks < looksBetween || look.isThere();
    if (await printer.drain()) looks = 0;
    else if (!there) return true;
    else looks = looks < looksBetween ? looks + 1 : 0;
    const now = state(look, observer);
    if (now !== told && now !== "") terminal.note(`tickforge: ${now}\n`);
    told = now;
    await new Promise((resolve) => setTimeout(resolve, turnMs));
  }
  return false;
}

/** What a reader should know of the publisher; empty while it publishes. */
function state(look: Look, observer: Observer): string {
  const { name } = observer.topic;
  if (observer.publisher === 0)
    return observer.epoch > 0 ? `topic '${name}': the publisher has closed` : `topic '${name}': waiting for a publisher`;
  const publisher = look.ring.attached().find(({ role }) => role === "publisher");
  if (publisher?.state === "dead") return `topic '${name}': the publisher, process ${publisher.pid}, died`;
  return publisher?.state === "stalled"
    ? `topic '${name}': the publisher, process ${publisher.pid}, stands still in the middle of a frame`
    : "";
}

class Printer {
  done = false;
  private printed = 0;
  private missed = 0;
  private readonly topic: Topic;
  private readonly symbols: Symbols;

  constructor(
    private readonly terminal: Terminal,
    private readonly observer: Observer,
    private readonly json: boolean,
    private readonly limit: number,
  ) {
    this.topic = observer.topic;
    this.symbols = observer.symbols;
    if (!json) terminal.answer(`${["row", ...Object.keys(this.topic.columns)].join("\t")}\n`);
  }

  /** Rows that lie in the ring: from a number on, or the last ones. */
  async existing(from: number | undefined): Promise<void> {
    const keep = Math.min(this.limit, usualRows);
    let last: string[] = [];
    for (let frame = this.observer.read(); frame && !this.done; frame = this.observer.read()) {
      const first = from === undefined ? Math.max(0, frame.rows - keep) : Math.max(0, from - frame.sequence);
      const lines = this.lines(frame, first);
      if (from !== undefined) await this.print(lines);
      else last = [...last, ...lines].slice(-keep);
    }
    await this.print(last);
  }

  /** Prints what is new; whether there was anything. */
  async drain(): Promise<boolean> {
    const frame = this.observer.read();
    if (!frame) return false;
    for (let next: typeof frame | undefined = frame; next && !this.done; next = this.observer.read()) {
      const lines = this.lines(next, 0);
      const { missed } = this.observer;
      if (missed > this.missed) this.tell(missed - this.missed);
      this.missed = missed;
      await this.print(lines);
    }
    return true;
  }

  private tell(rows: number): void {
    if (this.json) this.terminal.answer(line({ topic: this.topic.name, missed: rows }));
    this.terminal.note(`tickforge: missed ${count(rows)} rows: they were overwritten before they were read\n`);
  }

  private lines({ rows, sequence, timeNs, columns }: Observed, first: number): string[] {
    const made: string[] = [];
    const time = this.json ? toNanosecond(timeNs) : "";
    for (let row = first; row < rows; row++) {
      const fields = Object.entries(this.topic.columns).map(([name, { width = 1, dtype }]) => {
        const view = columns[name] as unknown as ArrayLike<number | bigint>;
        const one = (i: number) => this.value(view[row * width + i]!, dtype);
        return [name, width === 1 ? one(0) : Array.from({ length: width }, (_, i) => one(i))] as const;
      });
      if (this.json) made.push(line({ topic: this.topic.name, row: sequence + row, time, columns: Object.fromEntries(fields) }));
      else made.push(`${[sequence + row, ...fields.map(([, value]) => String(value))].join("\t")}\n`);
    }
    return made;
  }
  /** Ids of symbols by their names; i64 as text, which keeps every digit. */
  private value(value: number | bigint, dtype: string): number | string {
    if (typeof value === "bigint") return String(value);
    return (dtype === "u32" && this.symbols.at(value)) || value;
  }

  private async print(lines: readonly string[]): Promise<void> {
    const shown = lines.slice(0, this.limit - this.printed);
    this.printed += shown.length;
    this.done = this.printed >= this.limit;
    if (shown.length > 0) await this.terminal.pour(shown.join(""));
  }
}
