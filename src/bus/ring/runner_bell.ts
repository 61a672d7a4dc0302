import { needMethods } from "../../core/contract/arguments.js";
import { BusError } from "../../core/contract/errors.js";
import { said } from "../../core/contract/given.js";
import { LOOKS, Patience, TURN_MS, type Wake } from "./bell.js";

/** How a thread sleeps on a word: Atomics on a SharedArrayBuffer, the add-on's functions on memory that processes map. */
export interface Sleep {
  wait(words: Int32Array, index: number, value: number, timeoutMs: number): unknown;
  wake(words: Int32Array, index: number): unknown;
}
const atomics: Sleep = {
  wait: (words, index, value, timeoutMs) => Atomics.wait(words, index, value, timeoutMs),
  wake: (words, index) => Atomics.notify(words, index),
};

/** Bits of a flag, less the first, which is that of threads that sleep on one ring, and the sign. */
const RUNNERS = 30;
/**
 * Waking for threads that each wait for several rings at once, in one sleep: every runner has a number, a bit of the flags and
 * a word that it sleeps on. All who publish to these rings, or read them, must ring with one of these. A thread that sleeps on
 * one ring with `atomicsWake` is woken too; event loops must look by a timer, which `arrival` leaves them to.
 */
export class RunnerBell implements Wake {
  readonly thread: number;
  /** No bit: an event loop looks when its timer says so. */
  readonly loop = 0;
  private readonly patience = new Patience();

  /** `words`: shared by all runners, one for each; `number`: from 1 to 30, the word of this runner and its bit. */
  constructor(
    private readonly words: Int32Array,
    private readonly number: number,
    private readonly primitives: Sleep = atomics,
  ) {
    if (!(words instanceof Int32Array)) throw wrong("words", words, "an Int32Array", "It lies in memory that all runners share.");
    needMethods("RunnerBell: primitives", primitives, "an object with wait and wake", "wait", "wake");
    const most = Math.min(RUNNERS, words.length - 1);
    if (!(Number.isInteger(number) && number >= 1 && number <= most)) {
      const hint = "Each runner has a number and, at that place, a word; word 0 is nobody's.";
      throw wrong("number", number, `a whole one from 1 to ${most}`, hint);
    }
    this.thread = 1 << number;
  }

  /**
   * Blocks until `ready`; false after `timeoutMs`. `ask` raises the flags of all that is waited for: `ask()` of subscriptions,
   * `askRoom()` of publishers. Looks for as long as waits have lately taken, or for `spinMicroseconds`, before it sleeps.
   */
  sleep(ready: () => boolean, ask: () => void, timeoutMs = Number.POSITIVE_INFINITY, spinMicroseconds?: number): boolean {
    if (spinMicroseconds === undefined ? this.patience.look(ready) : spin(ready, Math.min(spinMicroseconds, timeoutMs * 1000))) return true;
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const seen = Atomics.load(this.words, this.number);
      ask();
      for (let i = 0; i < LOOKS; i++) if (ready()) return true;
      const left = deadline - performance.now();
      if (left <= 0) return false;
      this.primitives.wait(this.words, this.number, seen, Math.min(left, TURN_MS));
      if (ready()) return true;
    }
  }
  /** For one ring, as its own `wait` does. */
  wait(words: Int32Array, index: number, value: number, timeoutMs: number): void {
    const seen = Atomics.load(this.words, this.number);
    // A wake changes the ring's word first, so one that came since shows in either.
    if (Atomics.load(words, index) === value) this.primitives.wait(this.words, this.number, seen, timeoutMs);
  }
  notify(words: Int32Array, index: number, asked: number): void {
    if (asked & 1) this.primitives.wake(words, index);
    for (let rest = asked & ~1 & 0x7fff_ffff; rest !== 0; rest &= rest - 1) {
      const runner = 31 - Math.clz32(rest & -rest);
      if (runner >= this.words.length) continue;
      Atomics.add(this.words, runner, 1);
      this.primitives.wake(this.words, runner);
    }
  }
  arrival(words: Int32Array, index: number, value: number): Promise<unknown> | undefined {
    return Atomics.load(words, index) === value ? new Promise(() => {}) : undefined;
  }
}

function wrong(option: string, value: unknown, expected: string, hint: string): BusError {
  return new BusError("E_BUS_OPTION", `RunnerBell: ${option} is ${said(value)}, expected ${expected}`, { option, value, hint });
}

function spin(ready: () => boolean, microseconds: number): boolean {
  const until = performance.now() + microseconds / 1000;
  for (;;) {
    // The clock costs more than most looks.
    for (let i = 0; i < 20; i++) if (ready()) return true;
    if (performance.now() >= until) return false;
  }
}
