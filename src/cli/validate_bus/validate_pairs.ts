/** Pairs of engines that ask each other over the bus: one computes in this process, the other in another one, and its answer comes back. */
import type { Batch, Bus, Columns, Publisher, Subscription, Topic, Views } from "../../bus/bus.js";
import { topic } from "../../bus/frame.js";
import { MemoryBus } from "../../bus/memory_bus.js";
import { CollateralEngine, marginTopic, positionsTopic } from "../../engines/collateral_engine.js";
import { crossSectionTopic, FactorEngine, factorRiskTopic } from "../../engines/factors.js";
import { pricesTopic } from "../../engines/prices.js";
import { RiskEngine, riskTopic } from "../../engines/risk_engine.js";
import { ToxicityEngine, toxicityTopic } from "../../engines/toxicity_engine.js";
import { tradesTopic } from "../../engines/trades.js";
import { factorRisk } from "../../kernels/factor/model/factor_risk.js";

export interface Pair {
  readonly name: string;
  /** Input of the first engine, what it tells the other process, and the answer, each on the bus of its type. */
  readonly input: Topic;
  readonly told: Topic;
  readonly answered: Topic;
  /** Input number i, whose time is i; and the engine that turns it into what is told. */
  columns(i: number): Views<Columns>;
  first(told: Publisher<any>): { take(batch: Batch<any>): unknown };
  answer(bus: Bus): { readonly requests: Subscription; readonly results: Publisher<any>; take(batch: Batch): void };
  /** What an answer must hold once the engines have seen enough. */
  readonly finite: string;
}

const size = { rows: 16, slots: 4 };
const times = (i: number) => BigInt64Array.of(BigInt(i));
const wave = (i: number, period: number) => Math.sin((2 * Math.PI * i) / period);
/** A random walk would do; this one is the same each time and never 0. */
const priceAt = (i: number) => 100 * (1 + 0.01 * wave(i, 7) + 0.02 * wave(i, 31));
const riskOptions = { confidence: 0.95, window: 20, periodsPerYear: 252 };

/** Rows made by hand -> batches that an engine takes, in this process's memory. */
function feed<C extends Columns>(of: Topic<C>, take: (batch: Batch<C>) => unknown): (columns: Views<C>) => void {
  const bus = new MemoryBus();
  const [subscription, publisher] = [bus.subscribe(of), bus.publisher(of)];
  return (columns) => {
    publisher.publish(columns);
    subscription.poll((batch) => void take(batch));
  };
}

const [positions, accounts] = [200, 10];
function collateral(margin: Publisher<any>): CollateralEngine {
  const column = (value: (i: number) => number) => Float64Array.from({ length: positions }, (_, i) => value(i));
  const book = {
    quantity: column((i) => (i % 2 ? 10 : -8)),
    kind: Uint8Array.from({ length: positions }, (_, i) => i % 3),
    underlying: new Uint32Array(positions),
    strike: column((i) => 80 + (i % 40)),
    expiry: column((i) => 0.1 + (i % 5) / 5),
    volatility: column(() => 0.2),
    account: Uint32Array.from({ length: positions }, (_, i) => i % accounts),
    group: new Uint32Array(positions),
  };
  const ranges = { priceRange: Float64Array.of(0.15), volatilityRange: Float64Array.of(0.3) };
  const cash = new Float64Array(accounts).fill(1e5);
  return new CollateralEngine({ book, ...ranges, price: Float64Array.of(100), cash, groups: 1 }, margin);
}

const riskToCollateral: Pair = {
  name: "risk to collateral",
  finite: "maintenance",
  input: pricesTopic({ ...size, name: "prices.validation" }) as Topic,
  told: riskTopic({ ...size, name: "risk.validation" }) as Topic,
  answered: marginTopic({ accounts, slots: size.slots, name: "margin.validation" }) as Topic,
  columns: (i) => ({ time: times(i), price: Float64Array.of(priceAt(i)), instrument: Uint32Array.of(0) }),
  first: (told) => new RiskEngine(riskOptions, told),
  answer(bus) {
    const results = bus.publisher(this.answered);
    const engine = collateral(results);
    const change = feed(positionsTopic(size), (batch) => engine.takePositions(batch));
    const take = ({ columns, rows }: Batch) => {
      const { time, volatility } = columns as unknown as { time: BigInt64Array; volatility: Float64Array };
      const now = volatility[rows - 1]!; // that options are valued at from now on
      const of = (value: number) => new Float64Array(size.rows).fill(value);
      change({
        time: new BigInt64Array(size.rows).fill(time[rows - 1]!),
        position: Uint32Array.from({ length: size.rows }, (_, i) => i),
        ...{ quantity: of(5), expiry: of(0.5), volatility: of(now > 0 ? Math.min(now, 5) : 0.2) },
      });
    };
    return { requests: bus.subscribe(this.told), results, take };
  },
};

const [assets, sectors] = [60, 4];
const sector = Int32Array.from({ length: assets }, (_, i) => i % sectors);
const vector = (value: (i: number) => number) => Float64Array.from({ length: assets }, (_, i) => value(i));
const portfolioColumns = { time: { dtype: "i64" }, total: { dtype: "f64" }, factor: { dtype: "f64" } } as const;

const factorToPortfolio: Pair = {
  name: "factor to portfolio",
  finite: "factor",
  input: crossSectionTopic({ assets, name: "cross_sections.validation" }),
  told: factorRiskTopic({ sectors, name: "factor_risk.validation" }),
  answered: topic({ name: "portfolio_update.risk", columns: portfolioColumns, ...size, backpressure: "block" }) as Topic,
  columns: (i) => ({
    time: times(i),
    returns: vector((a) => 0.01 * wave(i + a, 5) + 0.01 * wave(i * (1 + (a % 7)), 11)),
    cap: vector((a) => 1e6 * (1 + a)),
    weights: vector(() => 1 / assets),
  }),
  first: (told) => new FactorEngine({ sector, sectors }, told),
  answer(bus) {
    const results = bus.publisher(this.answered);
    const weights = vector((a) => (a % 2 ? 2 : -1) / assets);
    const take = ({ columns, rows }: Batch) => {
      const { time, covariance } = columns as unknown as { time: BigInt64Array; covariance: Float64Array };
      const { total, factor } = factorRisk({ weights, sector, covariance, specific: new Float64Array(assets) }, { assets, sectors });
      results.publish({ time: time.slice(0, rows), total, factor } as never);
    };
    return { requests: bus.subscribe(this.told), results, take };
  },
};

const tradesAWhile = 4;
const toxicityToRisk: Pair = {
  name: "toxicity to risk",
  finite: "es",
  input: tradesTopic({ ...size, name: "trades.validation" }),
  told: toxicityTopic({ ...size, name: "toxicity.validation" }),
  answered: riskTopic({ ...size, name: "risk.of_toxicity" }) as Topic,
  columns: (i) => ({
    time: new BigInt64Array(tradesAWhile).fill(BigInt(i)),
    price: new Float64Array(tradesAWhile).fill(priceAt(i)),
    size: new Float64Array(tradesAWhile).fill(25),
    side: Int8Array.from({ length: tradesAWhile }, (_, k) => ((i + k) % 3 === 0 ? -1 : 1)),
    instrument: new Uint32Array(tradesAWhile),
  }),
  first: (told) => new ToxicityEngine({ bucketVolumes: Float64Array.of(25 * tradesAWhile), window: 10 }, told),
  answer(bus) {
    const results = bus.publisher(this.answered);
    const engine = new RiskEngine(riskOptions, results as never);
    const quote = feed(pricesTopic(size), (batch) => engine.take(batch));
    const take = ({ columns, rows }: Batch) => {
      const { endTime, lastPrice } = columns as unknown as { endTime: BigInt64Array; lastPrice: Float64Array };
      quote({ time: endTime.slice(0, rows), price: lastPrice.slice(0, rows), instrument: new Uint32Array(rows) });
    };
    return { requests: bus.subscribe(this.told), results, take };
  },
};

export const pairs: readonly Pair[] = [riskToCollateral, factorToPortfolio, toxicityToRisk];
