/** Queue models need what they count: nothing is filled by a guess that was not asked for. */
import { DataError } from "../../core/contract/errors.js";
import type { Market } from "../market/market.js";
import type { AllTerms } from "./all_terms.js";

/** `asked`: instruments for which there were orders, once all rows are known. */
export function needDepth(market: Market, terms: AllTerms, asked?: ReadonlySet<number>): void {
  for (const { grid, counts, byOrder, instrument } of market.tapes) {
    const { name } = grid;
    const { queue } = terms.of(name);
    const wrong = (what: string, hint: string) =>
      new DataError("E_BACKTEST_DEPTH", `${name}: ${what}, which the queue model '${queue}' needs`, { option: "queue", value: name, hint });
    if (queue === "exact" && !byOrder) throw wrong("the recording has no orders by id", "use queue: 'risk_averse' or 'power'");
    if (queue === "trades" || counts.levels + counts.orders > 0) continue;
    if (!market.facts.depth || asked?.has(instrument))
      throw wrong("the recording has trades and no book", "add book_changes or quotes, or ask for fills by trades alone: queue: 'trades'");
  }
}
