/** The participants of a ring, publisher and subscribers, as read from its memory alone: anybody who opens it may look, and disturbs nobody. */

import { millisecondsSince } from "./bell.js";
import { inWords } from "./granted.js";
import { FIRST_CURSOR_SEAT, type Peers } from "./peers.js";
import { ahead, cursor, EVICTED, FREE, NOWHERE, ordinalOf, ownerOf, type Region, STATUS } from "./region.js";

export interface Attached {
  readonly role: "publisher" | "subscriber";
  /** 0 where the ring lies in one process. */
  readonly pid: number;
  /**
   * Of publishers: `idle`, `writing` (a slot is claimed), `full` (waits for the slowest subscriber), `stalled` (in the middle of a
   * frame for more than 50 ms). Of subscribers: `reading`, `behind` (the ring is full of what they have not read), `evicted`.
   * Of both: `dead`, where the place was not given back.
   */
  readonly state: "idle" | "writing" | "full" | "stalled" | "reading" | "behind" | "evicted" | "dead";
  /** Batches since the ring began, in a count that wraps at 2^28; -1: nowhere. */
  readonly cursor: number;
  /** Batches that wait for this subscriber. */
  readonly lag: number;
  /** Rows, published or consumed. */
  readonly rows: number;
  readonly lost: number;
  /** Since it last claimed, or looked for something new. */
  readonly heartbeatMs: number;
  /** What was granted of what it asked: `core 2, FIFO 10`. */
  readonly placement: string;
}

/** A frame that stands open for so long, with nothing raised in it, is not being written. */
const STALLED_MS = 50;

export function attachedTo(region: Region<any>, peers: Peers): Attached[] {
  const { words, at, cursors } = region;
  const head = Atomics.load(words, at.published);
  const subscribers = cursors.flatMap((line, index) => subscriber(region, line, ordinalOf(head), peers.alive(FIRST_CURSOR_SEAT + index)));
  if (ownerOf(head) === 0) return subscribers;
  const full = subscribers.some(({ lag, state }) => lag >= region.topic.slots && state !== "dead");
  return [publisher(region, head, peers.alive(ownerOf(head)), full), ...subscribers];
}

function publisher(region: Region<any>, head: number, alive: boolean | undefined, full: boolean): Attached {
  const { words, at, frames } = region;
  const heartbeatMs = millisecondsSince(words[at.heartbeat]!);
  const slot = region.slotOf(ordinalOf(head));
  const grows = Atomics.load(words, region.growthOf(slot)) === head && frames.raised(slot) > 0;
  const writing = words[at.claimed] !== 0;
  const working = writing ? (heartbeatMs > STALLED_MS && !grows ? "stalled" : "writing") : full ? "full" : "idle";
  return {
    role: "publisher",
    pid: words[at.pid]!,
    state: alive === false ? "dead" : working,
    cursor: ordinalOf(head),
    lag: 0,
    rows: region.head().sequence,
    lost: 0,
    heartbeatMs,
    placement: inWords(words[at.placement]!),
  };
}

function subscriber({ words, reals, topic }: Region<any>, line: number, head: number, alive: boolean | undefined): Attached[] {
  const state = Atomics.load(words, line + cursor.state);
  if (state === FREE) return [];
  const position = Atomics.load(words, line + cursor.position);
  const lag = position === NOWHERE ? 0 : Math.max(0, ahead(head, position));
  const living = (state & STATUS) === EVICTED ? "evicted" : lag >= topic.slots ? "behind" : "reading";
  return [
    {
      role: "subscriber",
      pid: words[line + cursor.pid]!,
      state: alive === false ? "dead" : living,
      cursor: position === NOWHERE ? NOWHERE : ordinalOf(position),
      lag,
      rows: reals[(line + cursor.consumed) >> 1]!,
      lost: reals[(line + cursor.lost) >> 1]!,
      heartbeatMs: millisecondsSince(Atomics.load(words, line + cursor.heartbeat)),
      placement: inWords(words[line + cursor.placement]!),
    },
  ];
}
