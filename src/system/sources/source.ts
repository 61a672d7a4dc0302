/** What a source of market data is to the engine that runs it; a file for each kind. */
import type { Context, Engine, GivenTopic, Settings } from "../kit/engine.js";
import type { MarketOptions } from "./market_options.js";

export type SourceSettings = Settings<MarketOptions>;
export type SourceContext = Context<MarketOptions>;

export interface Source {
  gives(settings: SourceSettings): Readonly<Record<string, GivenTopic>>;
  stateBytes(settings: SourceSettings): number;
  begin(context: SourceContext): Engine | Promise<Engine>;
}
