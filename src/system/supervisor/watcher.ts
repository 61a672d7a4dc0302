/** Looks at the board now and then: rates of engines and topics, and engines in trouble. */
import type { Plan } from "../plan/plan.js";
import type { Rings } from "./rings.js";
import { lagOf, type Seat } from "./seat.js";
import { type Trouble, troubleOf } from "./signs.js";

export const WATCH_MS = 50;
/** Rates that are told are of the last so many milliseconds, and those that are watched of no fewer than these. */
const RATE_MS = 1000;
const LEAST_RATE_MS = 200;
/** Looks in a row at which an engine must be silent: it may have had its turn between two numbers that were read. */
const LOOKS = 2;

interface Count {
  at: number;
  taken: number;
  given: number;
}
interface Watched {
  readonly seat: Seat;
  /** For rates that are told, and that are held against `care.rate`. */
  told: Count;
  held: Count;
  rates: { taken: number; given: number };
  silent: number;
}

export class Watcher {
  private readonly watched: readonly Watched[];
  private readonly topics = new Map<string, { at: number; rows: number; rate: number }>();
  private last: number;

  constructor(
    private readonly plan: Plan,
    private readonly rings: Rings,
    seats: readonly Seat[],
    now: number,
  ) {
    const count = () => ({ at: now, taken: 0, given: 0 });
    this.watched = seats.map((seat) => ({ seat, told: count(), held: count(), rates: { taken: 0, given: 0 }, silent: 0 }));
    this.last = now;
  }

  ratesOf(engine: string): { readonly taken: number; readonly given: number } {
    return this.watched.find(({ seat }) => seat.planned.name === engine)!.rates;
  }
  rowsPerSecond(topic: string): number {
    return this.topics.get(topic)?.rate ?? 0;
  }

  look(now: number): { readonly seat: Seat; readonly trouble: Trouble }[] {
    // Who was stopped together with all others, or got no processor, is no judge of them.
    const late = now - this.last > 10 * WATCH_MS;
    this.last = now;
    this.count(now);
    return this.watched.flatMap((of) => {
      const { seat } = of;
      const { state } = seat.board;
      const trouble = state === "running" || state === "starting" ? this.troubleOf(of, now) : undefined;
      of.silent = trouble?.sign === "silence" && !late ? of.silent + 1 : 0;
      if (!trouble || late || (trouble.sign === "silence" && of.silent < LOOKS)) return [];
      return [{ seat, trouble }];
    });
  }

  private troubleOf(of: Watched, now: number): Trouble | undefined {
    const { planned, board } = of.seat;
    const patience = planned.care.lagSeconds * 1000;
    const mates = this.watched.filter(({ seat }) => seat.planned.runner === planned.runner);
    const inCall = mates.some((mate) => {
      const since = mate === of ? 0 : mate.seat.board.get("busySince");
      return since > 0 && now - since > patience / 2;
    });
    // Of several engines in one thread it is the one in whose turns its memory has grown most.
    const grown = (one: Watched) => one.seat.board.get("grown");
    const grows = mates.every(
      (mate) => mate === of || grown(mate) < grown(of) || (grown(mate) === grown(of) && mates.indexOf(of) < mates.indexOf(mate)),
    );
    const memoryMB = mates.reduce((sum, { seat }) => sum + seat.planned.care.memoryMB, 0);
    return troubleOf(board, planned.care, {
      ...{ now, waiting: lagOf(of.seat, this.rings), rate: this.rateOf(of, now), held: inCall },
      memoryMB: grows ? memoryMB : undefined,
    });
  }

  private rateOf(of: Watched, now: number): number | undefined {
    const { planned, board } = of.seat;
    const window = Math.max(LEAST_RATE_MS, Math.min(RATE_MS, planned.care.lagSeconds * 1000));
    if (now - of.held.at < window) return undefined;
    const given = board.get("given");
    const rate = ((given - of.held.given) * 1000) / (now - of.held.at);
    of.held = { at: now, taken: 0, given };
    return rate;
  }

  private count(now: number): void {
    for (const of of this.watched) {
      const { told, seat } = of;
      if (now - told.at < RATE_MS) continue;
      const [taken, given] = [seat.board.get("taken"), seat.board.get("given")];
      const per = 1000 / (now - told.at);
      of.rates = { taken: Math.max(0, taken - told.taken) * per, given: Math.max(0, given - told.given) * per };
      of.told = { at: now, taken, given };
    }
    for (const { topic } of this.plan.topics) {
      const rows = this.rings.ring(topic.name).stats().published;
      const seen = this.topics.get(topic.name) ?? { at: now, rows, rate: 0 };
      const due = now - seen.at >= RATE_MS;
      this.topics.set(topic.name, due ? { at: now, rows, rate: ((rows - seen.rows) * 1000) / (now - seen.at) } : seen);
    }
  }
}
