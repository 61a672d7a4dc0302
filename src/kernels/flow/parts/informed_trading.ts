/**
 * The mixture of three Poisson processes behind pin and ivpin, for their references. A period (day or bucket) of duration t has no
 * news with probability 1 - alpha, bad news with alpha delta, good news with alpha (1 - delta). Buys arrive at the rate epsilonBuy,
 * sells at epsilonSell; on bad news sells, on good news buys, at mu more.
 */
import { type Accuracy, type Minimum, minimize } from "../../parts/minimize.js";

export interface Periods {
  buy: Float64Array;
  sell: Float64Array;
  /** Duration of each period. */
  time: Float64Array;
}

export interface Estimate {
  alpha: number;
  delta: number;
  mu: number;
  epsilonBuy: number;
  epsilonSell: number;
  /** Without -log(buy!) - log(sell!), which no parameter moves. */
  logLikelihood: number;
  converged: boolean;
  /** Coordinates of the maximum, undefined where there is none. */
  at?: number[];
}

/** Outputs of an estimate for each of `rows`, behind the probability itself; `rate` is the unit of the rates. */
export const estimateOutputs = <R extends string>(rows: R, rate: string) =>
  ({
    alpha: {
      dtype: "real",
      shape: [rows],
      unit: "ratio in [0, 1]",
      doc: `probability of news in a ${rows}; 0 where news cannot be told from chance: no parameters raise the log-likelihood by 2^-10 over that of one Poisson process a side`,
    },
    delta: { dtype: "real", shape: [rows], unit: "ratio in [0, 1]", doc: "probability that news are bad; NaN where alpha is 0" },
    mu: { dtype: "real", shape: [rows], unit: rate, doc: `rate of informed trading in a ${rows} with news; NaN where alpha is 0` },
    epsilonBuy: { dtype: "real", shape: [rows], unit: rate, doc: "rate of uninformed buys" },
    epsilonSell: { dtype: "real", shape: [rows], unit: rate, doc: "rate of uninformed sells" },
    logLikelihood: {
      dtype: "f64",
      shape: [rows],
      unit: "1",
      doc: "at the maximum, without -log(buys!) - log(sells!), which no parameter moves",
    },
    converged: {
      dtype: "u8",
      shape: [rows],
      unit: "flag",
      doc: "1 where a maximum was reached, which may be one of several; 0 where the other outputs are NaN",
    },
  }) as const;

/** Steps end where the likelihood is flat to rounding; its square root is what the parameters are known to. */
export const parameterClose = { f64: { relative: 1e-6, floor: 1e-2 }, f32: { relative: 1e-6, floor: 1e-2 } } as const;
export const estimateClose = {
  alpha: parameterClose,
  delta: parameterClose,
  mu: parameterClose,
  epsilonBuy: parameterClose,
  epsilonSell: parameterClose,
  logLikelihood: { f64: { relative: 1e-11, floor: 1 }, f32: { relative: 1e-11, floor: 1 } },
  converged: { f64: { exact: true }, f32: { exact: true } },
} as const;

/** Below this rise of the log-likelihood over that of one Poisson process a side, news cannot be told from chance. */
const leastRise = 2 ** -10;
/** Of the spring that settles what a flat likelihood leaves open. */
const spring = 2 ** -6;
/** Stands for 0 where a logarithm or a quotient is taken. */
const tiny = 1e-290;
/** Sums of trades below it count as none, and a duration below it as no time. */
const least = 1e-100;

const sum = (values: Float64Array): number => values.reduce((total, x) => total + x, 0);

/**
 * The likelihood is maximized in coordinates in which its second derivatives are about -4 a period wherever it is, and which have no
 * borders: the angle whose sine squared is alpha, or delta, through the tangent w of its half, and square roots of rates.
 */
const share = (w: number) => ({ sine: (2 * w) / (1 + w * w), cosine: (1 - w * w) / (1 + w * w), turn: 2 / (1 + w * w) });
const halfTangent = (fraction: number): number => Math.sqrt(fraction) / (1 + Math.sqrt(1 - fraction));
const squareLog = (x: number): number => Math.log(Math.max(x * x, tiny));
const quotient = (a: number, b: number): number => (Math.abs(b) > tiny ? a / b : 0);

export class InformedTrading {
  readonly count: number;
  readonly buys: number;
  readonly sells: number;
  readonly duration: number;
  /** Rates are counted for a period of average duration, so that all coordinates are alike. */
  private readonly unit: number;

  constructor(private readonly periods: Periods) {
    this.count = periods.buy.length;
    const side = (trades: Float64Array) => (sum(trades) < least ? 0 : sum(trades));
    this.buys = side(periods.buy);
    this.sells = side(periods.sell);
    this.duration = sum(periods.time);
    this.unit = this.count / this.duration;
  }

  /** Whether the model can have made these numbers: some trades, and none in no time. */
  get possible(): boolean {
    const { buy, sell, time } = this.periods;
    return this.buys + this.sells > 0 && time.every((t, i) => t > least || buy[i]! + sell[i]! === 0);
  }

  /** Coordinate of the rate that brings the mean volume of a period. */
  get root(): number {
    return Math.sqrt((this.buys + this.sells) / this.count);
  }

  coordinates(alpha: number, delta: number, mu: number, epsilonBuy: number, epsilonSell: number): number[] {
    return [halfTangent(alpha), halfTangent(delta), ...[mu, epsilonBuy, epsilonSell].map((rate) => Math.sqrt(rate / this.unit))];
  }

  /** What the log-likelihood lacks of that without news, at its best rates; where that is negative, news explain something. */
  readonly lack = (x: readonly number[], slope: number[]): number => {
    const { buy, sell, time } = this.periods;
    const news = share(x[0]!);
    const bad = share(x[1]!);
    const [mu, epsilonBuy, epsilonSell] = [2, 3, 4].map((k) => (x[k]! * x[k]! + tiny) * this.unit) as [number, number, number];
    const logs = [
      squareLog(news.cosine),
      squareLog(news.sine) + squareLog(bad.sine),
      squareLog(news.sine) + squareLog(bad.cosine),
    ] as const;
    const perBuy = Math.log1p(mu / epsilonBuy);
    const perSell = Math.log1p(mu / epsilonSell);
    let rise = this.riseOf(this.buys, epsilonBuy) + this.riseOf(this.sells, epsilonSell);
    const chance = [0, 0, 0]; // of no news, bad news and good news, summed over the periods
    const informed = { buy: 0, sell: 0, time: 0 }; // what happened in the periods with good, bad and any news
    const plain = { buy: 0, sell: 0 }; // buys in those without good news, sells in those without bad news
    for (let i = 0; i < buy.length; i++) {
      const [a, b, c] = [logs[0], logs[1] + sell[i]! * perSell - mu * time[i]!, logs[2] + buy[i]! * perBuy - mu * time[i]!];
      const largest = Math.max(a, b, c); // taken out, so that nothing overflows (Lin & Ke 2011)
      const parts = Math.exp(a - largest) + Math.exp(b - largest) + Math.exp(c - largest);
      const [none, down, up] = [Math.exp(a - largest) / parts, Math.exp(b - largest) / parts, Math.exp(c - largest) / parts];
      rise += largest + Math.log(parts);
      chance[0]! += none;
      chance[1]! += down;
      chance[2]! += up;
      informed.buy += up * buy[i]!;
      informed.sell += down * sell[i]!;
      informed.time += (down + up) * time[i]!;
      plain.buy += (none + down) * buy[i]!;
      plain.sell += (none + up) * sell[i]!;
    }
    const angle = ({ sine, cosine, turn }: ReturnType<typeof share>, yes: number, no: number) =>
      2 * turn * (yes * quotient(cosine, sine) - no * quotient(sine, cosine));
    slope[0] = -angle(news, chance[1]! + chance[2]!, chance[0]!);
    slope[1] = -angle(bad, chance[1]!, chance[2]!);
    const moreBuys = informed.buy / (epsilonBuy + mu);
    const moreSells = informed.sell / (epsilonSell + mu);
    slope[2] = -2 * x[2]! * this.unit * (moreSells + moreBuys - informed.time);
    slope[3] = -2 * x[3]! * this.unit * (plain.buy / epsilonBuy + moreBuys - this.duration);
    slope[4] = -2 * x[4]! * this.unit * (plain.sell / epsilonSell + moreSells - this.duration);
    return -rise;
  };

  /**
   * With few trades a likelihood can be flat along a line. The point next to which shares and rates are smallest is then the answer,
   * not where roundings ended: a weak spring draws there, and is let go. A maximum that is none of these springs back to where it was.
   */
  private settled(best: Minimum, accuracy: Accuracy): Minimum {
    const scale = [1, 1, this.root, this.root, this.root];
    const weights = scale.map((s) => spring / s ** 2);
    const drawn = minimize(
      (x, slope) => {
        const value = this.lack(x, slope);
        weights.forEach((weight, k) => {
          slope[k]! += 2 * weight * x[k]!;
        });
        return value + weights.reduce((sum, weight, k) => sum + weight * x[k]! ** 2, 0);
      },
      best.x,
      accuracy,
    );
    const found = minimize(this.lack, drawn.x, accuracy);
    const moved = found.x.some((x, k) => Math.abs(x - best.x[k]!) > 2 ** -14 * scale[k]!);
    return moved && found.converged && found.value <= best.value + 16 * this.noise ? found : best;
  }

  /** Log-likelihood of one Poisson process of this rate, less that at the best rate. */
  private riseOf(trades: number, rate: number): number {
    return (trades > 0 ? trades * Math.log((rate * this.duration) / trades) : 0) - (rate * this.duration - trades);
  }

  /** Log-likelihood without news. */
  private get plainLikelihood(): number {
    const { buy, sell, time } = this.periods;
    const side = (trades: number) => (trades > 0 ? trades * Math.log(trades / this.duration) - trades : 0);
    const stretched = time.map((t, i) => (buy[i]! + sell[i]! > 0 ? (buy[i]! + sell[i]!) * Math.log(t) : 0));
    return side(this.buys) + side(this.sells) + sum(stretched);
  }

  /** Rounding error of a likelihood. */
  get noise(): number {
    return 2 ** -47 * (1 + this.buys + this.sells);
  }

  /** The best of the maxima next to the starting values; of those that differ by rounding alone the first. */
  estimate(starts: readonly number[][]): Estimate {
    const trades = this.buys + this.sells;
    const gain = 1e-15 * Math.min(1, trades) + (2 ** -47 * trades) ** 2;
    const accuracy = { curvature: 4 * this.count, noise: this.noise, gain };
    let best: Minimum | undefined;
    for (const start of starts) {
      const found = minimize(this.lack, start, accuracy);
      if (found.converged && !(best && !(found.value < best.value - 16 * this.noise))) best = found;
    }
    if (best) best = this.settled(best, accuracy);
    const nothing = { delta: Number.NaN, mu: Number.NaN };
    if (!best)
      return {
        alpha: Number.NaN,
        ...nothing,
        epsilonBuy: Number.NaN,
        epsilonSell: Number.NaN,
        logLikelihood: Number.NaN,
        converged: false,
      };
    const plain = this.plainLikelihood;
    if (!(best.value < -leastRise)) {
      const [epsilonBuy, epsilonSell] = [this.buys / this.duration, this.sells / this.duration];
      return { alpha: 0, ...nothing, epsilonBuy, epsilonSell, logLikelihood: plain, converged: true };
    }
    const rates = best.x.slice(2).map((root) => root * root * this.unit) as [number, number, number];
    const [alpha, delta] = [share(best.x[0]!).sine ** 2, share(best.x[1]!).sine ** 2];
    const [mu, epsilonBuy, epsilonSell] = rates;
    return { alpha, delta, mu, epsilonBuy, epsilonSell, logLikelihood: plain - best.value, converged: true, at: best.x };
  }
}

/** The middles of five equal parts of [0, 1]. */
export const grid = [0.1, 0.3, 0.5, 0.7, 0.9] as const;
