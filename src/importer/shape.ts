/** How the volume of a tape is dealt out: what a bucket's volume and a bar's length are chosen by. */
import type { TradeViews } from "../engines/gather.js";

/** Of one instrument. */
export interface Shape {
  /** Half of the volume was traded in trades of about this size or less. */
  typicalTrade: number;
  /** Likewise of bars of each of `barLengths`. */
  typicalBars: number[];
  /** Dates in UTC with a trade. */
  days: number;
}

/** In seconds, each a multiple of the one before. */
export const barLengths = [1, 5, 15, 60] as const;

const octaves = 256;
const bits = new Float64Array(1);
const words = new Uint32Array(bits.buffer);

/** Volumes by powers of two. */
class Volumes {
  private readonly sums = new Float64Array(octaves);
  private readonly counts = new Float64Array(octaves);

  add(volume: number): void {
    bits[0] = volume;
    const octave = Math.min(octaves - 1, Math.max(0, (words[1]! >>> 20) - 1023 + octaves / 2));
    this.sums[octave]! += volume;
    this.counts[octave]!++;
  }

  /** Mean of the octave in which half of all volume is reached: one giant leaves it alone, where a mean would follow. */
  typical(): number {
    const half = this.sums.reduce((a, b) => a + b, 0) / 2;
    let sum = 0;
    const octave = this.sums.findIndex((volume) => (sum += volume) >= half && volume > 0);
    return octave < 0 ? 0 : this.sums[octave]! / this.counts[octave]!;
  }
}

/** Bars of one length; a full one goes into the next longer. */
interface Ladder {
  seconds: number;
  bar: number;
  volume: number;
  volumes: Volumes;
}

class OneShape {
  private readonly trades = new Volumes();
  private readonly ladder: Ladder[] = barLengths.map((seconds) => ({ seconds, bar: 0, volume: 0, volumes: new Volumes() }));
  private date = -1;
  private days = 0;

  take(second: number, size: number): void {
    if (!(size > 0)) return;
    this.trades.add(size);
    const date = Math.floor(second / 86_400);
    if (date !== this.date) this.days++;
    this.date = date;
    this.pour(0, second, size);
  }

  private pour(step: number, second: number, volume: number): void {
    const of = this.ladder[step];
    if (!of) return;
    const bar = Math.floor(second / of.seconds);
    if (bar !== of.bar) this.close(step);
    of.bar = bar;
    of.volume += volume;
  }

  private close(step: number): void {
    const of = this.ladder[step]!;
    if (of.volume === 0) return;
    of.volumes.add(of.volume);
    this.pour(step + 1, of.bar * of.seconds, of.volume);
    of.volume = 0;
  }

  summary(): Shape {
    this.ladder.forEach((_, step) => void this.close(step));
    return { typicalTrade: this.trades.typical(), typicalBars: this.ladder.map(({ volumes }) => volumes.typical()), days: this.days };
  }
}

/** Of all instruments of a tape. */
export class Shapes {
  private readonly each: OneShape[] = [];

  take({ time, size, instrument }: TradeViews & { instrument: Uint32Array }, rows: number): void {
    const halves = new Int32Array(time.buffer, time.byteOffset, 2 * time.length);
    for (let i = 0; i < rows; i++) {
      // A BigInt for every trade would cost more than the rest.
      const second = Math.floor((halves[2 * i + 1]! * 4_294_967_296 + (halves[2 * i]! >>> 0)) / 1e9);
      (this.each[instrument[i]!] ??= new OneShape()).take(second, size[i]!);
    }
  }

  summary(): Shape[] {
    return Array.from(this.each, (one) => (one ?? new OneShape()).summary());
  }
}
