/** Rows of a feed held against what the venue said, as they come: what it keeps does not grow with the rows. */
import type { History } from "../../../src/feeds/venue_server/history.js";
import type { Row, Told } from "./kit.js";

const mostWrong = 20;

export class Ledger {
  /** What nothing explains. */
  readonly wrong: string[] = [];
  readonly last: number[];
  readonly counts = { rows: 0, lost: 0, refilled: 0, disputed: 0, duplicates: 0 };
  /** Rows with other values than the venue said, and ids that did not come, until a row explains them. */
  private readonly open = new Map<string, string>();
  private readonly explained = new Set<string>();

  constructor(
    private readonly symbols: readonly string[],
    private readonly history: () => History,
  ) {
    this.last = symbols.map(() => NaN);
  }

  trade({ instrument, id, price, size, side }: Row): void {
    this.counts.rows++;
    const symbol = this.symbols[instrument]!;
    const { trades, aggregates } = this.history().of(symbol);
    const [of] = (Number.isNaN(trades.last) ? aggregates : trades).from(id, 1);
    if (of?.id !== id) this.need(`disputed ${symbol} ${id}`, "is no trade");
    else if (Number(of.price) !== price || Number(of.size) !== size || (of.buyerIsMaker ? -1 : 1) !== side)
      this.need(`disputed ${symbol} ${id}`, `${price} ${size} ${side} and not ${JSON.stringify(of)}`);
    const before = this.last[instrument]!;
    if (id <= before) this.add(`${symbol} ${id} after ${before}`);
    for (let missing = before + 1; missing < id && this.wrong.length < mostWrong; missing++)
      this.need(`lost ${symbol} ${missing}`, "did not come");
    this.last[instrument] = id;
  }
  told({ state, instrument, from, to, count }: Told): void {
    if (state !== "lost" && state !== "refilled" && state !== "disputed" && state !== "duplicates") return;
    this.counts[state] += count;
    if (state !== "lost" && state !== "disputed") return;
    for (let id = from; id <= to; id++) {
      const what = `${state} ${this.symbols[instrument]} ${id}`;
      // It may be told before the row behind it is read.
      if (!this.open.delete(what)) this.explained.add(what);
    }
  }
  /** What is wrong at the end. */
  end(): string[] {
    const unfounded = [...this.explained].slice(0, mostWrong).map((what) => `${what}, a row says, and it is there and right`);
    return [...this.wrong, ...unfounded, ...[...this.open].slice(0, mostWrong).map(([what, why]) => `${what}: ${why}, and no row says so`)];
  }
  private need(what: string, why: string): void {
    if (!this.explained.delete(what)) this.open.set(what, why);
  }
  private add(what: string): void {
    if (this.wrong.length < mostWrong) this.wrong.push(what);
  }
}
