/** All that an engine goes on from: how far its topics are, what its host must remember, and its own block. */
import type { Topic } from "../../bus/bus.js";
import { TopicHash } from "../../bus/topic_hash.js";
import { checksum } from "../../engines/checksum.js";
import type { TakenTopic } from "../kit/engine.js";
import { RowCheck } from "./row_check.js";

const PER_INPUT = 5;

export interface Kept {
  readonly takes: readonly TakenTopic[];
  /** The journal, where there is one, stands last. */
  readonly gives: readonly Topic[];
  readonly hashed: boolean;
  readonly instruments: number;
  readonly stateBytes: number;
}

export class HostState {
  /** Of each input: position, rows refused, rows lost, rows taken, gaps. */
  readonly inputs: readonly Float64Array[];
  /** Of each input, as RowCheck keeps it. */
  readonly last: readonly Uint8Array[];
  /** Rows given of each output. */
  readonly given: Float64Array;
  readonly hashes: readonly (TopicHash | undefined)[];
  /** Its first number: 1 where the engine has nothing more to give. */
  readonly over: Float64Array;
  readonly engine: ArrayBuffer;
  readonly parts: readonly Uint8Array[];

  constructor({ takes, gives, hashed, instruments, stateBytes }: Kept) {
    const block = new ArrayBuffer(blockBytes({ takes, gives, hashed, instruments, stateBytes }));
    let at = 0;
    const part = (bytes: number) => {
      const from = at;
      at += align(bytes);
      return from;
    };
    const numbers = (count: number) => new Float64Array(block, part(8 * count), count);
    this.inputs = takes.map(() => numbers(PER_INPUT));
    this.last = takes.map((taken) => {
      const bytes = RowCheck.lastBytes(taken, instruments);
      return new Uint8Array(block, part(bytes), bytes);
    });
    this.given = numbers(gives.length);
    this.over = numbers(1);
    this.hashes = gives.map((topic) =>
      hashed ? new TopicHash(topic, { state: numbers(TopicHash.bytes(topic) / 8), crc32c: checksum() }) : undefined,
    );
    this.engine = new ArrayBuffer(stateBytes);
    this.parts = [new Uint8Array(block), new Uint8Array(this.engine)];
  }

  /** Bytes of all parts together. */
  static bytes(kept: Kept): number {
    return blockBytes(kept) + kept.stateBytes;
  }
}

const align = (bytes: number) => Math.ceil(bytes / 64) * 64;

function blockBytes({ takes, gives, hashed, instruments }: Kept): number {
  const inputs = takes.map((taken) => align(8 * PER_INPUT) + align(RowCheck.lastBytes(taken, instruments)));
  const hashes = gives.map((topic) => (hashed ? align(TopicHash.bytes(topic)) : 0));
  return [...inputs, ...hashes, align(8 * gives.length), align(8)].reduce((sum, bytes) => sum + bytes, 0);
}
