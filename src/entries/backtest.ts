/** tickforge/backtest: strategies, and what they would have done in recordings. */
import "./set_up.js";

export type {
  BacktestCourse,
  BacktestFills,
  BacktestInstrument,
  BacktestMeasures,
  BacktestMoney,
  BacktestOrders,
  BacktestResult,
  FailedRun,
  SweepResult,
  SweepRun,
  WalkResult,
} from "../analysis/backtest.js";
export type { CostOptions } from "../backtest/costs/costs.js";
export { loadStrategy } from "../backtest/load/load_strategy.js";
export { backtest } from "../backtest/run/backtest.js";
export type { BacktestOptions } from "../backtest/run/options.js";
export {
  type AlarmNews,
  type BookSeen,
  type Context,
  defineStrategy,
  type Fill,
  type Hooks,
  type InstrumentSeen,
  type OrderNews,
  type OrderRequest,
  type OrderType,
  type OwnOrder,
  type RowsSeen,
  type Side,
  type Strategy,
} from "../backtest/strategy/strategy.js";
export { type SweepOptions, sweep } from "../backtest/sweep/sweep.js";
export { type WalkOptions, walk } from "../backtest/sweep/walk.js";
export { TickforgeError } from "../core/contract/errors.js";
