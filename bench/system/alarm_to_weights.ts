/** From an alarm to the weights of 10,000 assets of 100 factors, with their proof, in one thread: the engine alone, on topics in memory. */
import { install } from "../../src/backends/index.js";
import type { Publisher, Subscription, Topic } from "../../src/bus/bus.js";
import { topic } from "../../src/bus/frame.js";
import { MemoryBus } from "../../src/bus/memory_bus.js";
import { seeded } from "../../src/kernels/parts/sample.js";
import { checkEngineOptions } from "../../src/system/kit/options.js";
import { portfolio } from "../../src/system/table/portfolio.js";

export interface AlarmTimes {
  /** Milliseconds from the alarm's row to the last row of weights, and to that of orders. */
  readonly weights: readonly number[];
  readonly orders: readonly number[];
  /** Processor time of an alarm, orders included: what is left of it where others run beside. */
  readonly processor: readonly number[];
  /** The largest gap, and the largest residual of the budget. */
  readonly gap: number;
  readonly residual: number;
  /** Weights above 0 at the end, and Newton steps of an alarm on average. */
  readonly held: number;
  readonly steps: number;
}

interface Universe {
  readonly assets: number;
  readonly factors: number;
}

/** Loadings around 1 on a market, around 0 on the rest; specific volatilities of 1 to 3 %. */
function modelOf({ assets, factors }: Universe, random: () => number) {
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const mixed = Float64Array.from({ length: factors * factors }, () => 0.001 * normal());
  const covariance = new Float64Array(factors * factors);
  for (let i = 0; i < factors; i++)
    for (let j = 0; j <= i; j++) {
      let sum = i === j ? (i === 0 ? 1e-4 : 1e-5) : 0;
      for (let l = 0; l < factors; l++) sum += mixed[i * factors + l]! * mixed[j * factors + l]!;
      covariance[i * factors + j] = covariance[j * factors + i] = sum;
    }
  return {
    time: BigInt64Array.of(0n),
    loading: Float64Array.from({ length: assets * factors }, (_, at) => (at % factors === 0 ? 1 : 0) + 0.3 * normal()),
    covariance,
    specific: Float64Array.from({ length: assets }, () => 0.01 + 0.02 * random()),
  };
}

export async function alarmToWeights(universe: Universe, alarms: number, options: object = {}): Promise<AlarmTimes> {
  install();
  const { assets, factors } = universe;
  const random = seeded(1);
  const instruments = Array.from({ length: assets }, (_, i) => `A${i}`);
  const around = { engine: "portfolio", instruments, resolve: (path: string) => path };
  const checked = checkEngineOptions(portfolio.options, { factors, upper: 0.02, lot: 0, alarmInterval: 0, ...options }, around);
  const settings = { name: "portfolio", options: checked, instruments };
  const bus = new MemoryBus();
  const open = (of: Topic) => ({ results: bus.subscribe(of), publisher: bus.publisher(of) });
  const takes = Object.fromEntries(
    Object.entries(portfolio.takes(settings)).map(([port, { columns }]) => {
      const shape = Object.fromEntries(Object.entries(columns).map(([name, { dtype, width = 1 }]) => [name, { dtype, width }]));
      const rows = port === "risk_model" ? 1 : port === "toxicity" ? 1 : assets;
      return [port, open(topic({ name: port, columns: shape, rows, slots: 2, backpressure: "block" }))];
    }),
  );
  const gives = Object.fromEntries(Object.entries(portfolio.gives(settings)).map(([port, given]) => [port, open(given.topic)]));
  const wired = Object.fromEntries(
    Object.entries(takes).filter(([port]) => port !== "holdings" && (port !== "signals" || "objective" in options)),
  );
  const publishers: Record<string, Publisher> = Object.fromEntries(Object.entries(gives).map(([port, { publisher }]) => [port, publisher]));
  const state = new ArrayBuffer(portfolio.stateBytes(settings));
  const ports = Object.entries(wired).map(([port, { publisher }]) => [port, { topic: publisher.topic, symbols: publisher.symbols }]);
  const engine = await portfolio.begin({
    ...{ ...settings, state, gives: publishers, takes: Object.fromEntries(ports), health: () => [] },
    log: (message) => process.stderr.write(`${message}\n`),
  });
  const committed: Record<string, number> = {};
  for (const [port, publisher] of Object.entries(publishers)) {
    const commit = publisher.commit.bind(publisher);
    publisher.commit = (rows) => {
      commit(rows);
      committed[port] = performance.now();
    };
  }
  const send = (port: string, columns: object) => {
    takes[port]!.publisher.publish(columns as never);
    const from = performance.now();
    takes[port]!.results.poll((batch) => {
      for (let at = 0; at < batch.rows; ) at = engine.take!(port, batch, at);
    });
    return from;
  };
  const rowsOf = (subscription: Subscription, take: (columns: Record<string, Float64Array>, row: number) => void) =>
    subscription.poll((batch) => {
      for (let i = batch.from; i < batch.rows; i++) take(batch.columns as never, i);
    });
  const weights = new Float64Array(assets);
  const found = { weights: [] as number[], orders: [] as number[], processor: [] as number[], gap: 0, residual: 0, steps: 0 };
  const drain = () => {
    rowsOf(gives.portfolio!.results, ({ status, gap, primalResidual, iterations }, row) => {
      if (status![row] !== 0) throw new Error(`the solver ended with status ${status![row]}`);
      found.gap = Math.max(found.gap, gap![row]!);
      found.residual = Math.max(found.residual, primalResidual![row]!);
      found.steps += iterations![row]!;
    });
    rowsOf(gives.target_weights!.results, ({ instrument, weight }, row) => {
      weights[instrument![row]!] = weight![row]!;
    });
    rowsOf(gives.orders!.results, () => {});
  };
  const each = Uint32Array.from({ length: assets }, (_, i) => i);
  const price = Float64Array.from(each, () => 10 + 90 * random());
  send("prices", { time: new BigInt64Array(assets), price, instrument: each });
  if (wired.signals)
    send("signals", {
      time: new BigInt64Array(assets),
      instrument: each,
      expected: Float64Array.from(each, () => 0.002 * (random() - 0.5)),
    });
  send("risk_model", modelOf(universe, random));
  drain();
  const first = found.steps;
  for (let a = 0, at = 0; a < alarms; a++) {
    const instrument = Uint32Array.of(at);
    send("toxicity", { endTime: BigInt64Array.of(BigInt(a) * 1_000_000_000n), instrument, alarm: Uint8Array.of(0) });
    const held = [...each].filter((i) => weights[i]! > 1e-6 && i !== at);
    at = held[Math.floor(held.length * random())]!;
    const before = process.cpuUsage();
    const from = send("toxicity", {
      ...{ endTime: BigInt64Array.of(BigInt(a) * 1_000_000_000n + 1n), instrument: Uint32Array.of(at), alarm: Uint8Array.of(1) },
    });
    const { user, system } = process.cpuUsage(before);
    found.processor.push((user + system) / 1e3);
    found.weights.push(committed.target_weights! - from);
    found.orders.push(committed.orders! - from);
    drain();
  }
  return { ...found, steps: (found.steps - first) / alarms, held: weights.filter((weight) => weight > 1e-6).length };
}
