/** A simulated market of the system's instruments, with labels that a detector can be held against. */
import { TickforgeError } from "../../core/contract/errors.js";
import { marketDocs, marketTopics } from "./market_topics.js";
import { Outlet } from "./outlet.js";
import { Pace } from "./pace.js";
import { SimulatedMarket } from "./simulated_market.js";
import { simulatedBytes } from "./simulated_state.js";
import type { Source, SourceSettings } from "./source.js";

/** A turn ends after so many events, so that the host gets its own. */
const eventsPerTurn = 16_384;
const shortMs = 1;
/** The flash crash is a minute away, and what is in it seconds. */
const usualSpeed = 20;

export const simulated: Source = {
  gives({ instruments, options }) {
    const { trades, quotes, prices, labels } = marketTopics(instruments);
    return {
      trades: { doc: marketDocs.trades, topic: trades },
      ...(options.quotes && { quotes: { doc: marketDocs.quotes, topic: quotes } }),
      ...(options.prices !== "none" && { prices: { doc: marketDocs.prices, topic: prices } }),
      labels: { doc: marketDocs.labels, topic: labels },
    };
  },
  stateBytes: ({ instruments }) => simulatedBytes(instruments.length),
  begin({ state, gives, ...settings }) {
    const start = startOf(settings);
    const { trades, quotes, prices, labels } = gives as Record<string, any>;
    const outlets = {
      trades: new Outlet(trades),
      quotes: quotes && new Outlet(quotes),
      labels: new Outlet(labels),
      prices: prices && new Outlet(prices),
    };
    const market = new SimulatedMarket(settings, state, start, outlets as never);
    const pace = new Pace({ ...settings.options, speed: settings.options.speed ?? usualSpeed });
    const show = () => {
      for (const outlet of Object.values(outlets)) outlet?.show();
    };
    return {
      behindSeconds: () => pace.behindSeconds,
      turn(elapsedMs) {
        const before = market.position;
        if (before === Infinity) return Infinity;
        const until = pace.until(elapsedMs, before);
        const room = market.run(until, eventsPerTurn);
        show();
        if (market.position !== before) return 0;
        return room ? pace.wait(elapsedMs, before) : shortMs;
      },
    };
  },
};

function startOf({ name, options: { start } }: SourceSettings): bigint {
  const ms = /(Z|[+-]\d\d:\d\d)$/.test(start) ? Date.parse(start) : Number.NaN;
  if (Number.isFinite(ms)) return BigInt(ms) * 1_000_000n;
  throw new TickforgeError("E_OPTION_RANGE", `engine '${name}': option 'start' is '${start}', expected a time with its zone`, {
    ...{ option: "start", value: start, hint: "write it as 2026-01-05T14:30:00Z" },
  });
}
