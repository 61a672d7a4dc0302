/** A strategy over recordings. */
import { Script } from "node:vm";
import type { BacktestInstrument, BacktestResult } from "../../analysis/backtest.js";
import { DataError, TickforgeError } from "../../core/contract/errors.js";
import { type Costs, costsOf } from "../costs/costs.js";
import { FinerGrid } from "../market/grid.js";
import { Market, sourceOf } from "../market/market.js";
import type { Source } from "../market/piece.js";
import { checkParams, checkStrategy } from "../strategy/check_params.js";
import type { AnyStrategy } from "../strategy/strategy.js";
import { measuresOf } from "./measures.js";
import { type BacktestOptions, type Checked, checkBacktest } from "./options.js";
import { Run } from "./run.js";

/** Between two looks at signals and the clock. */
const sliceMs = 50;

/**
 * Runs a strategy over recordings (.tfr) of trades, quotes, book_changes and what engines made of them, and over files of trades. Own orders
 * meet the recorded market by the kernel `matching`; nothing that a hook sees is later than the trader's clock. The same call gives the same
 * bits. Throws where a file, an option, or the strategy is wrong: E_BACKTEST_..., E_STRATEGY_....
 */
export async function backtest(strategy: AnyStrategy, files: readonly string[], options: BacktestOptions = {}): Promise<BacktestResult> {
  checkStrategy(strategy);
  const params = checkParams(strategy, options.params);
  const checked = checkBacktest(files, options);
  const digits = new Map<string, { tick: number; lot: number }>();
  for (;;)
    try {
      return await once(strategy, params, files, options, checked, digits);
    } catch (error) {
      // The run begins anew: a grid that changes on the way would change the orders before.
      if (!(error instanceof FinerGrid)) throw error;
      const known = digits.get(error.instrument) ?? { tick: 0, lot: 0 };
      digits.set(error.instrument, { ...known, [error.of]: error.digits });
    }
}

async function once(
  strategy: AnyStrategy,
  params: Readonly<Record<string, number | string>>,
  files: readonly string[],
  options: BacktestOptions,
  checked: Checked,
  digits: Map<string, { tick: number; lot: number }>,
): Promise<BacktestResult> {
  const started = performance.now();
  const sources: Source[] = [];
  let market: Market | undefined;
  try {
    for (const file of files) sources.push(sourceOf(file));
    const { instruments, from, to } = checked;
    market = new Market(sources, { instruments, digits, from, to, topics: strategy.rows?.topics ?? [] });
    const costs = costsOf({ ...options.costs, ...(options.fees !== undefined && { fees: options.fees }) });
    const run = new Run(strategy, params, market, checked, costs, market.facts.quotes);
    while (await market.next()) {
      needDepth(market, checked);
      within(checked, strategy, () => run.begin());
      while (!within(checked, strategy, () => run.go(performance.now() + sliceMs))) await breathe(options);
      const { bytes, of } = market.progress;
      const rows = market.rowsBefore + market.rows;
      options.progress?.(rows, of === undefined || bytes === 0 ? undefined : (rows * of) / bytes, (performance.now() - started) / 1000);
      await breathe(options);
    }
    if (market.tapes.length === 0)
      throw new DataError(
        "E_BACKTEST_EMPTY",
        `${files.join(", ")}: no row of a market${from === undefined && to === undefined ? "" : " in that time"}`,
        {
          hint: "give trades, quotes or book_changes, and times in which they have rows",
        },
      );
    within(checked, strategy, () => run.end());
    return answer(strategy, params, checked, market, run, costs);
  } finally {
    if (market) await market.close();
    else await Promise.all(sources.map((source) => source.close()));
  }
}

async function breathe({ signal }: BacktestOptions): Promise<void> {
  await new Promise<void>((resolve) => setImmediate(resolve));
  signal?.throwIfAborted();
}

/** Ends a hook that never returns: the only way to stop code of this thread from outside. */
const guarded = new Script("globalThis.__tickforgeGuarded()");
function within<T>({ timeLimitMs }: Checked, strategy: AnyStrategy, act: () => T): T {
  const place = globalThis as { __tickforgeGuarded?: (() => T) | undefined };
  const before = place.__tickforgeGuarded;
  place.__tickforgeGuarded = act;
  try {
    return guarded.runInThisContext({ timeout: Math.ceil(timeLimitMs + sliceMs) }) as T;
  } catch (error) {
    if ((error as { code?: string }).code !== "ERR_SCRIPT_EXECUTION_TIMEOUT") throw error;
    throw new TickforgeError("E_STRATEGY_TIME", `${strategy.name}: a hook did not return within ${timeLimitMs / 1000} s`, {
      value: timeLimitMs,
      hint: "look for a loop that does not end, or raise timeLimitSeconds",
    });
  } finally {
    place.__tickforgeGuarded = before;
  }
}

/** Queue models need what they count: nothing is filled by a guess that was not asked for. */
function needDepth(market: Market, { queue }: Checked): void {
  for (const { grid, counts, byOrder } of market.tapes) {
    const { name } = grid;
    const wrong = (what: string, hint: string) =>
      new DataError("E_BACKTEST_DEPTH", `${name}: ${what}, which the queue model '${queue}' needs`, { option: "queue", value: name, hint });
    if (queue === "exact" && !byOrder) throw wrong("the recording has no orders by id", "use queue: 'risk_averse' or 'power'");
    if (queue !== "trades" && counts.levels + counts.orders === 0 && !market.facts.depth)
      throw wrong("the recording has trades and no book", "add book_changes or quotes, or ask for fills by trades alone: queue: 'trades'");
  }
}

function answer(
  strategy: AnyStrategy,
  params: Readonly<Record<string, number | string>>,
  { capital, barSeconds, queue }: Checked,
  market: Market,
  run: Run,
  costs: Costs,
): BacktestResult {
  const start = market.origin!;
  const { end } = market;
  const { course, returns } = run.course.end(Number(end - start));
  const { spread, value, fees } = run.recorder.sums;
  const profit = run.course.equity;
  const { impact, funding, borrow } = run;
  const { closed, won } = run;
  const instruments = market.tapes.map(
    ({ grid, counts }): BacktestInstrument => ({
      ...{ name: grid.name, tick: grid.tick, lot: grid.lot, rows: { ...counts } },
      queue: queue === "trades" && counts.levels + counts.orders > 0 ? "risk_averse" : queue,
    }),
  );
  return {
    ...{ strategy: strategy.name, params, instruments, capital, barSeconds, start, end },
    ...{ rows: market.rowsBefore + market.rows, decisions: run.decisions, course, returns, fills: run.recorder.columns() },
    // What the mid did is all that nothing else explains.
    money: { spread, inventory: profit - spread - impact + fees - funding - borrow, impact, fees: -fees, funding, borrow, profit },
    orders: run.recorder.summary(),
    measures: measuresOf({ returns, barSeconds, capital, profit, maxDrawdown: run.course.maxDrawdown, value, closed, won }),
    hash: run.recorder.digest(),
    remarks: [...remarksOf(market, run, queue), ...costs.remarks],
    log: run.logged,
  };
}

function* remarksOf(market: Market, run: Run, queue: Checked["queue"]): Generator<string> {
  const { back, unsided, quotes } = market.facts;
  for (const { file, rows, ns } of back)
    yield `${file}: ${rows} rows bear a time up to ${ns / 1e6} ms before rows above them; they were taken at the time of those`;
  for (const { file, unsided: rows } of unsided) yield `${file}: ${rows} trades without a side have that of the tick rule`;
  for (const { grid, crossed, counts } of market.tapes) {
    if (!grid.given) yield `${grid.name}: tick ${grid.tick} and lot ${grid.lot} are deduced from the decimals of what was recorded`;
    if (crossed > 0) yield `${grid.name}: the book was crossed after ${crossed} rows`;
    if (queue === "trades" && counts.levels + counts.orders === 0)
      yield `${grid.name}: there is no book: an order that rests is filled when a trade is beyond its price, one that takes at the last trade, for the size it had`;
    if (queue === "trades" && counts.levels + counts.orders > 0)
      yield `${grid.name}: it has a book, so the queue model is risk_averse and not trades`;
  }
  if (quotes) yield "of the book only the best quotes are told: what lies behind them is as it was told last, or not known";
  for (const { name, position } of run.held) yield `${name}: ${position} are held at the end, at the mid`;
}
