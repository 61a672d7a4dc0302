/** tickforge/report: the pages that the command writes, each as one text of HTML that loads nothing, and runs no script but one that it is given. */
export type { BusValidation } from "../analysis/bus_validation.js";
export type { RiskResult } from "../analysis/risk.js";
export type { Coverage, Study } from "../analysis/signal.js";
export type { Buckets, Interval } from "../analysis/toxicity.js";
export type { WalkForwardResult } from "../analysis/walk_forward.js";
export { TickforgeError } from "../core/contract/errors.js";
export { type BusReport, busPage } from "../report/bus/bus.js";
export type { FactorReport } from "../report/factors/factor_report.js";
export { factorsPage } from "../report/factors/factors.js";
export type { PageScript, ReportFile } from "../report/kit/page.js";
export { portfolioPage } from "../report/portfolio/portfolio.js";
export type { PortfolioReport } from "../report/portfolio/portfolio_report.js";
export { riskPage } from "../report/risk/risk.js";
export type { RiskReport } from "../report/risk/risk_report.js";
export { type ComparedInstrument, comparisonPage } from "../report/toxicity/comparison.js";
export { toxicityPage } from "../report/toxicity/toxicity.js";
export type { DataFacts, ReportMeasure, SensitivityCell, ToxicityReport } from "../report/toxicity/toxicity_report.js";
