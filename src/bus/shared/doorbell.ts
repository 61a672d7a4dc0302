/** Sleeping and waking between processes: threads on a futex, event loops on a FIFO that their loop watches. */
import * as fs from "node:fs";
import { Socket } from "node:net";
import type { MemoryFunctions } from "../../addon/addon.js";
import type { Wake } from "../ring/bell.js";
import type { Peers } from "../ring/peers.js";

/** Bit 0 of a flag stands for threads, each further bit for the event loop with that FIFO. */
const LOOPS = 30;

export class Doorbell implements Wake {
  readonly thread = 1;
  private own: { seat: number; bit: number; socket: Socket } | undefined;
  private full = false;
  private readonly others = new Map<number, number>();
  private readonly waiting = new Set<() => void>();

  constructor(
    private readonly path: string,
    private readonly memory: MemoryFunctions,
    private readonly peers: Peers,
    private readonly firstSeat: number,
  ) {}

  /** 0 where all FIFOs are taken: this loop then looks up with its timer only. */
  get loop(): number {
    if (!this.own && !this.full) this.listen();
    return this.own?.bit ?? 0;
  }

  private listen(): void {
    for (let i = 1; i <= LOOPS; i++) {
      const seat = this.firstSeat + i;
      if (!this.peers.enter(seat)) continue;
      const fifo = `${this.path}.${i}`;
      this.memory.makeFifo(fifo);
      // Open for writing as well, so that it does not end when the others close it.
      const fd = fs.openSync(fifo, fs.constants.O_RDWR | fs.constants.O_NONBLOCK);
      const socket = new Socket({ fd, readable: true, writable: false });
      socket.on("error", () => {});
      socket.on("data", () => this.rung());
      socket.unref();
      this.own = { seat, bit: 1 << i, socket };
      return;
    }
    this.full = true;
  }
  private rung(): void {
    const waiting = [...this.waiting];
    this.waiting.clear();
    for (const resolve of waiting) resolve();
  }

  wait(words: Int32Array, index: number, value: number, timeoutMs: number): void {
    this.memory.wait(words, index, value, timeoutMs);
  }
  arrival(words: Int32Array, index: number, value: number): Promise<unknown> | undefined {
    if (Atomics.load(words, index) !== value) return undefined;
    return new Promise<void>((resolve) => this.waiting.add(resolve));
  }
  notify(words: Int32Array, index: number, asked: number): void {
    if (asked & 1) this.memory.wake(words, index);
    for (let i = 1; i <= LOOPS; i++) if (asked & (1 << i)) this.push(i);
  }

  /** A byte into somebody's FIFO. A full one needs none; one that nobody reads any more is opened anew the next time. */
  private push(i: number): void {
    try {
      let fd = this.others.get(i);
      if (fd === undefined) this.others.set(i, (fd = fs.openSync(`${this.path}.${i}`, fs.constants.O_WRONLY | fs.constants.O_NONBLOCK)));
      fs.writeSync(fd, "1");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EAGAIN") return;
      const fd = this.others.get(i);
      this.others.delete(i);
      if (fd !== undefined) fs.closeSync(fd);
    }
  }

  close(): void {
    for (const fd of this.others.values()) fs.closeSync(fd);
    this.others.clear();
    if (!this.own) return;
    this.own.socket.destroy();
    this.peers.leave(this.own.seat);
    this.own = undefined;
  }
}
