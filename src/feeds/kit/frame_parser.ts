/** Drives the feed_frames kernel: frames in as they come, rows out in their order. */
import type { Views } from "../../bus/bus.js";
import { type Port, type View, viewOf } from "../../core/contract/contract.js";
import { DataError } from "../../core/contract/errors.js";
import { encodeNames, feedFrames } from "../../files/frames/feed_frames.js";
import { encodeRules, type MessageRule } from "../../files/frames/frame_rules.js";

type FeedRows = Views<(typeof feedFrames.contract)["outputs"]>;

/** Of one run; a longer frame makes room for itself. */
const firstBytes = 1 << 20;
const mostFrames = 4096;
const rowsAtOnce = 4096;
/** No venue's message is near it: a book of Coinbase has some megabytes. */
const longestFrame = 1 << 26;
const { outputs, state } = feedFrames.contract;

export interface ParserOptions {
  /** The venue's `rules` unless it is to read answers of its REST. */
  readonly rules?: readonly MessageRule[];
  readonly backend?: "native" | "reference";
  /** Times of the exchange that are further from that of receipt are not believed. */
  readonly aheadSeconds?: number;
  readonly behindSeconds?: number;
}

export class FrameParser {
  /** Frames that wait for `run`, or were run last. */
  frames = 0;
  private bytes = new Uint8Array(firstBytes);
  private readonly spans = new Uint32Array(2 * mostFrames);
  private readonly received = new BigInt64Array(mostFrames);
  private readonly about = new Int32Array(mostFrames);
  private readonly rules: Uint8Array;
  private readonly names: Uint8Array;
  private readonly state: Readonly<Record<string, View>>;
  private readonly rows: FeedRows;
  private bound: ReturnType<typeof feedFrames.bind>;
  private done = true;
  private readonly params: { symbols: number; aheadSeconds?: number; behindSeconds?: number };

  /** Rows name an instrument by its place in `instruments`, which are spelled as the venue's messages spell them. */
  constructor(
    venue: { readonly rules: readonly MessageRule[]; readonly envelope?: string },
    readonly instruments: readonly string[],
    private readonly options: ParserOptions = {},
  ) {
    this.rules = encodeRules(options.rules ?? venue.rules, venue.envelope);
    this.names = encodeNames(instruments);
    this.params = {
      symbols: Math.max(1, instruments.length),
      ...(options.aheadSeconds !== undefined && { aheadSeconds: options.aheadSeconds }),
      ...(options.behindSeconds !== undefined && { behindSeconds: options.behindSeconds }),
    };
    const size = ({ shape }: Port) =>
      shape.reduce<number>((product, d) => product * (d === "symbols" ? this.params.symbols : (d as number)), 1);
    this.state = Object.fromEntries(
      Object.entries(state!).map(([name, port]) => [name, new (viewOf((port as Port).dtype as "u8"))(size(port as Port))]),
    );
    this.rows = Object.fromEntries(
      Object.entries(outputs).map(([name, { dtype }]) => [name, new (viewOf(dtype))(rowsAtOnce)]),
    ) as unknown as FeedRows;
    this.bound = this.bind();
  }

  /**
   * Takes a copy of a frame, received at so many ns since 1970; `about`: the instrument of an answer that names none. False: there is no
   * room, and the frames that wait are to be run first.
   */
  push(frame: Uint8Array, received: bigint, about = -1): boolean {
    if (this.done) {
      this.frames = 0;
      this.done = false;
    }
    const { frames, spans } = this;
    if (frames === mostFrames) return false;
    const begin = frames === 0 ? 0 : spans[2 * frames - 1]!;
    const length = frame.length > longestFrame ? 0 : frame.length;
    if (begin + length > this.bytes.length) {
      if (frames > 0) return false;
      this.bytes = new Uint8Array(2 ** Math.ceil(Math.log2(length)));
      this.bound = this.bind();
    }
    if (length > 0) this.bytes.set(frame, begin);
    spans[2 * frames] = begin;
    spans[2 * frames + 1] = begin + length;
    this.received[frames] = received;
    this.about[frames] = about;
    this.frames++;
    return true;
  }

  /** Hands over the rows of all frames that wait, in stretches that hold until `take` returns. */
  run(take: (rows: FeedRows, count: number) => void): void {
    if (this.done) return;
    (this.state.frames as BigInt64Array)[0] = 0n;
    for (let from = 0; from < this.frames; ) {
      const { consumed, produced } = this.bound(0, this.frames, from);
      from += consumed;
      if (produced > 0) take(this.rows, produced);
    }
    this.done = true;
  }

  /** Bytes of a frame of the last run, or the one that is going on; they hold until the next `push`. An empty one was too long to be read. */
  frame(number: number): Uint8Array {
    if (number >= this.frames)
      throw new DataError("E_FRAME", `frame ${number} of ${this.frames}`, { value: number, hint: "ask before the next push" });
    return this.bytes.subarray(this.spans[2 * number]!, this.spans[2 * number + 1]!);
  }

  private bind(): ReturnType<typeof feedFrames.bind> {
    const { bytes, spans, received, about, rules, names: instruments, state, rows, options } = this;
    const how = options.backend === undefined ? {} : { backend: options.backend };
    return feedFrames.bind(
      { in: { bytes, spans, received, about, rules, instruments }, out: rows as never, state: state as never },
      this.params,
      how,
    );
  }
}
