/** Lines of charts as one frame of the bus. */
import { Frames, layoutOf } from "../../bus/frame.js";
import type { Checksum } from "../../bus/topic_hash.js";
import { drawn } from "../series/wire.js";

const FIRST_ROOM = 256;

export class DrawnFrame {
  private count = 0;
  private series = new Uint32Array(FIRST_ROOM);
  /** x, low and high of each, one after the other. */
  private values = new Float64Array(3 * FIRST_ROOM);

  constructor(private readonly checksum: Checksum) {}

  begin(): void {
    this.count = 0;
  }
  add(series: number, x: number, low: number, high: number): void {
    if (this.count === this.series.length) this.grow();
    const at = 3 * this.count;
    this.series[this.count++] = series;
    this.values[at] = x;
    this.values[at + 1] = low;
    this.values[at + 2] = high;
  }
  private grow(): void {
    const [series, values] = [this.series, this.values];
    this.series = new Uint32Array(2 * series.length);
    this.values = new Float64Array(2 * values.length);
    this.series.set(series);
    this.values.set(values);
  }

  /** `stream`: the view that it is for; `anew`: what the page has of it is to be forgotten; `until`: the newest moment there is, ms UTC. */
  seal(stream: number, sequence: number, anew: boolean, until: number): Uint8Array {
    const rows = this.count;
    const layout = layoutOf(drawn(Math.max(1, rows)));
    const frames = new Frames(layout, new ArrayBuffer(layout.stride), 0, 1);
    const { columns, bytes } = frames.slots[0]!;
    columns.series.set(this.series.subarray(0, rows));
    for (let i = 0; i < rows; i++) {
      columns.x[i] = this.values[3 * i]!;
      columns.low[i] = this.values[3 * i + 1]!;
      columns.high[i] = this.values[3 * i + 2]!;
    }
    frames.seal(0, rows, sequence, 1, 1, BigInt(Math.round(until * 1e6)));
    frames.address(0, stream, anew);
    frames.setCrc(0, this.checksum(bytes));
    return bytes;
  }
}
