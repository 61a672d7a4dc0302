/** What runs where no system file is named; of the same form as one, a line for each engine. */
export const defaultSystem = {
  name: "default",
  instruments: ["ALPHA", "BETA", "GAMMA"],
  engines: {
    market_data: {},
    // Five or so buckets a second of each: a first VPIN after ten seconds, alarms before the crash, which is a minute away.
    toxicity: { options: { bucketVolume: 50 } },
    features: {},
    risk: {},
    // First weights after a look back of 250 s of the market; alarms are answered at once.
    portfolio: {},
    // An account that the crash of ALPHA brings below what it needs.
    collateral: { options: { units: { ALPHA: 1000 }, cash: -85_000 } },
    // A market maker on paper, which stands wider while an alarm of toxicity lasts; the other engines do not know of its holdings.
    strategy: { options: { strategy: "market_maker", params: { spread: 8, size: 10 }, lot: 1 }, gives: { orders: "paper_orders" } },
    execution: {
      options: { lot: 1, entryLatency: 5_000_000, answerLatency: 5_000_000, makerFee: -0.0001, takerFee: 0.0004 },
      ...{ takes: { orders: "paper_orders" }, gives: { holdings: "paper_holdings" } },
    },
    analytics: {},
    monitor: {},
    // Its page is at 8600.
    gateway: { options: { port: 8601, free: true } },
  },
};
