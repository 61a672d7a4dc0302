/**
 * Trades and quotes of several instruments in order of time, with all that the next event depends on in one block of memory.
 * Uninformed buys and sells are equal Poisson streams, informed traders come in episodes on one side (Easley & O'Hara 1987; Easley,
 * Kiefer, O'Hara & Paperman 1996); each trade moves the price for good (Kyle 1985); noise comes with events, whose rate wanders, so that
 * quiet and busy times alternate (Clark 1973). Instruments have nothing in common but the crash. What it is not: there is no book, and
 * nobody answers to a price.
 */
import { Random } from "../../market/random.js";
import { crashSeconds, levelIn, type Phase, phases, quiet } from "./crash.js";
import { normalTable, sizeTable, tableBits } from "./draws.js";
import { EventHeap } from "./event_heap.js";
import { labelKinds, type MarketColumns } from "./market_topics.js";
import type { Outlet } from "./outlet.js";
import { type Numbers, simulatedState } from "./simulated_state.js";
import type { SourceSettings } from "./source.js";

const ns = 1e9;
const daySeconds = 86_400;
const sizeSpread = 1;
/** Lots at the best price, as a multiple of a trade's. */
const depthOfSize = 8;
/** How the rate of events wanders: a step every 20 s, back to its mean within minutes. */
const activityStep = { ns: 20 * ns, stays: 0.9, spread: 0.2 };
const unit = 2 ** 32;
const mask = 2 ** tableBits - 1;

/** What of an instrument does not change. */
interface Traits {
  readonly sizes: Float64Array;
  readonly ticks: number;
  readonly lots: number;
  /** Uninformed trades a ns. */
  readonly rate: number;
  readonly noise: number;
  readonly impact: number;
  readonly crashStart: number;
  /** Fall to the bottom, of the logarithm. */
  readonly fall: number;
}

export interface MarketOutlets {
  readonly trades: Outlet<MarketColumns["trades"]>;
  readonly quotes: Outlet<MarketColumns["quotes"]> | undefined;
  readonly labels: Outlet<MarketColumns["labels"]>;
  readonly prices: Outlet<MarketColumns["prices"]> | undefined;
}

export class SimulatedMarket {
  private readonly numbers: Numbers;
  private readonly randoms: readonly Random[];
  private readonly traits: readonly Traits[];
  private readonly normal = normalTable();
  private readonly heap: EventHeap;
  private readonly startLow: number;
  private readonly startHigh: number;
  private readonly end: number;
  private readonly changes: boolean;

  constructor(
    private readonly settings: SourceSettings,
    state: ArrayBuffer,
    start: bigint,
    private readonly to: MarketOutlets,
  ) {
    const { instruments, options } = settings;
    const { begun, words, numbers } = simulatedState(state, instruments.length);
    this.numbers = numbers;
    this.startLow = Number(BigInt.asUintN(32, start));
    this.startHigh = Number(start >> 32n);
    this.end = options.seconds === undefined ? Infinity : options.seconds * ns;
    this.changes = options.prices === "changes";
    this.traits = instruments.map((_, i) => this.traitsOf(i));
    const fresh = begun[0] === 0;
    this.randoms = instruments.map((_, i) => (fresh ? Random.fromSeed(options.seed, 2 * i, words[i]) : new Random(words[i]!)));
    if (fresh) instruments.forEach((_, i) => void this.begin(i));
    begun[0] = 1;
    this.heap = new EventHeap(numbers.next);
  }

  /** When the next event is, in ns since the start; Infinity behind the end. */
  get position(): number {
    const time = this.numbers.next[this.heap.first]!;
    return time < this.end ? time : Infinity;
  }

  /** Writes events up to a time, at most so many; false where a topic is full. */
  run(until: number, most: number): boolean {
    const { trades, quotes, prices, labels } = this.to;
    const { heap } = this;
    const { next, border } = this.numbers;
    const last = Math.min(until, this.end - 1);
    for (let done = 0; done < most; done++) {
      const i = heap.first;
      const time = next[i]!;
      if (time > last) break;
      if (!trades.ready() || !labels.ready() || quotes?.ready() === false || prices?.ready() === false) return false;
      if (time === border[i]!) this.border(i, time);
      else this.event(i, time);
      heap.settle();
    }
    return true;
  }

  private traitsOf(i: number): Traits {
    const { instruments, options } = this.settings;
    const { seed, volatility, quotesPerTrade, episodeMove, episodeSeconds, informedRate, crashAfter, crashMove } = options;
    const [rate, ticks, lots] = [options.tradesPerSecond[i]!, options.ticksPerUnit[i]!, options.lotsPerUnit[i]!];
    const [same, random] = [i === 0, Random.fromSeed(seed, 2 * instruments.length + 1 + i)];
    // The others follow the first one, each after a while of its own and less far.
    const [delay, share] = [same ? 0 : 1 + 5 * random.uniform(), same ? 1 : 0.6 + 0.35 * random.uniform()];
    return {
      sizes: sizeTable(this.normal, options.medianSize[i]!, sizeSpread, lots),
      ...{ ticks, lots },
      rate: rate / ns,
      noise: volatility[i]! / Math.sqrt(daySeconds * rate * (1 + quotesPerTrade)),
      impact: informedRate > 0 ? episodeMove / (episodeSeconds * informedRate * rate) : 0,
      crashStart: crashMove > 0 ? Math.round((crashAfter + delay) * ns) : Infinity,
      fall: -Math.log(1 - crashMove * share),
    };
  }

  private begin(i: number): void {
    const { numbers, traits } = this;
    numbers.price[i] = this.settings.options.price[i]! * traits[i]!.ticks;
    numbers.activity[i] = 1;
    numbers.activityEnd[i] = activityStep.ns;
    numbers.phase[i] = -1;
    numbers.phaseEnd[i] = traits[i]!.crashStart;
    this.placeEpisode(i, 0);
    this.quote(i, 0, 0);
    this.rates(i, 0);
  }

  /** A trade, its price and the quotes after it; or quotes alone. */
  private event(i: number, time: number): void {
    const { numbers, normal } = this;
    const random = this.randoms[i]!;
    const { sizes, impact, ticks } = this.traits[i]!;
    const bits = random.uint32();
    numbers.price[i]! *= 1 + numbers.noise[i]! * normal[bits & mask]!;
    if ((bits >>> tableBits) * 2 ** (tableBits - 32) < numbers.trade[i]!) {
      const drawn = random.uint32();
      const side = (drawn >>> tableBits) * 2 ** (tableBits - 32) < numbers.buy[i]! ? 1 : -1;
      this.trade(i, time, side, (side > 0 ? numbers.ask : numbers.bid)[i]! / ticks, sizes[drawn & mask]!);
      numbers.price[i]! *= 1 + side * impact;
    }
    this.quote(i, time, random.uint32());
    this.writeQuote(i, time);
    this.draw(i, time);
  }

  private trade(i: number, time: number, side: 1 | -1, price: number, size: number): void {
    const { trades, prices } = this.to;
    const { columns, words } = trades.page;
    const row = trades.row++;
    this.stamp(words.time, row, time);
    columns.price[row] = price;
    columns.size[row] = size;
    columns.side[row] = side;
    columns.instrument[row] = i;
    const { last } = this.numbers;
    if (prices === undefined || (this.changes && last[i] === price)) return;
    last[i] = price;
    const into = prices.row++;
    this.stamp(prices.page.words.time, into, time);
    prices.page.columns.price[into] = price;
    prices.page.columns.instrument[into] = i;
  }

  /** Quotes around the price, in ticks; a tick apart in quiet times, now and then two. */
  private quote(i: number, time: number, drawn: number): void {
    const { numbers } = this;
    const { sizes, lots, fall } = this.traits[i]!;
    const phase = this.phaseOf(i);
    const price = numbers.price[i]! * (phase === quiet ? 1 : Math.exp(fall * this.level(i, time)));
    const apart = Math.round(phase.spread * (drawn >>> 30 === 0 ? 2 : 1));
    const bid = Math.max(1, Math.round(price - apart / 2));
    const depth = depthOfSize * phase.depth * lots;
    numbers.bid[i] = bid;
    numbers.ask[i] = bid + apart;
    numbers.bidSize[i] = Math.max(1, Math.round(sizes[drawn & mask]! * depth)) / lots;
    numbers.askSize[i] = Math.max(1, Math.round(sizes[(drawn >>> tableBits) & mask]! * depth)) / lots;
  }

  private writeQuote(i: number, time: number): void {
    const { numbers } = this;
    const { quotes } = this.to;
    if (quotes === undefined) return;
    const { ticks } = this.traits[i]!;
    const { columns, words } = quotes.page;
    const row = quotes.row++;
    this.stamp(words.time, row, time);
    columns.bid[row] = numbers.bid[i]! / ticks;
    columns.ask[row] = numbers.ask[i]! / ticks;
    columns.bidSize[row] = numbers.bidSize[i]!;
    columns.askSize[row] = numbers.askSize[i]!;
    columns.instrument[row] = i;
  }

  private phaseOf(i: number): Phase {
    const phase = this.numbers.phase[i]!;
    return phase >= 0 && phase < phases.length ? phases[phase]! : quiet;
  }

  private level(i: number, time: number): number {
    const phase = this.numbers.phase[i]!;
    const { seconds } = phases[phase]!;
    return levelIn(phase, seconds - (this.numbers.phaseEnd[i]! - time) / ns);
  }

  /** The one thing that changes at this time, the first of them where there are several: the others have the same time again. */
  private border(i: number, time: number): void {
    const { numbers } = this;
    if (numbers.phaseEnd[i]! <= time) this.nextPhase(i, time);
    else if (numbers.informed[i] !== 0 && numbers.episodeEnd[i]! <= time) {
      this.label(i, time, labelKinds.informed, numbers.informed[i]!, 0);
      this.placeEpisode(i, time);
    } else if (numbers.informed[i] === 0 && numbers.episodeStart[i]! <= time) {
      const side = this.randoms[i]!.uint32() & 1 ? 1 : -1;
      numbers.informed[i] = side;
      this.label(i, time, labelKinds.informed, side, 1);
    } else {
      const { stays, spread } = activityStep;
      const step = spread * this.normal[this.randoms[i]!.uint32() & mask]!;
      numbers.activity[i] = Math.exp(stays * Math.log(numbers.activity[i]!) + step);
      numbers.activityEnd[i] = time + activityStep.ns;
    }
    this.rates(i, time);
  }

  private nextPhase(i: number, time: number): void {
    const { numbers } = this;
    const phase = numbers.phase[i]! + 1;
    if (phase === 0) this.label(i, time, labelKinds.crash, -1, 1);
    if (phase < phases.length) {
      numbers.phase[i] = phase;
      numbers.phaseEnd[i] = time + phases[phase]!.seconds * ns;
      return;
    }
    this.label(i, time, labelKinds.crash, -1, 0);
    numbers.price[i]! *= Math.exp(this.traits[i]!.fall * phases.at(-1)!.level);
    numbers.phase[i] = phase;
    numbers.phaseEnd[i] = Infinity;
  }

  /** The next episode, and its end; one that would meet the crash comes after it. */
  private placeEpisode(i: number, time: number): void {
    const { numbers } = this;
    const { episodesPerHour, episodeSeconds } = this.settings.options;
    const { crashStart } = this.traits[i]!;
    const random = this.randoms[i]!;
    const wait = episodesPerHour > 0 ? ((0.25 + 1.5 * random.uniform()) * 3600) / episodesPerHour : Infinity;
    const length = Math.round(episodeSeconds * (0.5 + random.uniform()) * ns);
    const start = time + Math.round(wait * ns);
    const crashEnd = crashStart + crashSeconds * ns;
    const meets = start < crashEnd && start + length > crashStart;
    const begins = meets ? crashEnd + Math.round(wait * ns) : start;
    numbers.informed[i] = 0;
    numbers.episodeStart[i] = begins;
    numbers.episodeEnd[i] = begins + length;
  }

  /** Rates until the next border. */
  private rates(i: number, time: number): void {
    const { numbers } = this;
    const { informedRate, quotesPerTrade } = this.settings.options;
    const side = numbers.informed[i]!;
    const phase = this.phaseOf(i);
    const more = side === 0 ? 0 : informedRate;
    const trades = 1 + more;
    numbers.rate[i] = this.traits[i]!.rate * numbers.activity[i]! * phase.rate * (trades + quotesPerTrade);
    numbers.trade[i] = trades / (trades + quotesPerTrade);
    numbers.buy[i] = (phase.buy + (side > 0 ? more : 0)) / trades;
    numbers.noise[i] = this.traits[i]!.noise * phase.noise;
    const episode = (side === 0 ? numbers.episodeStart : numbers.episodeEnd)[i]!;
    numbers.border[i] = Math.max(time, Math.min(numbers.activityEnd[i]!, episode, numbers.phaseEnd[i]!));
    this.draw(i, time);
  }

  /** Exponential waits forget: at a border the next one is drawn anew, at the rate beyond it. */
  private draw(i: number, time: number): void {
    const wait = -Math.log((this.randoms[i]!.uint32() + 0.5) / unit) / this.numbers.rate[i]!;
    this.numbers.next[i] = Math.min(time + Math.ceil(wait), this.numbers.border[i]!);
  }

  private label(i: number, time: number, kind: number, side: number, state: 0 | 1): void {
    const { labels } = this.to;
    const { columns, words } = labels.page;
    const row = labels.row++;
    this.stamp(words.time, row, time);
    columns.instrument[row] = i;
    columns.kind[row] = kind;
    columns.side[row] = side;
    columns.state[row] = state;
  }

  /** A BigInt for every row would cost more than its draws. */
  private stamp(words: Uint32Array, row: number, time: number): void {
    const high = Math.floor(time / unit);
    const low = time - high * unit + this.startLow;
    words[2 * row] = low;
    words[2 * row + 1] = high + this.startHigh + (low >= unit ? 1 : 0);
  }
}
