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
import { labelKinds, type MarketColumns } from "./market_topics.js";
import type { Outlet } from "./outlet.js";
import type { SourceSettings } from "./source.js";

/** Numbers of an instrument in the block, besides the time of its next event and the words of its random numbers. */
const at = {
  ...{ walk: 0, bid: 1, ask: 2, bidSize: 3, askSize: 4, last: 5 },
  /** Of events until the border: rate a ns, share of trades among them, share of buys among those, what each moves the price by. */
  ...{ rate: 6, trade: 7, buy: 8, noise: 17, border: 9 },
  ...{ informed: 10, episodeStart: 11, episodeEnd: 12, activity: 13, activityEnd: 14, phase: 15, phaseEnd: 16 },
} as const;
const stride = 18;
const blockOf = (instruments: number) => ({ words: 16 * instruments, next: 8 * instruments, numbers: 8 * stride * instruments });
export function simulatedBytes(instruments: number): number {
  const { words, next, numbers } = blockOf(instruments);
  return 8 + words + next + numbers;
}

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
  readonly quotes: Outlet<MarketColumns["quotes"]>;
  readonly labels: Outlet<MarketColumns["labels"]>;
  readonly prices: Outlet<MarketColumns["prices"]> | undefined;
}

export class SimulatedMarket {
  private readonly begun: Float64Array;
  /** Ns since the start; whole numbers. */
  private readonly next: Float64Array;
  private readonly numbers: Float64Array;
  private readonly randoms: readonly Random[];
  private readonly traits: readonly Traits[];
  private readonly normal = normalTable();
  /** Instruments as a heap by their next event; those of one time in their order. */
  private readonly heap: Uint32Array;
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
    const { length } = instruments;
    const { words, next } = blockOf(length);
    this.begun = new Float64Array(state, 0, 1);
    this.next = new Float64Array(state, 8 + words, length);
    this.numbers = new Float64Array(state, 8 + words + next, stride * length);
    const wordsOf = (i: number) => new Uint32Array(state, 8 + 16 * i, 4);
    this.startLow = Number(BigInt.asUintN(32, start));
    this.startHigh = Number(start >> 32n);
    this.end = options.seconds === undefined ? Infinity : options.seconds * ns;
    this.changes = options.prices === "changes";
    this.traits = instruments.map((_, i) => this.traitsOf(i));
    const fresh = this.begun[0] === 0;
    this.randoms = instruments.map((_, i) => (fresh ? Random.fromSeed(options.seed, 2 * i, wordsOf(i)) : new Random(wordsOf(i))));
    if (fresh) instruments.forEach((_, i) => void this.begin(i));
    this.begun[0] = 1;
    this.heap = Uint32Array.from(instruments, (_, i) => i).sort((a, b) => (this.before(a, b) ? -1 : 1));
  }

  /** When the next event is, in ns since the start; Infinity behind the end. */
  get position(): number {
    const time = this.next[this.heap[0]!]!;
    return time < this.end ? time : Infinity;
  }

  /** Writes events up to a time, at most so many; false where a topic is full. */
  run(until: number, most: number): boolean {
    const { trades, quotes, prices, labels } = this.to;
    const { heap, next, numbers } = this;
    const last = Math.min(until, this.end - 1);
    for (let done = 0; done < most; done++) {
      const i = heap[0]!;
      const time = next[i]!;
      if (time > last) break;
      if (!trades.ready() || !quotes.ready() || !labels.ready() || (prices !== undefined && !prices.ready())) return false;
      if (time === numbers[stride * i + at.border]!) this.border(i, time);
      else this.event(i, time);
      this.settle();
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
    const of = stride * i;
    numbers[of + at.walk] = Math.log(this.settings.options.price[i]!);
    numbers[of + at.activity] = 1;
    numbers[of + at.activityEnd] = activityStep.ns;
    numbers[of + at.phase] = -1;
    numbers[of + at.phaseEnd] = traits[i]!.crashStart;
    this.placeEpisode(i, 0);
    this.quote(i, 0, 0);
    this.rates(i, 0);
  }

  /** A trade, its price and the quotes after it; or quotes alone. */
  private event(i: number, time: number): void {
    const { numbers, normal } = this;
    const random = this.randoms[i]!;
    const { sizes, impact, ticks } = this.traits[i]!;
    const of = stride * i;
    const bits = random.uint32();
    numbers[of + at.walk]! += numbers[of + at.noise]! * normal[bits & mask]!;
    if ((bits >>> tableBits) * 2 ** (tableBits - 32) < numbers[of + at.trade]!) {
      const drawn = random.uint32();
      const side = (drawn >>> tableBits) * 2 ** (tableBits - 32) < numbers[of + at.buy]! ? 1 : -1;
      this.trade(i, time, side, numbers[of + (side > 0 ? at.ask : at.bid)]! / ticks, sizes[drawn & mask]!);
      numbers[of + at.walk]! += side * impact;
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
    const last = stride * i + at.last;
    if (prices === undefined || (this.changes && this.numbers[last] === price)) return;
    this.numbers[last] = price;
    const into = prices.row++;
    this.stamp(prices.page.words.time, into, time);
    prices.page.columns.price[into] = price;
    prices.page.columns.instrument[into] = i;
  }

  /** Quotes around the price, in ticks; a tick apart in quiet times, now and then two. */
  private quote(i: number, time: number, drawn: number): void {
    const { numbers } = this;
    const { sizes, ticks, lots, fall } = this.traits[i]!;
    const of = stride * i;
    const phase = this.phaseOf(i);
    const price = numbers[of + at.walk]! + (phase === quiet ? 0 : fall * this.level(i, time));
    const apart = Math.round(phase.spread * (drawn >>> 30 === 0 ? 2 : 1));
    const bid = Math.max(1, Math.round(Math.exp(price) * ticks - apart / 2));
    const depth = depthOfSize * phase.depth * lots;
    numbers[of + at.bid] = bid;
    numbers[of + at.ask] = bid + apart;
    numbers[of + at.bidSize] = Math.max(1, Math.round(sizes[drawn & mask]! * depth)) / lots;
    numbers[of + at.askSize] = Math.max(1, Math.round(sizes[(drawn >>> tableBits) & mask]! * depth)) / lots;
  }

  private writeQuote(i: number, time: number): void {
    const { numbers } = this;
    const { quotes } = this.to;
    const { ticks } = this.traits[i]!;
    const { columns, words } = quotes.page;
    const of = stride * i;
    const row = quotes.row++;
    this.stamp(words.time, row, time);
    columns.bid[row] = numbers[of + at.bid]! / ticks;
    columns.ask[row] = numbers[of + at.ask]! / ticks;
    columns.bidSize[row] = numbers[of + at.bidSize]!;
    columns.askSize[row] = numbers[of + at.askSize]!;
    columns.instrument[row] = i;
  }

  private phaseOf(i: number): Phase {
    return phases[this.numbers[stride * i + at.phase]!] ?? quiet;
  }

  private level(i: number, time: number): number {
    const of = stride * i;
    const phase = this.numbers[of + at.phase]!;
    const { seconds } = phases[phase]!;
    return levelIn(phase, seconds - (this.numbers[of + at.phaseEnd]! - time) / ns);
  }

  /** The one thing that changes at this time, the first of them where there are several: the others have the same time again. */
  private border(i: number, time: number): void {
    const { numbers } = this;
    const of = stride * i;
    if (numbers[of + at.phaseEnd]! <= time) this.nextPhase(i, time);
    else if (numbers[of + at.informed] !== 0 && numbers[of + at.episodeEnd]! <= time) {
      this.label(i, time, labelKinds.informed, numbers[of + at.informed]!, 0);
      this.placeEpisode(i, time);
    } else if (numbers[of + at.informed] === 0 && numbers[of + at.episodeStart]! <= time) {
      const side = this.randoms[i]!.uint32() & 1 ? 1 : -1;
      numbers[of + at.informed] = side;
      this.label(i, time, labelKinds.informed, side, 1);
    } else {
      const { stays, spread } = activityStep;
      const step = spread * this.normal[this.randoms[i]!.uint32() & mask]!;
      numbers[of + at.activity] = Math.exp(stays * Math.log(numbers[of + at.activity]!) + step);
      numbers[of + at.activityEnd] = time + activityStep.ns;
    }
    this.rates(i, time);
  }

  private nextPhase(i: number, time: number): void {
    const { numbers } = this;
    const of = stride * i;
    const phase = numbers[of + at.phase]! + 1;
    if (phase === 0) this.label(i, time, labelKinds.crash, -1, 1);
    if (phase < phases.length) {
      numbers[of + at.phase] = phase;
      numbers[of + at.phaseEnd] = time + phases[phase]!.seconds * ns;
      return;
    }
    this.label(i, time, labelKinds.crash, -1, 0);
    numbers[of + at.walk]! += this.traits[i]!.fall * phases.at(-1)!.level;
    numbers[of + at.phase] = phase;
    numbers[of + at.phaseEnd] = Infinity;
  }

  /** The next episode, and its end; one that would meet the crash comes after it. */
  private placeEpisode(i: number, time: number): void {
    const { numbers } = this;
    const { episodesPerHour, episodeSeconds } = this.settings.options;
    const { crashStart } = this.traits[i]!;
    const random = this.randoms[i]!;
    const of = stride * i;
    const wait = episodesPerHour > 0 ? ((0.25 + 1.5 * random.uniform()) * 3600) / episodesPerHour : Infinity;
    const length = Math.round(episodeSeconds * (0.5 + random.uniform()) * ns);
    const start = time + Math.round(wait * ns);
    const crashEnd = crashStart + crashSeconds * ns;
    const meets = start < crashEnd && start + length > crashStart;
    const begins = meets ? crashEnd + Math.round(wait * ns) : start;
    numbers[of + at.informed] = 0;
    numbers[of + at.episodeStart] = begins;
    numbers[of + at.episodeEnd] = begins + length;
  }

  /** Rates until the next border. */
  private rates(i: number, time: number): void {
    const { numbers } = this;
    const { informedRate, quotesPerTrade } = this.settings.options;
    const of = stride * i;
    const side = numbers[of + at.informed]!;
    const phase = this.phaseOf(i);
    const more = side === 0 ? 0 : informedRate;
    const trades = 1 + more;
    numbers[of + at.rate] = this.traits[i]!.rate * numbers[of + at.activity]! * phase.rate * (trades + quotesPerTrade);
    numbers[of + at.trade] = trades / (trades + quotesPerTrade);
    numbers[of + at.buy] = (phase.buy + (side > 0 ? more : 0)) / trades;
    numbers[of + at.noise] = this.traits[i]!.noise * phase.noise;
    const episode = numbers[of + (side === 0 ? at.episodeStart : at.episodeEnd)]!;
    numbers[of + at.border] = Math.max(time, Math.min(numbers[of + at.activityEnd]!, episode, numbers[of + at.phaseEnd]!));
    this.draw(i, time);
  }

  /** Exponential waits forget: at a border the next one is drawn anew, at the rate beyond it. */
  private draw(i: number, time: number): void {
    const of = stride * i;
    const wait = -Math.log((this.randoms[i]!.uint32() + 0.5) / unit) / this.numbers[of + at.rate]!;
    this.next[i] = Math.min(time + Math.ceil(wait), this.numbers[of + at.border]!);
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

  private before(a: number, b: number): boolean {
    const { next } = this;
    return next[a]! < next[b]! || (next[a]! === next[b]! && a < b);
  }

  /** The instrument on top of the heap has moved on: down to its place. */
  private settle(): void {
    const { heap } = this;
    const { length } = heap;
    const moved = heap[0]!;
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= length) break;
      if (child + 1 < length && this.before(heap[child + 1]!, heap[child]!)) child++;
      if (this.before(moved, heap[child]!)) break;
      heap[place] = heap[child]!;
      place = child;
    }
    heap[place] = moved;
  }
}
