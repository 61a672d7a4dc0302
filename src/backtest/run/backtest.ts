/** A strategy over recordings. */
import type { BacktestResult } from "../../analysis/backtest.js";
import { DataError } from "../../core/contract/errors.js";
import { Anew, type Learned } from "../market/anew.js";
import type { GivenGrid } from "../market/grid.js";
import { Market, sourceOf } from "../market/market.js";
import type { Source } from "../market/piece.js";
import { checkParams, checkStrategy } from "../strategy/check_params.js";
import type { AnyStrategy } from "../strategy/strategy.js";
import { AllTerms } from "./all_terms.js";
import { answerOf } from "./answer.js";
import { needDepth } from "./depth.js";
import { within } from "./guard.js";
import { type BacktestOptions, type Checked, checkBacktest } from "./options.js";
import { Run } from "./run.js";
import { slicer } from "./slicer.js";

/**
 * Runs a strategy over recordings (.tfr) of trades, quotes, book_changes and what engines made of them, and over files of trades. Own orders
 * meet the recorded market by the kernel `matching`; nothing that a hook sees is later than the trader's clock. The same call gives the same
 * bits. Rows before `from` build the books, and the strategy begins there. Throws where a file, an option, or the strategy is wrong:
 * E_BACKTEST_..., E_STRATEGY_....
 */
export async function backtest(strategy: AnyStrategy, files: readonly string[], options: BacktestOptions = {}): Promise<BacktestResult> {
  checkStrategy(strategy);
  const params = checkParams(strategy, options.params);
  const checked = checkBacktest(files, options);
  const learned: Learned = { digits: new Map(), books: new Set(), finer: new Set() };
  for (;;)
    try {
      return await once(strategy, params, files, options, checked, learned);
    } catch (error) {
      if (!(error instanceof Anew)) throw error;
      error.learn(learned);
    }
}

async function once(
  strategy: AnyStrategy,
  params: Readonly<Record<string, number | string>>,
  files: readonly string[],
  options: BacktestOptions,
  checked: Checked,
  learned: Learned,
): Promise<BacktestResult> {
  const started = performance.now();
  const sources: Source[] = [];
  let market: Market | undefined;
  const guarded = <T>(act: () => T): T => within(checked.timeLimitMs, strategy.name, act);
  try {
    for (const file of files) sources.push(sourceOf(file));
    const { from, to } = checked;
    const terms = new AllTerms(options);
    const grids = gridsOf(options);
    market = new Market(sources, { grids, feedOf: (name) => terms.of(name).feed, learned, from, to, topics: strategy.rows?.topics ?? [] });
    const opened = market;
    const run = guarded(() => new Run(strategy, params, opened, checked, terms, learned));
    const slice = slicer(run, market, () => needDepth(opened, terms));
    let there = market.next();
    while (await there) {
      there = guarded(slice);
      const { bytes, of } = market.progress;
      const rows = market.rowsBefore;
      options.progress?.(rows, of === undefined || bytes === 0 ? undefined : (rows * of) / bytes, (performance.now() - started) / 1000);
      await breathe(options);
    }
    if (!run.begun)
      throw new DataError(
        "E_BACKTEST_EMPTY",
        `${files.join(", ")}: no row of a market${from === undefined && to === undefined ? "" : " in that time"}`,
        { hint: "give trades, quotes or book_changes, and times in which they have rows" },
      );
    guarded(() => run.end());
    needDepth(market, terms, run.asked);
    return answerOf(strategy, params, checked, market, run, terms);
  } finally {
    if (market) await market.close();
    else await Promise.all(sources.map((source) => source.close()));
  }
}

const gridsOf = ({ instruments = {} }: BacktestOptions): Readonly<Record<string, GivenGrid>> =>
  Object.fromEntries(
    Object.entries(instruments).flatMap(([name, { tick, lot }]) =>
      tick === undefined || lot === undefined ? [] : [[name, { tick, lot }]],
    ),
  );

async function breathe({ signal }: BacktestOptions): Promise<void> {
  await new Promise<void>((resolve) => setImmediate(resolve));
  signal?.throwIfAborted();
}
