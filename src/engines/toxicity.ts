/** Topic of trades -> vpin on the ring's own slots -> finished buckets. */
import { addressOf } from "../addon.js";
import type { Batch, Subscription } from "../bus/bus.js";
import { TickforgeError } from "../errors.js";
import { vpin } from "../kernels/flow/vpin.js";
import { BucketColumns, emptyBlock } from "./buckets.js";
import type { TradeBatch, TradeColumns } from "./trades.js";

export interface ToxicityOptions {
  /** Volume of a bucket of each instrument; their number is the number of instruments. */
  bucketVolumes: Float64Array;
  window: number;
  history: number;
  classify: "given" | "tick_rule";
  backend?: string | undefined;
}

type Run = ReturnType<typeof vpin.bind>;

/** Buckets that one run of the kernel may write before they are taken over. */
const blockRows = 4096;

/** One stream of buckets from batches that lie in a ring: the kernel is bound once to each slot's columns, and reads them where they are. */
export class Toxicity {
  readonly buckets = new BucketColumns();
  /** Where the kernel reads the first slot; where the add-on is loaded. */
  readonly addresses: Record<string, bigint> = {};
  private readonly block = emptyBlock(blockRows);
  private readonly state: ArrayBuffer;
  /** By slot. */
  private readonly runs: Run[] = [];
  private readonly params;

  constructor(private readonly options: ToxicityOptions) {
    const { bucketVolumes, window, history, classify } = options;
    const several = bucketVolumes.length > 1;
    this.params = { bucketVolume: several ? 0 : bucketVolumes[0]!, window, history, classify, instruments: bucketVolumes.length };
    this.state = new ArrayBuffer(vpin.stateBytes(this.params));
  }

  /** The buckets that this batch closed. */
  take(batch: Batch<TradeColumns>): number {
    const before = this.buckets.rows;
    const run = (this.runs[batch.slot] ??= this.bind(batch.columns, batch.slot));
    for (let from = 0; from < batch.rows; ) {
      const { consumed, produced } = this.execute(run, batch, from);
      this.buckets.append(this.block, produced);
      from += consumed;
    }
    return this.buckets.rows - before;
  }

  private bind({ time, price, size, side, instrument }: TradeBatch["columns"], slot: number): Run {
    const { classify, bucketVolumes, backend } = this.options;
    const several = bucketVolumes.length > 1 ? { instrument, bucketVolumes } : {};
    const columns = { time, price, size, ...(classify === "given" && { side }) };
    if (slot === 0) for (const [name, view] of Object.entries(columns)) this.note(name, addressOf(view));
    const inputs = { ...columns, ...several };
    return vpin.bind({ in: inputs, out: this.block, state: this.state }, this.params, backend === undefined ? {} : { backend });
  }

  private note(name: string, address: bigint | undefined): void {
    if (address !== undefined) this.addresses[name] = address;
  }

  private execute(run: Run, batch: TradeBatch, from: number) {
    try {
      return run(0, batch.rows, from, 0);
    } catch (cause) {
      if (!(cause instanceof TickforgeError) || cause.row === undefined) throw cause;
      throw atTrade(cause, batch.sequence + cause.row);
    }
  }
}

/** Rows of a slot say nothing to a reader: trades are counted from the first of the tape. */
function atTrade(cause: TickforgeError, row: number): TickforgeError {
  const { code, hint, kernel, port, value } = cause;
  const what = cause.message.replace(/row \d+/, `of trade ${(row + 1).toLocaleString("en-US")}`);
  return new TickforgeError(code, what, { row, value, cause, ...(hint && { hint }), ...(kernel && { kernel }), ...(port && { port }) });
}

/** Batches handled before other events get their turn: about two milliseconds. */
const batchesPerTurn = 16;
/** Pauses where nothing is there: short while a file is read, longer where a pipe is silent. */
const shortPauseMs = 1;
const longPauseMs = 20;
const shortPauses = 100;

/**
 * Hands every batch to `take` until the topic ends or `stopped`; timers and signals are served in between. It looks
 * again after a pause instead of being woken: a wake for every batch costs the importer more than reading it.
 */
export async function follow(
  subscription: Subscription<TradeColumns>,
  take: (batch: TradeBatch) => void,
  stopped: () => boolean,
): Promise<void> {
  for (let pauses = 0; !stopped(); ) {
    const handled = subscription.poll(take, batchesPerTurn);
    if (handled > 0) pauses = 0;
    else if (subscription.ended) return;
    if (handled > 0) await new Promise((resolve) => setImmediate(resolve));
    else await new Promise((resolve) => setTimeout(resolve, pauses++ < shortPauses ? shortPauseMs : longPauseMs));
  }
}
