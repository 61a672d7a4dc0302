/** Timers by name, in a block of memory: the earliest first, and of one time what was set first. */
import { TickforgeError } from "../../core/contract/errors.js";
import type { States } from "../states.js";

const mostTimers = 64;
const mostBytes = 48;
/** Of each: its turn, 0 where the place is free; whether it was past when it was set; bytes of its name. */
const PER_TIMER = 3;

export class Timers {
  private readonly times: BigInt64Array;
  private readonly numbers: Float64Array;
  private readonly names: Uint8Array;
  /** Timers that were set so far, and places that were ever taken. */
  private readonly set: Float64Array;

  constructor(from: States) {
    this.times = from.times(mostTimers);
    this.numbers = from.numbers(PER_TIMER * mostTimers);
    this.names = from.view(Uint8Array, mostBytes * mostTimers);
    this.set = from.numbers(2);
  }

  /** `due`: its time is there already. One of the same name is taken away. */
  add(name: string, at: bigint, due: boolean): void {
    const bytes = Buffer.from(name);
    if (bytes.length > mostBytes)
      throw new TickforgeError("E_STRATEGY_ORDER", `timer: its name has ${bytes.length} bytes, expected ${mostBytes} or fewer`, {
        ...{ value: name, hint: "a timer that is kept over restarts has a short name" },
      });
    const place = this.placeOf(bytes);
    if (place < 0)
      throw new TickforgeError("E_STRATEGY_ORDER", `timer: ${mostTimers} timers are set already`, {
        ...{ value: name, hint: "set timers anew under names that they had: one of a name is replaced" },
      });
    this.set[1] = Math.max(this.set[1]!, place + 1);
    this.times[place] = at;
    this.numbers.set([++this.set[0]!, due ? 1 : 0, bytes.length], PER_TIMER * place);
    this.names.set(bytes, mostBytes * place);
  }

  /** That of the name, else a free one; -1: none. */
  private placeOf(name: Buffer): number {
    let free = -1;
    for (let i = 0; i < mostTimers; i++) {
      if (this.numbers[PER_TIMER * i] === 0) free = free < 0 ? i : free;
      else if (name.equals(this.bytesOf(i))) return i;
    }
    return free;
  }
  private bytesOf(place: number): Uint8Array {
    return this.names.subarray(mostBytes * place, mostBytes * place + this.numbers[PER_TIMER * place + 2]!);
  }

  /** The place of the first whose turn it is before `time`, or that was past when it was set; -1: none. */
  private firstBefore(time: bigint): number {
    const { times, numbers } = this;
    let first = -1;
    for (let i = 0; i < this.set[1]!; i++) {
      const turn = numbers[PER_TIMER * i]!;
      if (turn === 0 || (times[i]! >= time && numbers[PER_TIMER * i + 1] === 0)) continue;
      const isFirst = first < 0 || times[i]! < times[first]! || (times[i] === times[first] && turn < numbers[PER_TIMER * first]!);
      if (isFirst) first = i;
    }
    return first;
  }

  /** Takes the first whose time is before this one, or was past when it was set. */
  next(time: bigint): { readonly name: string; readonly at: bigint } | undefined {
    const place = this.firstBefore(time);
    if (place < 0) return undefined;
    const name = Buffer.from(this.bytesOf(place)).toString();
    this.numbers[PER_TIMER * place] = 0;
    return { name, at: this.times[place]! };
  }
}
