/** How a thread sleeps on a word of shared memory; memory that several processes map brings its own. */
export interface Wake {
  /** What a sleeping thread, and an event loop, add to the flag that asks for a wake: one bit, the same unless `notify` must tell them apart. */
  readonly thread?: number;
  readonly loop?: number;
  wait(words: Int32Array, index: number, value: number, timeoutMs: number): void;
  /** Wakes whoever raised the flag to `asked`. */
  notify(words: Int32Array, index: number, asked: number): void;
  /** Settles when the word was notified; undefined when it differs from `value` already. */
  arrival(words: Int32Array, index: number, value: number): Promise<unknown> | undefined;
}

type WaitAsync = (words: Int32Array, index: number, value: number) => { async: boolean; value: unknown };

/** Threads of one process over a SharedArrayBuffer. */
export const atomicsWake: Wake = {
  wait: (words, index, value, timeoutMs) => void Atomics.wait(words, index, value, timeoutMs),
  notify: (words, index) => void Atomics.notify(words, index),
  arrival(words, index, value) {
    const result = (Atomics as unknown as { waitAsync: WaitAsync }).waitAsync(words, index, value);
    return result.async ? (result.value as Promise<unknown>) : undefined;
  },
};

/** Milliseconds that threads and processes of a machine agree on, as a wrapping 32-bit count. */
export const milliseconds = (): number => (origin + performance.now()) | 0;
const origin = performance.timeOrigin;
/** How long ago a moment of that count was. */
export const millisecondsSince = (moment: number): number => (milliseconds() - moment) | 0;

/** A sleeper looks up this often, to show that it lives and to outlast a wake that never came. */
export const TURN_MS = 50;
/**
 * Looks before a thread sleeps. To sleep and be woken takes 10 us, on a virtual machine 100, and slows the other side, so it
 * pays to look for as long where most waits are shorter, and hardly at all where they are not. One wait in 16 looks for
 * long whatever was learnt, for only looking tells how long a wait would have been.
 */
const FEWEST_LOOKS = 50;
const MOST_LOOKS = 2500;
const TRIAL = 16;
/** How long a thread looks before it sleeps, learnt from how long it had to. */
export class Patience {
  private patience = 200;
  private waits = 0;

  /** Whether it became ready meanwhile. */
  look(ready: () => boolean): boolean {
    const looks = ++this.waits % TRIAL === 0 ? MOST_LOOKS : this.patience;
    for (let i = 0; i < looks; i++) {
      if (!ready()) continue;
      const slowly = this.patience - (this.patience >> 4);
      this.patience = Math.min(MOST_LOOKS, Math.max(FEWEST_LOOKS, 4 * i, slowly));
      return true;
    }
    this.patience = Math.max(FEWEST_LOOKS, this.patience >> 1);
    return false;
  }
}

/** Turns of looking again with the flag up: longer than a store of the other side can stay unseen while it reads the flag. */
export const LOOKS = 40;

/**
 * One direction of waking. A sleeper raises the flag, looks again, then sleeps on the signal; the other side changes the
 * signal only when it finds the flag raised, so a wake that nobody waits for costs one load.
 */
export class Bell {
  private pending = false;
  private readonly patience = new Patience();
  private turn: (() => void) | undefined;

  constructor(
    private readonly words: Int32Array,
    private readonly flag: number,
    private readonly signal: number,
    private readonly wake: Wake,
    private readonly turnMs = TURN_MS,
  ) {}

  /** What was asked for, as bits; 0 where nobody asked. */
  ring(): number {
    return Atomics.load(this.words, this.flag) === 0 ? 0 : this.call();
  }
  /** The same without ordering the look at the flag after what was stored before; sleepers look again for that long. */
  ringLightly(): number {
    return this.words[this.flag] === 0 ? 0 : this.call();
  }
  private call(): number {
    const asked = Atomics.exchange(this.words, this.flag, 0);
    Atomics.add(this.words, this.signal, 1);
    this.wake.notify(this.words, this.signal, asked);
    return asked;
  }
  /** Raises the flag for this thread, which must look again before it sleeps. */
  ask(): void {
    Atomics.or(this.words, this.flag, this.wake.thread ?? 1);
  }

  /** Blocks until `ready`; false after `timeoutMs`. */
  sleep(ready: () => boolean, timeoutMs: number, beat: () => void): boolean {
    if (this.patience.look(ready)) return true;
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const seen = Atomics.load(this.words, this.signal);
      this.ask();
      for (let i = 0; i < LOOKS; i++) if (ready()) return true;
      const left = deadline - performance.now();
      if (left <= 0) return false;
      this.wake.wait(this.words, this.signal, seen, Math.min(left, this.turnMs));
      beat();
      if (ready()) return true;
    }
  }
  /**
   * The same for an event loop. Atomics.waitAsync alone does not keep Node alive, so each turn also holds a timer, which
   * is a referenced handle; the promise of waitAsync is made once and outlives turns, for each one costs until it settles.
   */
  async listen(ready: () => boolean, beat: () => void): Promise<void> {
    while (!ready()) {
      const seen = Atomics.load(this.words, this.signal);
      Atomics.or(this.words, this.flag, this.wake.loop ?? 1);
      for (let i = 0; i < LOOKS; i++) if (ready()) return;
      await this.nextTurn(seen);
      beat();
    }
  }

  private nextTurn(seen: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.turn?.(), this.turnMs);
      this.turn = () => {
        clearTimeout(timer);
        resolve();
      };
      if (this.pending) return;
      const arrival = this.wake.arrival(this.words, this.signal, seen);
      if (!arrival) return this.turn();
      this.pending = true;
      arrival.then(() => {
        this.pending = false;
        this.turn?.();
      });
    });
  }

  /** Ends a `listen` in this thread at once; its `ready` must have become true. */
  stir(): void {
    this.turn?.();
  }
}
