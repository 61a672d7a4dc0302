/** What runs where no system file is named; of the same form as one, a line for each engine. */
export const defaultSystem = {
  name: "default",
  instruments: ["ALPHA", "BETA", "GAMMA"],
  engines: {
    market_data: {},
    toxicity: { options: { bucketVolume: 50 } },
    features: {},
    risk: {},
    monitor: {},
    gateway: {},
  },
};
