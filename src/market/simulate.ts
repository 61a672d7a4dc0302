import { DataError } from "../core/contract/errors.js";
import { Random } from "./random.js";

/** Rows of a tape, in order of time; all columns have one length. */
export interface TapeBatch {
  /** Epoch ns UTC. */
  time: BigInt64Array;
  price: Float64Array;
  size: Float64Array;
  /** +1 the buyer was the aggressor, -1 the seller. */
  side: Int8Array;
  instrument: Uint32Array;
}

/** A stretch in which traders with news buy (+1) or sell (-1) beside everyone else. */
export interface InformedEpisode {
  startTime: bigint;
  endTime: bigint;
  side: 1 | -1;
}

export interface SimulateOptions {
  /** An integer from 0 to 2^53 - 1. The same seed and options give the same bytes. */
  seed: number;
  /** Epoch ns UTC; default 2026-01-05 00:00, a Monday. */
  startTime?: bigint;
  days?: number;
  /** Expected uninformed trades in a day, buys and sells alike. */
  tradesPerDay?: number;
  episodesPerDay?: number;
  episodeMinutes?: number;
  /** Arrivals of informed trades in an episode, as a multiple of all uninformed arrivals. */
  informedRate?: number;
  /** Drift of the price over one episode toward the informed side, as a fraction. */
  episodeMove?: number;
  /** Standard deviation of a day's log return outside episodes. */
  dailyVolatility?: number;
  startPrice?: number;
  /** Ticks in one unit of price, lots in one unit of size: whole numbers keep every value a decimal. */
  ticksPerUnit?: number;
  lotsPerUnit?: number;
  medianSize?: number;
  /** Standard deviation of the logarithm of the size: 1.6 spreads sizes over about five decades. */
  sizeSpread?: number;
}

export interface SimulatedTape {
  /** The truth that a detector can be held against, in order of time, never overlapping. */
  episodes: InformedEpisode[];
  /** The tape from its beginning, as often as asked; only one batch is in memory at a time. */
  batches(rows?: number): Generator<TapeBatch, void, undefined>;
}

const simulateDefaults = {
  startTime: 1_767_571_200_000_000_000n,
  days: 5,
  tradesPerDay: 40_000,
  episodesPerDay: 1,
  episodeMinutes: 60,
  informedRate: 1.5,
  episodeMove: 0.015,
  dailyVolatility: 0.02,
  startPrice: 100,
  ticksPerUnit: 100,
  lotsPerUnit: 1000,
  medianSize: 0.2,
  sizeSpread: 1.6,
};
type Settings = typeof simulateDefaults & { seed: number };

const daySeconds = 86_400;
const dayNs = 86_400_000_000_000n;
/** The day's own rhythm: half the mean around 04:00 UTC, one and a half times around 16:00. */
const busyness = (secondOfDay: number): number => 1 - 0.5 * Math.cos((2 * Math.PI * (secondOfDay - 4 * 3600)) / daySeconds);

/**
 * A seeded tape with known informed episodes, after the sequential trade model of Easley & O'Hara (1987) and the arrival rates of
 * Easley, Kiefer, O'Hara & Paperman (1996): uninformed buys and sells are two equal Poisson streams, informed trades a third
 * one that runs in episodes, on one side only, and takes the price along. What it is not: there is no book, no quote and no
 * answer of the uninformed to the news.
 */
export function simulate(options: SimulateOptions): SimulatedTape {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const settings = { ...simulateDefaults, ...given } as Settings;
  check(settings);
  const episodes = placeEpisodes(settings);
  return { episodes, batches: (rows = 65_536) => tape(settings, episodes, rows) };
}

function check(settings: Settings): void {
  const refuse = (option: string, wants: string, value: unknown) => {
    throw new DataError("E_OPTION_RANGE", `simulate: '${option}' is ${String(value)}, expected ${wants}`, { option, value });
  };
  if (!Number.isSafeInteger(settings.seed) || settings.seed < 0) refuse("seed", "a whole number from 0 to 2^53 - 1", settings.seed);
  const atLeastZero = ["episodesPerDay", "episodeMove", "informedRate", "dailyVolatility", "sizeSpread"] as const;
  const aboveZero = ["days", "tradesPerDay", "episodeMinutes", "startPrice", "ticksPerUnit", "lotsPerUnit", "medianSize"] as const;
  for (const name of atLeastZero) if (!(settings[name] >= 0 && settings[name] < Infinity)) refuse(name, "a number >= 0", settings[name]);
  for (const name of aboveZero) if (!(settings[name] > 0 && settings[name] < Infinity)) refuse(name, "a number > 0", settings[name]);
  const busy = settings.episodesPerDay * settings.episodeMinutes;
  if (busy > 720)
    refuse("episodesPerDay", `at most ${720 / settings.episodeMinutes}: episodes may fill half of the time`, settings.episodesPerDay);
}

/** One episode in each equal part of the tape, at a place and on a side of its own: they never meet. */
function placeEpisodes(of: Settings): InformedEpisode[] {
  const random = Random.fromSeed(of.seed, 1);
  const count = Math.floor(of.days * of.episodesPerDay);
  const part = (of.days * daySeconds) / count;
  const length = of.episodeMinutes * 60;
  return Array.from({ length: count }, (_, i) => {
    const seconds = length * (0.5 + random.uniform());
    const start = part * i + random.uniform() * (part - seconds);
    return { startTime: of.startTime + toNs(start), endTime: of.startTime + toNs(start + seconds), side: random.uint32() & 1 ? 1 : -1 };
  });
}

const toNs = (seconds: number): bigint => BigInt(Math.round(seconds * 1e9));

/** Moves the state of the market from trade to trade. Every draw is made in the same order whatever the batch size. */
class Market {
  time = 0n;
  side: 1 | -1 = 1;
  #logPrice: number;
  #episode = 0;
  readonly #random: Random;

  constructor(
    readonly of: Settings,
    readonly episodes: readonly InformedEpisode[],
  ) {
    this.time = of.startTime;
    this.#logPrice = Math.log(of.startPrice);
    this.#random = Random.fromSeed(of.seed, 0);
  }

  /** To the next trade. Rates are those at the last trade, or at an episode's border where one lies between. */
  next(): void {
    const { of } = this;
    let wait = this.#random.exponential();
    for (;;) {
      const informed = this.#informedEpisode();
      const uninformedRate = (of.tradesPerDay / daySeconds) * busyness(Number(this.time % dayNs) / 1e9);
      const informedRate = informed ? of.informedRate * uninformedRate : 0;
      const seconds = wait / (uninformedRate + informedRate);
      const border = informed ? informed.endTime : this.episodes[this.#episode]?.startTime;
      const until = border === undefined ? Infinity : Number(border - this.time) / 1e9;
      const step = Math.min(seconds, until);
      this.#drift(step, informed);
      if (seconds < until) {
        this.time += toNs(seconds);
        const isInformed = informed && this.#random.uniform() * (uninformedRate + informedRate) < informedRate;
        this.side = isInformed ? informed.side : this.#random.uint32() & 1 ? 1 : -1;
        return;
      }
      // Exponential waits forget: what is left of this one goes on at the rate beyond the border.
      wait -= until * (uninformedRate + informedRate);
      this.time = border!;
    }
  }

  /** Half a tick of spread on either side, and never below one tick. */
  price(): number {
    const ticks = Math.round(Math.exp(this.#logPrice) * this.of.ticksPerUnit + 0.5 * this.side);
    return Math.max(ticks, 1) / this.of.ticksPerUnit;
  }

  size(): number {
    const size = this.of.medianSize * Math.exp(this.of.sizeSpread * this.#random.normal());
    return Math.max(Math.round(size * this.of.lotsPerUnit), 1) / this.of.lotsPerUnit;
  }

  #informedEpisode(): InformedEpisode | undefined {
    while (this.#episode < this.episodes.length && this.episodes[this.#episode]!.endTime <= this.time) this.#episode++;
    const episode = this.episodes[this.#episode];
    return episode && episode.startTime <= this.time ? episode : undefined;
  }

  #drift(seconds: number, informed: InformedEpisode | undefined): void {
    this.#logPrice += this.of.dailyVolatility * Math.sqrt(seconds / daySeconds) * this.#random.normal();
    if (!informed) return;
    const length = Number(informed.endTime - informed.startTime) / 1e9;
    this.#logPrice += (informed.side * this.of.episodeMove * seconds) / length;
  }
}

function* tape(of: Settings, episodes: readonly InformedEpisode[], rows: number): Generator<TapeBatch, void, undefined> {
  if (!Number.isSafeInteger(rows) || rows < 1)
    throw new DataError("E_OPTION_RANGE", `simulate: 'rows' is ${rows}, expected a whole number >= 1`, { option: "rows", value: rows });
  const market = new Market(of, episodes);
  const end = of.startTime + toNs(of.days * daySeconds);
  market.next();
  while (market.time < end) {
    const batch = emptyBatch(rows);
    let filled = 0;
    for (; filled < rows && market.time < end; filled++, market.next()) {
      batch.time[filled] = market.time;
      batch.price[filled] = market.price();
      batch.size[filled] = market.size();
      batch.side[filled] = market.side;
    }
    yield filled === rows ? batch : cut(batch, filled);
  }
}

const emptyBatch = (rows: number): TapeBatch => ({
  time: new BigInt64Array(rows),
  price: new Float64Array(rows),
  size: new Float64Array(rows),
  side: new Int8Array(rows),
  instrument: new Uint32Array(rows),
});

const cut = (batch: TapeBatch, rows: number): TapeBatch => ({
  time: batch.time.slice(0, rows),
  price: batch.price.slice(0, rows),
  size: batch.size.slice(0, rows),
  side: batch.side.slice(0, rows),
  instrument: batch.instrument.slice(0, rows),
});
