/** A risk model, or prices that one is made of, expected returns and alarms -> target weights with their proof -> orders. */
import type { Batch } from "../../bus/bus.js";
import { BarClock } from "../kit/bar_clock.js";
import { States } from "../states.js";
import { type AssetRisk, named } from "./asset_risk.js";
import { GivenRisk, type RiskModelRow } from "./given_risk.js";
import { PriceRisk, type PriceRiskOptions } from "./price_risk.js";
import { type Answer, type Outputs, SolveRows } from "./solve_rows.js";
import { type AccountOptions, TradingAccount } from "./trading_account.js";
import { WeightLimits } from "./weight_limits.js";
import { noAnswer, type Solved, type SolverOptions, WeightSolver } from "./weight_solver.js";

export interface PortfolioOptions
  extends Omit<SolverOptions, "tradeCost" | "backend">,
    Omit<PriceRiskOptions, "halfLife">,
    Omit<AccountOptions, "assets" | "told"> {
  /** Names of the assets; their number is the number of assets. */
  readonly assets: readonly string[];
  /** Of the models that come; 0: risk is made of prices. */
  readonly factors: number;
  readonly halfLife?: number | undefined;
  readonly barSeconds: number;
  /** Seconds of event time between answers; 0: with each model that comes. */
  readonly interval: number;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  /** Of the weight before an alarm; undefined: alarms change nothing. */
  readonly alarmShare: number | undefined;
  /** Seconds between answers to alarms. */
  readonly alarmInterval: number;
  /** Periods that the cost of a trade is spread over. */
  readonly costHorizon: number;
  readonly state?: ArrayBufferLike | undefined;
}

/** Why weights are asked for: the time, a model that came, an alarm. */
const causes = { interval: 0, model: 1, alarm: 2 } as const;
type Cause = keyof typeof causes;

interface Told {
  /** There are prices, and so an account. */
  readonly prices: boolean;
  /** What is held comes as a topic. */
  readonly holdings: boolean;
  /** Of expected returns there is a topic. */
  readonly signals: boolean;
  log(message: string): void;
}

const second = 1e9;

/** Everything that lies in the state, in the order in which it lies there. */
function partsOf(options: PortfolioOptions, told: Told, outputs: Outputs | undefined, states: States) {
  const { assets, factors, lower, upper, alarmShare, costRate, costHorizon, window, estimator, barSeconds } = options;
  const n = assets.length;
  const account = new TradingAccount({ ...options, capital: told.prices ? options.capital : 0, assets: n, told: told.holdings }, states);
  const given = factors > 0 ? new GivenRisk(n, factors, states) : undefined;
  const made = given ? undefined : new PriceRisk({ window, estimator, halfLife: options.halfLife ?? window / 4 }, account.price, states);
  const risk: AssetRisk = given ?? made!;
  const limits = new WeightLimits({ lower, upper }, alarmShare, states);
  const solver = new WeightSolver({ ...options, tradeCost: costRate.map((rate) => rate / costHorizon) }, risk, limits, states);
  const answer: Answer = { weights: solver.weights, there: risk.there, alarm: limits.alarm, price: account.price, costRate };
  return {
    ...{ account, given, made, risk, limits, solver },
    bars: new BarClock(barSeconds, 1, states),
    /** Expected returns, and 1 where there is one. */
    expected: states.numbers(n),
    signaled: states.numbers(n),
    /** Now; when weights were asked for last, and when because of an alarm. */
    times: states.times(3),
    /** Answers asked for; 1 where an alarm waits for one; 1 once the first row came, and once an alarm was answered. */
    own: states.numbers(4),
    rows: new SolveRows(answer, outputs, states),
  };
}

type Columns = Readonly<Record<string, Float64Array>> & { readonly time: BigInt64Array; readonly instrument: Uint32Array };

export class PortfolioEngine {
  private readonly parts;
  private readonly zeros: Float64Array;
  /** Said last of each kind: a state of things is told once. */
  private readonly said = new Map<string, string>();

  constructor(
    private readonly options: PortfolioOptions,
    private readonly told: Told,
    outputs: Outputs,
  ) {
    this.parts = partsOf(options, told, outputs, new States(options.state));
    this.parts.account.open();
    this.zeros = new Float64Array(options.assets.length);
  }

  /** Bytes of a state block for these options. */
  static stateBytes(options: PortfolioOptions): number {
    const states = new States();
    partsOf(options, { prices: false, holdings: false, signals: false, log: () => {} }, undefined, states);
    return states.bytes;
  }

  /** Row up to which the batch was taken: fewer than it has where the results are full. */
  take(port: string, batch: Batch, from: number): number {
    const columns = batch.columns as unknown as Columns;
    const { rows } = this.parts;
    for (let row = from; row < batch.rows; row++) {
      // A row whose answer found no room comes again; what it asked for has been done.
      if (!rows.pending) this.row(port, columns, row);
      if (rows.pending && !rows.write()) return row;
      if (port === "prices") this.parts.account.setPrice(columns.instrument[row]!, columns.price![row]!, columns.time[row]!);
    }
    return batch.rows;
  }

  private row(port: string, columns: Columns, row: number): void {
    const { parts } = this;
    this.reach((columns.time ?? columns.endTime)[row]!);
    let [cause, wrong]: [Cause?, string?] = [];
    if (port === "prices") cause = this.tick(columns.time[row]!);
    else if (port === "signals") this.signal(columns.instrument[row]!, columns.expected![row]!);
    else if (port === "holdings") parts.account.hold(columns.instrument[row]!, columns.quantity![row]!);
    else if (port === "toxicity") this.alarm(columns.instrument[row]!, columns.alarm![row] !== 0);
    else wrong = this.model(columns as unknown as RiskModelRow, row);
    if (port === "risk_model") cause = "model";
    else if (cause === undefined && this.alarmDue) cause = "alarm";
    if (cause !== undefined) this.solve(cause, wrong);
  }

  /** Event time goes on; topics may lag behind each other. */
  private reach(time: bigint): void {
    const { times, own } = this.parts;
    if (own[2] === 0) times.fill(time);
    own[2] = 1;
    if (time > times[0]!) times[0] = time;
  }

  private since(what: 1 | 2): number {
    const { times } = this.parts;
    return Number(times[0]! - times[what]!) / second;
  }

  /** Ends the bar that a price lies behind; whether it is time for weights. */
  private tick(time: bigint): Cause | undefined {
    const { bars, made } = this.parts;
    let ended = false;
    bars.reach(time, () => {
      made?.step();
      ended = true;
      return true;
    });
    const { interval } = this.options;
    if (!ended || interval === 0 || this.since(1) < interval) return undefined;
    if (made) {
      made.estimate();
      if (!made.there.includes(1)) {
        this.tell("model", `no weights yet: no instrument has ${this.options.window} bars of prices in which it moved`);
        return undefined;
      }
    }
    return this.parts.risk.there.includes(1) ? "interval" : undefined;
  }

  private signal(asset: number, expected: number): void {
    const known = !Number.isNaN(expected);
    this.parts.expected[asset] = known ? expected : 0;
    this.parts.signaled[asset] = known ? 1 : 0;
  }

  private alarm(asset: number, alarm: boolean): void {
    const { limits, solver, own } = this.parts;
    if (limits.tell(asset, alarm, solver.weights[asset]!) && solver.answered) own[1] = 1;
  }

  /** The first alarm is answered at once, those that follow within the interval together. */
  private get alarmDue(): boolean {
    const { own } = this.parts;
    return own[1] === 1 && (own[3] === 0 || this.since(2) >= this.options.alarmInterval);
  }

  /** Why it is none, where it is not taken. */
  private model(columns: RiskModelRow, row: number): string | undefined {
    const { given, solver } = this.parts;
    const before = given!.there.slice();
    const wrong = given!.take(columns, row);
    if (wrong !== undefined) return wrong;
    const all = [...before.keys()];
    const gone = all.filter((i) => before[i] === 1 && given!.there[i] === 0);
    const come = all.filter((i) => before[i] === 0 && given!.there[i] === 1);
    const { assets } = this.options;
    if (gone.length > 0) {
      const weight = gone.reduce((sum, i) => sum + Math.abs(solver.weights[i]!), 0);
      this.told.log(
        `the risk model has ${gone.length} assets no more, whose weights were ${weight.toPrecision(3)} in all: ${named(assets, gone)}`,
      );
    }
    if (come.length > 0 && before.includes(1)) this.told.log(`the risk model has ${come.length} assets anew: ${named(assets, come)}`);
    return undefined;
  }

  /** `wrong`: why the model that asks for weights is none. */
  private solve(cause: Cause, wrong?: string): void {
    const { parts, options } = this;
    const { account, risk, limits, solver, rows, own, times } = parts;
    own[0]!++;
    own[1] = 0;
    times[1] = times[0]!;
    if (cause === "alarm") {
      times[2] = times[0]!;
      own[3] = 1;
    }
    if (!account.weights(rows.before)) rows.before.set(solver.weights);
    solver.held.set(rows.before);
    solver.expected.set(options.objective === "minimum_variance" ? this.zeros : parts.expected);
    const solved = wrong === undefined ? solver.solve(limits.set(risk.there)) : noAnswer(3, wrong);
    const kept = solved.status !== 0;
    this.tell("answer", solved.why === undefined ? "" : `weights stay as they are: ${solved.why}`);
    const done = kept ? undefined : this.trade();
    rows.begin(times[0]!, { ...this.proof(cause, solved), ...this.counts(done?.unpriced ?? []), ...this.money(done) });
  }

  private trade() {
    const { account, solver, limits, rows, times } = this.parts;
    return account.trades(solver.weights, this.options.alarmShare === undefined ? this.zeros : limits.alarm, times[0]!, rows.trade);
  }

  private proof(cause: Cause, { status, certificate, why: _, ...solved }: Solved) {
    const [budgetCertificate = 0, turnoverCertificate = 0, grossCertificate = 0, shortCertificate = 0] = certificate;
    const { own, solver, rows } = this.parts;
    const turnover = solver.weights.reduce((sum, weight, i) => sum + Math.abs(weight - rows.before[i]!), 0);
    return {
      ...{ solve: own[0]!, cause: causes[cause], status, kept: status === 0 ? 0 : 1, ...solved },
      turnover: status === 0 ? turnover : Number.NaN,
      ...{ budgetCertificate, turnoverCertificate, grossCertificate, shortCertificate },
    };
  }

  private counts(unpriced: readonly number[]) {
    const { risk, limits, signaled } = this.parts;
    const { assets: names, objective } = this.options;
    const all = [...names.keys()];
    const there = all.filter((i) => risk.there[i] === 1);
    const silent = this.told.signals && objective === "mean_variance" ? there.filter((i) => signaled[i] === 0) : [];
    this.tell("signals", silent.length === 0 ? "" : `${silent.length} assets have no signal, 0 is taken: ${named(names, silent)}`);
    this.tell(
      "prices",
      unpriced.length === 0 ? "" : `${unpriced.length} assets have no price, or an old one, and are not traded: ${named(names, unpriced)}`,
    );
    return {
      ...{ assets: there.length, missing: names.length - there.length, alarmed: all.filter((i) => limits.alarm[i] === 1).length },
      ...{ unsignaled: silent.length, unpriced: unpriced.length },
    };
  }

  private money(done: { readonly cost: number; readonly cash: number; readonly worth: number } | undefined) {
    const { account, rows } = this.parts;
    const { cost, cash, worth } = done ?? { cost: 0, cash: account.cash, worth: account.worth };
    return { cost, cash, worth, orders: done ? rows.trade.reduce((count, units) => count + (units === 0 ? 0 : 1), 0) : 0 };
  }

  private tell(kind: string, message: string): void {
    if ((this.said.get(kind) ?? "") !== message && message !== "") this.told.log(message);
    this.said.set(kind, message);
  }
}
