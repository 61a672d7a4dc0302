/** The order in which inputs were taken when they were recorded, read entry by entry. */
import type { Batch } from "../../bus/bus.js";
import type { Reader } from "./input_port.js";
import type { Entry } from "./state_file.js";

export class Orders {
  private batch: Batch | undefined;
  private at = 0;
  /** Number of the next entry. */
  private position: number;

  constructor(
    private readonly reader: Reader,
    private readonly numbers: Float64Array,
  ) {
    this.position = numbers[0]!;
  }

  /** Whether an entry lies there. */
  get waits(): boolean {
    return this.batch !== undefined || this.reader.waiting > 0;
  }
  get ended(): boolean {
    return this.batch === undefined && this.reader.ended;
  }

  next(): Entry | undefined {
    if (!this.batch) {
      this.batch = this.reader.read();
      if (!this.batch) return undefined;
      this.at = this.batch.from;
      this.position = this.batch.sequence;
    }
    const { port, upTo } = this.batch.columns as unknown as { port: Uint32Array; upTo: Float64Array };
    const entry = { port: port[this.at]!, upTo: upTo[this.at]! };
    this.position++;
    if (++this.at === this.batch.rows) this.batch = undefined;
    return entry;
  }

  keep(): void {
    this.numbers[0] = this.position;
  }
  acknowledge(): void {
    this.reader.acknowledge(this.position);
  }
  ask(): void {
    this.reader.ask();
  }
  close(): void {
    this.reader.close();
  }
}
