/** By which terms an instrument is traded: its own, else those of its venue, else those of the run. */
import { type Costs, costsOf } from "../costs/costs.js";
import { type Delay, delayOf, kindsOfDelay } from "../latency/delay.js";
import { type Feed, feedOf } from "../latency/feed.js";
import type { BacktestOptions, TradeTerms } from "./options.js";

export interface Terms {
  readonly costs: Costs;
  /** Of a request to the venue, of an answer back, of the market to the trader. */
  readonly entry: Delay;
  readonly answer: Delay;
  readonly feed: Feed;
  readonly queue: "risk_averse" | "power" | "exact" | "trades";
  readonly power: number;
}

/** Of one run: costs count what was traded and asked for, so each run has its own. */
export class AllTerms {
  private readonly common: Terms;
  /** By name. */
  private readonly venues = new Map<string, Terms>();
  private readonly known = new Map<string, Terms>();

  /** Throws where one of them is wrong, whatever is traded. */
  constructor(private readonly options: BacktestOptions) {
    const { venues = {}, instruments = {} } = options;
    this.common = this.made("", options, costsOf(costsIn(options)));
    for (const [name, own] of Object.entries(venues)) {
      const all = merged(options, own);
      this.venues.set(name, this.made(`venues.${name}.`, all, costsOf(costsIn(all))));
    }
    for (const [name, { venue, ...own }] of Object.entries(instruments)) {
      const above = venue === undefined ? options : merged(options, venues[venue]!);
      const shared = venue === undefined ? this.common : this.venues.get(venue)!;
      const all = merged(above, own);
      this.known.set(name, this.made(`instruments.${name}.`, all, within(shared.costs, all, own)));
    }
  }

  private made(at: string, { latency = {}, queue = "risk_averse", power = 3 }: TradeTerms, costs: Costs): Terms {
    const { entry = 0, answer = 0, feed } = latency;
    const seed = this.options.latency?.seed ?? 0;
    return {
      ...{ costs, queue, power, feed: feedOf(`${at}latency.feed`, feed, seed) },
      entry: delayOf(`${at}latency.entry`, entry, seed, kindsOfDelay.entry),
      answer: delayOf(`${at}latency.answer`, answer, seed, kindsOfDelay.answer),
    };
  }

  of(name: string): Terms {
    return this.known.get(name) ?? this.common;
  }

  /** Instruments that have terms of their own. */
  get named(): readonly string[] {
    return [...this.known.keys()];
  }

  get remarks(): string[] {
    const all = [this.common, ...this.venues.values(), ...this.known.values()];
    return [...new Set(all.flatMap(({ costs }) => costs.remarks))];
  }
}

const costsIn = ({ costs, fees }: TradeTerms) => ({ ...costs, ...(fees !== undefined && { fees }) });

/** The lower one goes before, part by part. */
const merged = (above: TradeTerms, own: TradeTerms): TradeTerms => ({
  ...above,
  ...own,
  ...{ latency: { ...above.latency, ...own.latency }, costs: { ...above.costs, ...own.costs } },
});

/** Fees by tiers and limits of orders count all that a venue trades; an instrument that has others counts its own. */
function within(shared: Costs, all: TradeTerms, own: TradeTerms): Costs {
  if (own.costs === undefined && own.fees === undefined) return shared;
  const made = costsOf(costsIn(all));
  const { volumeBefore, orderRate } = own.costs ?? {};
  return {
    ...made,
    ...(own.fees === undefined && volumeBefore === undefined && { fee: shared.fee }),
    ...(orderRate === undefined && { admit: shared.admit }),
  };
}
