/** Engines of the table by name, each loaded when it is asked for: a thread that runs two of them starts without the files of the others. */
import type { AnyEngine } from "../kit/engine.js";
import type { EngineName } from "./engines.js";

const loaders: Readonly<Record<EngineName, () => Promise<AnyEngine>>> = {
  market_data: async () => (await import("./market_data.js")).marketData,
  toxicity: async () => (await import("./toxicity.js")).toxicity,
  features: async () => (await import("./features.js")).features,
  risk: async () => (await import("./risk.js")).risk,
  factor: async () => (await import("./factor.js")).factor,
  portfolio: async () => (await import("./portfolio.js")).portfolio,
  collateral: async () => (await import("./collateral.js")).collateral,
  strategy: async () => (await import("./strategy.js")).strategy,
  execution: async () => (await import("./execution.js")).execution,
  analytics: async () => (await import("./analytics.js")).analytics,
  recorder: async () => (await import("./recorder.js")).recorder,
  monitor: async () => (await import("./monitor.js")).monitor,
  gateway: async () => (await import("./gateway.js")).gateway,
};

/** What the key `engine` of a system file may be. */
export const engineNames: readonly string[] = Object.keys(loaders);

/** undefined where the table has no engine of that name. */
export const loadEngine = async (name: string): Promise<AnyEngine | undefined> =>
  Object.hasOwn(loaders, name) ? loaders[name as EngineName]() : undefined;
