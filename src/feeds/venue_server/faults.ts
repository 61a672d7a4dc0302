/** Which fault comes when: drawn from a seed, so that a failure can be had again. */
import { Random } from "../../market/random.js";

/** Of one message to one client. */
export const messageFaults = ["duplicate", "old", "reorder", "drop", "split", "merge", "lie", "error", "junk", "spoilt", "ping"] as const;
/** Of a whole connection. */
export const connectionFaults = ["cut", "close", "stall", "silence", "half_close"] as const;
/** Of an answer over HTTP: to a request, or to one for a WebSocket. */
export const answerFaults = ["limited", "banned", "failed", "late", "never", "torn", "garbage", "stale"] as const;
export type MessageFault = (typeof messageFaults)[number];
export type ConnectionFault = (typeof connectionFaults)[number];
export type AnswerFault = (typeof answerFaults)[number];
export type Fault = MessageFault | ConnectionFault | AnswerFault | "refused";

export interface ChaosOptions {
  readonly seed: number;
  /** Share of messages with a fault. */
  readonly messages?: number;
  /** Share of messages at which something befalls the connection. */
  readonly connections?: number;
  /** Share of answers over HTTP, and of connections that are asked for. */
  readonly answers?: number;
  /** Of messages these alone. */
  readonly only?: readonly MessageFault[];
  /** Length of a stall, at most. */
  readonly stallMs?: number;
}

export class Faults {
  readonly stallMs: number;
  private readonly kinds: readonly MessageFault[];
  private readonly random: Random;
  private readonly shares: Required<Pick<ChaosOptions, "messages" | "connections" | "answers">>;

  constructor(
    { seed, messages = 0.02, connections = 0.0005, answers = 0.1, stallMs = 2000, only = messageFaults }: ChaosOptions,
    stream: number,
    /** How often each was done, by all. */
    private readonly done: Map<Fault, number>,
  ) {
    this.random = Random.fromSeed(seed, stream);
    this.shares = { messages, connections, answers };
    this.stallMs = stallMs;
    this.kinds = only;
  }

  ofMessage(): MessageFault | ConnectionFault | undefined {
    const { messages, connections } = this.shares;
    const drawn = this.random.uniform();
    if (drawn < connections) return this.count(this.pick(connectionFaults));
    return drawn < connections + messages ? this.count(this.pick(this.kinds)) : undefined;
  }
  ofAnswer(): AnswerFault | undefined {
    return this.random.uniform() < this.shares.answers ? this.count(this.pick(answerFaults)) : undefined;
  }
  refuses(): boolean {
    if (this.random.uniform() >= this.shares.answers) return false;
    this.count("refused");
    return true;
  }
  /** A whole number from 0 below `n`. */
  below(n: number): number {
    return this.random.uint32() % n;
  }
  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)]!;
  }
  private count<F extends Fault>(fault: F): F {
    this.done.set(fault, (this.done.get(fault) ?? 0) + 1);
    return fault;
  }
}
