import { defineEngine } from "../kit/engine.js";
import { live } from "../sources/live.js";
import { marketOptions } from "../sources/market_options.js";
import { recording } from "../sources/recording.js";
import { simulated } from "../sources/simulated.js";
import type { Source, SourceSettings } from "../sources/source.js";
import { tradeFiles } from "../sources/trade_files.js";

/** A further source is a file and a line here, and its name among the values of the option. */
const sources = { simulated, recording, file: tradeFiles } satisfies Record<string, Source>;
const sourceOf = ({ options: { source } }: SourceSettings): Source =>
  Object.hasOwn(sources, source) ? sources[source as keyof typeof sources] : live;

export const marketData = defineEngine({
  name: "market_data",
  doc: "Trades, quotes and prices in order of their time, of a simulated market, of recordings, of files of trades, or live of venues.",
  options: marketOptions,
  // Files and sockets are read while it waits.
  loop: "events",
  live: (settings) => sourceOf(settings) === live,
  takes: () => ({}),
  gives: (settings) => sourceOf(settings).gives(settings),
  stateBytes: (settings) => sourceOf(settings).stateBytes(settings),
  begin: (context) => sourceOf(context).begin(context),
});
