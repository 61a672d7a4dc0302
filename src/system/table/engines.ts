/** The table of engines, all of them at once, for documentation and the schema: what runs loads those it needs by load_engine.ts. */
import type { AnyEngine } from "../kit/engine.js";
import { analytics } from "./analytics.js";
import { collateral } from "./collateral.js";
import { execution } from "./execution.js";
import { factor } from "./factor.js";
import { features } from "./features.js";
import { gateway } from "./gateway.js";
import { marketData } from "./market_data.js";
import { monitor } from "./monitor.js";
import { portfolio } from "./portfolio.js";
import { recorder } from "./recorder.js";
import { risk } from "./risk.js";
import { strategy } from "./strategy.js";
import { toxicity } from "./toxicity.js";

const table = {
  market_data: marketData,
  toxicity,
  features,
  risk,
  factor,
  portfolio,
  collateral,
  strategy,
  execution,
  analytics,
  recorder,
  monitor,
  gateway,
} satisfies Readonly<Record<string, AnyEngine>>;
export type EngineName = keyof typeof table;
export const engines: Readonly<Record<string, AnyEngine>> = table;
