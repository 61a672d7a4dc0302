/** What the engines of a system say of themselves, in memory that all its threads and processes see: written by the one that runs them, read by the supervisor. */

/** Numbers of each engine; the supervisor writes `command` and `draining`, and `state` of one whose runner is gone or that it holds. */
export const fact = {
  command: 0,
  state: 1,
  /** Milliseconds of the system's clock when its runner last came by, and since when it has been in one call; 0 outside. */
  beat: 2,
  busySince: 3,
  /** When it last took or gave anything. */
  moved: 4,
  /** Rows taken, given, refused as bad, and lost before they came. */
  taken: 5,
  given: 6,
  refused: 7,
  lost: 8,
  batches: 9,
  snapshots: 10,
  /** Where it stands still: 1 its results are full, 0 it has no rows. */
  blocked: 11,
  /** Bytes of heap and buffers of its thread; mapped rings are none of it. */
  memory: 12,
  /** Times it was begun. */
  begun: 13,
  /** Milliseconds from the begin of the last resume to its first step. */
  resumed: 14,
  /** 1: the system goes down, sources stop. */
  draining: 15,
  /** Bytes by which the memory of its thread has grown in its turns, of those that were measured; where it shares the thread. */
  grown: 16,
  /** Seconds of its market by which a source is behind. */
  behind: 17,
  /** Calls of the engine, and of them those that were timed: how many, and their milliseconds. */
  calls: 18,
  timed: 19,
  timedMs: 20,
} as const;
export type Fact = keyof typeof fact;

/** `wait`: it failed, and begins again when it is told to. */
export const command = { run: 0, restart: 1, hold: 2, wait: 3 } as const;
/** What an engine is doing, by its number on the board. */
export const states = ["absent", "starting", "running", "failed", "held", "ended"] as const;
export type EngineState = (typeof states)[number];

/** Latencies by powers of two of a microsecond, from the commit of a batch to its end in the engine. */
export const latencyClasses = 24;
const latencyAt = 24;
/** Digests of the topics that it gives, as two numbers each: rows, and the CRC of the columns. */
const digestAt = latencyAt + latencyClasses;
/** More of them are not told one by one: a gateway takes all topics that there are. */
const mostTopics = 64;
/** How far each input is: number of the row that is taken next. */
const positionAt = digestAt + 2 * mostTopics;
/** Of each input: rows taken, refused and lost, and gaps. */
const inputAt = positionAt + mostTopics;
const perInput = 4;
/** Latencies of each input, as those of the engine. */
const inputLatencyAt = inputAt + perInput * mostTopics;
const perEngine = inputLatencyAt + latencyClasses * mostTopics;

export interface InputCount {
  readonly rows: number;
  readonly refused: number;
  readonly lost: number;
  readonly gaps: number;
}

/** Words to sleep on: one a runner from 1 on. */
const bells = 32;
const bellBytes = bells * 4;

export const boardBytes = (engines: number): number => bellBytes + engines * perEngine * 8;

export class Board {
  readonly bells: Int32Array;
  private readonly numbers: Float64Array;

  constructor(memory: ArrayBufferLike, engines: number) {
    this.bells = new Int32Array(memory, 0, bells);
    this.numbers = new Float64Array(memory, bellBytes, engines * perEngine);
  }
  of(engine: number): EngineBoard {
    return new EngineBoard(this.numbers.subarray(engine * perEngine, (engine + 1) * perEngine));
  }
}

export class EngineBoard {
  constructor(private readonly numbers: Float64Array) {}

  get(of: Fact): number {
    return this.numbers[fact[of]]!;
  }
  set(of: Fact, value: number): void {
    this.numbers[fact[of]] = value;
  }
  add(of: Fact, value: number): void {
    this.numbers[fact[of]]! += value;
  }
  get state(): EngineState {
    return states[this.get("state")] ?? "absent";
  }
  set state(state: EngineState) {
    this.set("state", states.indexOf(state));
  }
  /** Of a batch of this input. */
  latency(microseconds: number, input: number): void {
    const at = microseconds < 1 ? 0 : Math.min(latencyClasses - 1, 32 - Math.clz32(Math.min(microseconds, 2 ** 31)));
    this.numbers[latencyAt + at]!++;
    if (input < mostTopics) this.numbers[inputLatencyAt + latencyClasses * input + at]!++;
  }
  latencies(): Float64Array {
    return this.numbers.slice(latencyAt, digestAt);
  }
  /** Undefined of inputs that are not told one by one. */
  latenciesOf(input: number): Float64Array | undefined {
    const from = inputLatencyAt + latencyClasses * input;
    return input < mostTopics ? this.numbers.subarray(from, from + latencyClasses) : undefined;
  }
  work(milliseconds: number): void {
    this.add("timed", 1);
    this.add("timedMs", milliseconds);
  }
  position(input: number, row: number): void {
    if (input < mostTopics) this.numbers[positionAt + input] = row;
  }
  /** Undefined of inputs that are not told one by one. */
  positionOf(input: number): number | undefined {
    return input < mostTopics ? this.numbers[positionAt + input] : undefined;
  }
  input(input: number, { rows, refused, lost, gaps }: InputCount): void {
    if (input < mostTopics) this.numbers.set([rows, refused, lost, gaps], inputAt + perInput * input);
  }
  /** As of the last snapshot; undefined of inputs that are not told one by one. */
  inputOf(input: number): InputCount | undefined {
    if (input >= mostTopics) return undefined;
    const [rows, refused, lost, gaps] = this.numbers.subarray(inputAt + perInput * input) as unknown as [number, number, number, number];
    return { rows, refused, lost, gaps };
  }
  digest(topic: number, rows: number, crc: number): void {
    if (topic >= mostTopics) return;
    this.numbers[digestAt + 2 * topic] = rows;
    this.numbers[digestAt + 2 * topic + 1] = crc;
  }
  digestOf(topic: number): { rows: number; crc: number } {
    return { rows: this.numbers[digestAt + 2 * topic]!, crc: this.numbers[digestAt + 2 * topic + 1]! };
  }
}

/** Upper bound of the class in which the share lies. */
export function quantileUs(classes: Float64Array, share: number): number {
  const all = classes.reduce((sum, count) => sum + count, 0);
  if (all === 0) return Number.NaN;
  let below = 0;
  for (let i = 0; i < classes.length; i++) {
    below += classes[i]!;
    if (below >= share * all) return 2 ** i;
  }
  return Number.NaN;
}
