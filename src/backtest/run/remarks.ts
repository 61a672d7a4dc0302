/** What weakens the figures of a run, in sentences. */
import { unitsOf } from "../../engines/kit/grid.js";
import type { Market } from "../market/market.js";
import type { AllTerms } from "./all_terms.js";
import type { Run } from "./run.js";

/** `unseen`: instruments that were named in the options alone. */
export function* remarksOf(market: Market, run: Run, terms: AllTerms, unseen: readonly string[]): Generator<string> {
  const { back, unsided, quotes } = market.facts;
  for (const { file, rows, ns } of back)
    yield `${file}: ${rows} rows bear a time up to ${ns / 1e6} ms before rows above them; they were taken at the time of those`;
  for (const { file, unsided: rows } of unsided) yield `${file}: ${rows} trades without a side have that of the tick rule`;
  if (market.earlyRows > 0) yield `${market.earlyRows} rows before the start built the books: nothing was traded in them`;
  for (const { grid, crossed, counts } of market.tapes) {
    const { name } = grid;
    const byTrades = terms.of(name).queue === "trades";
    if (!grid.given) yield `${name}: tick ${grid.tick} and lot ${grid.lot} are deduced from the decimals of what was recorded`;
    if (crossed > 0) yield `${name}: the book was crossed after ${crossed} rows`;
    if (byTrades && counts.levels + counts.orders === 0)
      yield `${name}: there is no book: an order that rests is filled when a trade against it prints beyond its price, or at it, for the size printed and with nobody ahead; one that takes at the last trade, for the size it had`;
    if (byTrades && counts.levels + counts.orders > 0) yield `${name}: it has a book, so the queue model is risk_averse and not trades`;
  }
  for (const { grid, receivedEarly } of market.tapes)
    if (receivedEarly > 0)
      yield `${grid.name}: ${receivedEarly} rows were received before their own time, by clocks that differ: they were told at their time`;
  for (const name of market.coarser)
    yield `${name}: its book is that of its changes; the quotes beside them were told, and nothing was traded in them`;
  for (const { grid, instrument } of market.tapes) {
    const { name, lot } = grid;
    const { fills, size } = run.recorder.behindBest.get(instrument) ?? { fills: 0, size: 0 };
    if (fills > 0 && market.isOfQuotes(name))
      yield `${name}: ${fills} ${fills === 1 ? "fill" : "fills"}, ${unitsOf(Math.round(size / lot), lot)} in all, took levels behind the best quote, as those were told last: nobody knows what stood there`;
  }
  for (const name of unseen) yield `${name}: terms of it were given, and no row of it was there`;
  if (quotes) yield "of the book only the best quotes are told: what lies behind them is as it was told last, or not known";
  for (const { name, position, known } of run.ledger.held)
    yield known
      ? `${name}: ${position} are held at the end, at the mid`
      : `${name}: ${position} are held at the end and count as nothing: no price of it was ever known`;
  if (run.solvency) yield* run.solvency.remarks;
  yield* terms.remarks;
}
