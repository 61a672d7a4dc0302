/** Public names: those of tickforge/bus and tickforge/files too. */
import "./entries/set_up.js";

export { addressOf } from "./addon/addon.js";
export { useTfjs } from "./backends/tfjs.js";
export type { BoundKernel } from "./core/call/bind.js";
export type { AsyncHow, How, StreamHow } from "./core/call/how.js";
export type { Kernel, KernelStream, Results } from "./core/call/kernel.js";
export { BusError, DataError, KernelError, TickforgeError } from "./core/contract/errors.js";
export { checksum } from "./engines/checksum.js";
export { CollateralEngine, type CollateralOptions, marginTopic, positionsTopic } from "./engines/collateral_engine.js";
export { crossSectionTopic, FactorEngine, type FactorOptions, factorRiskTopic } from "./engines/factors.js";
export type { Book } from "./engines/margin_book.js";
export { pricesTopic } from "./engines/prices.js";
export { RiskEngine, type RiskEngineOptions, riskTopic } from "./engines/risk_engine.js";
export { ToxicityEngine, type ToxicityOptions, toxicityTopic } from "./engines/toxicity_engine.js";
export { tradesTopic } from "./engines/trades.js";
export * from "./entries/bus.js";
export * from "./entries/files.js";
export * from "./kernels/index.js";
export { sobolDirections } from "./kernels/parts/sobol_directions.js";
export { scanScenarios } from "./kernels/risk/margin/margin_grid.js";
export { positionStatus } from "./kernels/risk/parts/positions.js";
export { expectedShortfall, type RiskInputs, type RiskOptions, valueAtRisk } from "./kernels/risk/tail/value_at_risk.js";
export type { MarketPrices } from "./studies/portfolio/market.js";
export { walkForward } from "./studies/portfolio/walk_forward.js";
export type { WalkForwardOptions } from "./studies/portfolio/walk_options.js";
