/** An engine that shows what others know of each instrument to Prometheus, as of their last row. */
import { serveMetrics } from "tickforge/bus";
import { defineEngine } from "tickforge/system";

/** Metrics by the topic that they come from: name, column, what is said of it. */
const shown = {
  toxicity: [
    ["vpin", "vpin", "Share of the volume of the last buckets that was one-sided."],
    ["vpin_rank", "cdf", "Share of earlier VPIN that lies below."],
    ["vpin_alarm", "alarm", "1 while an alarm of toxicity stands."],
    ["price", "lastPrice", "Price of the last trade of the last bucket."],
  ],
  risk: [
    ["value_at_risk_ratio", "var", "Loss of a bar that is exceeded as rarely as the engine's confidence says, as a fraction of the price."],
    ["expected_shortfall_ratio", "es", "Mean loss beyond the value at risk, as a fraction of the price."],
    ["risk_alarm", "alarm", "1 while an alarm of risk stands."],
  ],
};
const metrics = Object.entries(shown).flatMap(([port, lines]) => lines.map(([name, column, help]) => ({ port, name, column, help })));
const columnsOf = (port) =>
  Object.fromEntries(shown[port].map(([, column]) => [column, column === "alarm" ? { dtype: "u8" } : { dtype: "f64", nan: true }]));

export default defineEngine({
  name: "market_metrics",
  doc: "The last values of each instrument, for Prometheus.",
  options: { port: { type: "number", integer: true, min: 0, max: 65_535, default: 9465, doc: "of 127.0.0.1; 0 takes one that is free" } },
  live: true,
  loop: "events", // it answers requests
  takes: () =>
    Object.fromEntries(
      Object.keys(shown).map((port) => [
        port,
        { doc: "last values", topic: port, columns: { instrument: { dtype: "u32", instrument: true }, ...columnsOf(port) } },
      ]),
    ),
  gives: () => ({}),
  stateBytes: ({ instruments }) => 8 * metrics.length * instruments.length,
  async begin({ state, options, instruments, log }) {
    const values = new Float64Array(state); // instrument by instrument
    if (values.every((value) => value === 0)) values.fill(Number.NaN); // nothing is known yet
    const samples = () =>
      instruments.flatMap((instrument, id) =>
        metrics.map(({ name, help }, m) => {
          const value = values[id * metrics.length + m];
          return { name: `tickforge_market_${name}`, type: "gauge", help, labels: { instrument }, value };
        }),
      );
    const server = await serveMetrics(samples, { port: options.port });
    log(`metrics at ${server.url}`);
    return {
      take(port, { columns, rows }, from) {
        for (let i = from; i < rows; i++)
          metrics.forEach((metric, m) => {
            if (metric.port === port) values[columns.instrument[i] * metrics.length + m] = columns[metric.column][i];
          });
        return rows;
      },
      close: () => server.close(),
    };
  },
});
