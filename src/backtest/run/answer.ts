/** What a run came to. */
import type { BacktestInstrument, BacktestMoney, BacktestResult } from "../../analysis/backtest.js";
import type { Market } from "../market/market.js";
import type { AnyStrategy } from "../strategy/strategy.js";
import type { AllTerms } from "./all_terms.js";
import { measuresOf } from "./measures.js";
import type { Checked } from "./options.js";
import { remarksOf } from "./remarks.js";
import type { Run } from "./run.js";
import { unbalanced } from "./teller.js";

export function answerOf(
  strategy: AnyStrategy,
  params: Readonly<Record<string, number | string>>,
  { capital, barSeconds }: Checked,
  market: Market,
  run: Run,
  terms: AllTerms,
): BacktestResult {
  const start = market.origin!;
  const { end } = market;
  const { course, returns } = run.course.end(Number(end - start), run.solvency !== undefined);
  const sums = run.recorder.fills.sums((instrument) => run.course.lastMid(instrument));
  const money = moneyOf(run, sums);
  const { closed, won } = run.ledger;
  const traded = {
    returns,
    barSeconds,
    capital,
    profit: money.profit,
    maxDrawdown: run.course.maxDrawdown,
    value: sums.value,
    closed,
    won,
  };
  const unseen = terms.named.filter((name) => !market.tapes.some(({ grid }) => grid.name === name));
  return {
    ...{ strategy: strategy.name, params, instruments: instrumentsOf(market, terms), capital, barSeconds, start, end },
    ...{ rows: market.rowsBefore + market.rows - market.earlyRows, decisions: run.asker.decisions },
    ...{ course, returns, fills: run.recorder.fills.result(), money, orders: run.recorder.summary(), measures: measuresOf(traded) },
    ...(run.solvency && { margin: run.solvency.result }),
    ...{ hash: run.recorder.digest(), remarks: [...remarksOf(market, run, terms, unseen)], log: run.logged },
  };
}

/** By where it came from; held against equity, which is counted otherwise: by cash, and what is held at the last mid. */
function moneyOf({ ledger, course }: Run, sums: { spread: number; inventory: number; value: number; fees: number }): BacktestMoney {
  const { funding, borrow, impact } = ledger;
  const { spread, inventory, value } = sums;
  const fees = 0 - sums.fees;
  const profit = spread + inventory + impact + fees + funding + borrow;
  if (Math.abs(profit - course.equity) > 1e-9 * Math.max(1, value, Math.abs(profit)))
    throw unbalanced(`profit by its parts is ${profit}, by cash and what is held ${course.equity}`);
  return { spread, inventory, impact, fees, funding, borrow, profit };
}

const instrumentsOf = (market: Market, terms: AllTerms): BacktestInstrument[] =>
  market.tapes.map(({ grid, counts }) => {
    const { queue } = terms.of(grid.name);
    const believed = queue === "trades" && counts.levels + counts.orders > 0 ? "risk_averse" : queue;
    return { name: grid.name, tick: grid.tick, lot: grid.lot, rows: { ...counts }, queue: believed };
  });
