/** Places with a name, which keep their rows while nobody reads them: found, taken over, set to a row, given up. */
import { BusError } from "../../core/contract/errors.js";
import { crc32c } from "../frame.js";
import { FIRST_CURSOR_SEAT, type Peers } from "./peers.js";
import { join, lagOf, settle } from "./place.js";
import {
  ACTIVE,
  ahead,
  before,
  cursor,
  FREE,
  handed,
  handOf,
  JOINING,
  LOOK_AGAIN,
  nextHand,
  ordinalOf,
  type Region,
  STATUS,
} from "./region.js";

/** Where a reader begins. `word`: its position, as the cursor bears it; `sequence`: the row that it is to read next. */
export interface DurablePlace {
  readonly line: number;
  readonly seat: number;
  readonly token: number;
  readonly word: number;
  readonly sequence: number;
}

/** A place as it can be seen from outside. */
export interface KeptPlace {
  /** What `placeName` gives for the name that it was opened with. */
  readonly name: number;
  /** Row up to which its reader acknowledged. */
  readonly sequence: number;
  /** Batches that it holds back. */
  readonly lag: number;
  /** Whether its reader is there; undefined where nobody can tell. */
  readonly alive: boolean | undefined;
}

/** In the place of an acknowledged row: the place is being set back, and what lies at its position may be overwritten, as it is more than a ring behind. */
const UNSETTLED = -2;

/** The number that stands for a name in a ring, never 0. */
export const placeName = (name: string): number => crc32c(new TextEncoder().encode(name)) | 0 || 1;

export const replaced = (topic: string, place: string): BusError =>
  new BusError("E_BUS_FENCED", `topic '${topic}': the place '${place}' was taken over or given up`, {
    hint: "Stop this reader: another one continues from what was acknowledged.",
  });

/** Takes the place of that name, or makes it, and sets it to row `from`; without that, to where it was acknowledged. */
export function occupy(region: Region<any>, peers: Peers, place: string, from: number | undefined): DurablePlace {
  const name = placeName(place);
  for (;;) {
    const taken = takeOver(region, peers, name) ?? found(region, peers, name);
    const hand = taken && changeHands(region, taken.line);
    if (hand === undefined) continue;
    if (Atomics.load(region.words, taken!.line + cursor.state) !== (taken!.token | ACTIVE)) throw replaced(region.topic.name, place);
    const start = seek(region, taken!.line, hand, from);
    if (!start) throw replaced(region.topic.name, place);
    return { ...taken!, ...start };
  }
}

type Taken = { readonly line: number; readonly seat: number; readonly token: number };
const seatOf = ({ cursors }: Region<any>, line: number): number => FIRST_CURSOR_SEAT + cursors.indexOf(line);

/** Cursors with that name and their states, read before the name: an exchange of the state then finds the name unchanged. */
function find({ words, cursors }: Region<any>, name: number): { line: number; state: number }[] {
  return cursors.flatMap((line) => {
    const state = Atomics.load(words, line + cursor.state);
    return state !== FREE && Atomics.load(words, line + cursor.name) === name ? [{ line, state }] : [];
  });
}

/** Undefined where no place has that name. */
function takeOver(region: Region<any>, peers: Peers, name: number): Taken | undefined {
  for (;;) {
    const [there] = find(region, name);
    if (!there) return undefined;
    const { line, state } = there;
    const token = region.newToken();
    // One that did not come to count, or was taken away as damaged, holds nothing.
    const counts = (state & STATUS) === ACTIVE;
    if (Atomics.compareExchange(region.words, line + cursor.state, state, token | (counts ? ACTIVE : JOINING)) !== state) continue;
    if (!counts && !settle(region, line, token)) continue;
    const seat = seatOf(region, line);
    peers.enter(seat);
    return { line, seat, token };
  }
}

/** A new place; undefined where somebody made one of that name at the same time, before this one. */
function found(region: Region<any>, peers: Peers, name: number): Taken | undefined {
  const { line, seat, token } = join(region, peers, name);
  const [first, ...others] = find(region, name);
  if (first && first.line !== line) {
    vacate(region, line, token | ACTIVE);
    peers.leave(seat);
    return undefined;
  }
  for (const other of others) vacate(region, other.line, other.state);
  return { line, seat, token };
}

/** After this no exchange of the position by an earlier reader succeeds. Undefined where the place was taken away as damaged. */
function changeHands({ words }: Region<any>, line: number): number | undefined {
  for (;;) {
    const seen = Atomics.load(words, line + cursor.position);
    if (seen < 0) return undefined;
    const hand = nextHand(handOf(seen));
    if (Atomics.compareExchange(words, line + cursor.position, seen, handed(hand, ordinalOf(seen))) === seen) return hand;
  }
}

/**
 * Sets a place to the frame with row `from`: walks back from the head, where frames follow each other without a gap, to that
 * row, or to the oldest that the ring still holds. Undefined where the place has changed hands meanwhile.
 */
function seek(region: Region<any>, line: number, hand: number, from: number | undefined): { word: number; sequence: number } | undefined {
  const { words, reals, frames, topic } = region;
  const position = line + cursor.position;
  for (;;) {
    let word = Atomics.load(words, position);
    if (word < 0 || handOf(word) !== hand) return undefined;
    let head = region.head();
    let limit = ordinalOf(word);
    const behind = ahead(head.ordinal, limit);
    if (behind < 0) {
      if (Atomics.load(words, position) !== word) continue;
      throw region.damaged(`the ring is at batch ${head.ordinal} and a place at ${limit}`);
    }
    const row = reals[(line + cursor.row) >> 1]!;
    const target = from ?? (row >= 0 ? row : Number.NEGATIVE_INFINITY);
    const first = behind === 0 ? head.sequence : frames.sequence(region.slotOf(limit));
    if (row === UNSETTLED || behind > topic.slots || (from !== undefined && from < first)) {
      const back = setBack(region, line, word, head.ordinal);
      if (back === undefined) continue;
      ({ word, limit, head } = back);
    }
    let { ordinal, sequence } = head;
    while (ordinal !== limit && sequence > target) {
      const slot = region.slotOf(before(ordinal, 1));
      if (frames.fault(slot) !== undefined || frames.sequence(slot) + frames.field(slot, "rows") !== sequence) break;
      ordinal = before(ordinal, 1);
      sequence = frames.sequence(slot);
    }
    const reached = handed(hand, ordinal);
    if (Atomics.compareExchange(words, position, word, reached) !== word) continue;
    // Nothing is lost where none is overwritten: who died in an acknowledgement had moved on, and not yet said up to which row.
    const known = from !== undefined || (row >= 0 && topic.backpressure === "evict");
    const next = known ? target : Math.max(target, sequence);
    reals[(line + cursor.row) >> 1] = next;
    return { word: reached, sequence: next };
  }
}

/**
 * To rows that nobody held. The publisher may not have looked for the slowest since, and overwrite some: after it was asked
 * to, it does so behind the batch that it may be writing, so what is less than a whole ring before that is safe.
 */
function setBack(region: Region<any>, line: number, from: number, head: number) {
  const { words, reals, at, topic } = region;
  const oldest = before(head, topic.slots - 1);
  let limit = ordinalOf(from);
  let word = from;
  reals[(line + cursor.row) >> 1] = UNSETTLED;
  if (ahead(limit, oldest) > 0) {
    word = handed(handOf(from), oldest);
    if (Atomics.compareExchange(words, line + cursor.position, from, word) !== from) return undefined;
    limit = oldest;
  }
  Atomics.or(words, at.dataFlag, LOOK_AGAIN);
  const now = region.head();
  const safe = before(now.ordinal, topic.slots - 1);
  return { word, limit: ahead(safe, limit) > 0 ? safe : limit, head: now };
}

/** Gives a place up; false where it was not in that state any more. The name first: who dies in between leaves one that anybody may take. */
export function vacate({ words }: Region<any>, line: number, state: number): boolean {
  if (Atomics.load(words, line + cursor.state) !== state) return false;
  Atomics.store(words, line + cursor.name, 0);
  return Atomics.compareExchange(words, line + cursor.state, state, FREE) === state;
}

/** Gives up the place of a reader that will not come back; false where there is none of that name. */
export function release(region: Region<any>, peers: Peers, place: string): boolean {
  const taken = takeOver(region, peers, placeName(place));
  if (!taken) return false;
  vacate(region, taken.line, taken.token | ACTIVE);
  peers.leave(taken.seat);
  return true;
}

export function keptPlaces(region: Region<any>, peers: Peers): KeptPlace[] {
  const { words, reals, cursors } = region;
  return cursors.flatMap((line) => {
    const name = Atomics.load(words, line + cursor.name);
    if (name === 0 || Atomics.load(words, line + cursor.state) === FREE) return [];
    return [{ name, sequence: reals[(line + cursor.row) >> 1]!, lag: lagOf(region, line), alive: peers.alive(seatOf(region, line)) }];
  });
}
