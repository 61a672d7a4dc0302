/** The lease of a ring's one publisher: taken, replaced and ended; its owner number is the fencing token. */
import { BusError } from "../../core/contract/errors.js";
import type { Peers } from "./peers.js";
import { after, OWNERS, ordinalOf, ownerOf, published, type Region } from "./region.js";

/** The right to publish: the number that `published` bears while it lasts, and an epoch that no other tenure had. */
export interface Tenure {
  readonly owner: number;
  readonly epoch: number;
}

/**
 * Makes this the publisher of the ring: of one that has none, of one whose publisher died, or, with `takeover`, of one whose
 * publisher may yet live. That one can commit nothing more; but it may be in the middle of writing its slot, so this slot is
 * put aside until it is gone, and its place goes to a spare. What it had raised was seen and is published as a whole frame.
 */
export function begin(region: Region<any>, peers: Peers, takeover: boolean): Tenure {
  const owner = takeSeat(region, peers);
  try {
    for (;;) if (replace(region, peers, owner, takeover)) break;
    const epoch = Atomics.add(region.words, region.at.epoch, 1) + 1;
    finishGrowth(region, owner);
    return { owner, epoch };
  } catch (error) {
    peers.leave(owner);
    throw error;
  }
}

/** Ends it. False where another publisher has taken over. */
export function end(region: Region<any>, peers: Peers, { owner }: Tenure, ordinal: number): boolean {
  const { words, at } = region;
  const mine = published(owner, ordinal);
  const ended = Atomics.compareExchange(words, at.published, mine, published(0, ordinal)) === mine;
  peers.leave(owner);
  return ended;
}

/** A number that no living publisher has, nor the present one where nobody can tell. */
function takeSeat(region: Region<any>, peers: Peers): number {
  const { words, at } = region;
  const turn = region.newToken() >> 2;
  for (let i = 0; i < OWNERS; i++) {
    const owner = 1 + ((turn + i) % OWNERS);
    const unsafe = owner === ownerOf(Atomics.load(words, at.published)) && peers.alive(owner) !== false;
    if (!unsafe && peers.enter(owner)) return owner;
  }
  throw refuse(
    region,
    "E_BUS_TAKEOVER",
    `${OWNERS} publishers that were replaced still run`,
    "End them, or let them notice: their next commit throws.",
  );
}

const refuse = (region: Region<any>, code: string, what: string, hint: string) =>
  new BusError(code, `topic '${region.topic.name}': ${what}`, { hint });

/** One attempt; false where `published` moved meanwhile. */
function replace(region: Region<any>, peers: Peers, owner: number, takeover: boolean): boolean {
  const { words, at } = region;
  const seen = Atomics.load(words, at.published);
  const ordinal = ordinalOf(seen);
  const previous = ownerOf(seen);
  const mine = published(owner, ordinal);
  if (previous !== 0 && previous !== owner && !takeover && peers.alive(previous) !== false) {
    const hint = "A topic has one publisher at a time: close the other, or pass takeover if it is dead.";
    throw refuse(region, "E_BUS_PUBLISHER", "has a publisher already", hint);
  }
  const others = previous === 0 ? 0 : living(peers, owner);
  const spare = others === 0 ? undefined : reserve(region, peers, owner);
  if (Atomics.compareExchange(words, at.published, seen, mine) !== seen) {
    if (spare !== undefined) Atomics.compareExchange(words, region.writersOf(spare), 1 << owner, 0);
    return false;
  }
  if (spare !== undefined) exchangeSlot(region, mine, others, spare);
  return true;
}

/** Publishers that run, replaced or not, as bits. */
function living(peers: Peers, but: number): number {
  let others = 0;
  for (let owner = 1; owner <= OWNERS; owner++) if (owner !== but && peers.alive(owner)) others |= 1 << owner;
  return others;
}

/** A slot that has no place in the ring and that nobody else may write to, as things are now: others may have come since. */
function reserve(region: Region<any>, peers: Peers, owner: number): number {
  const { words, topic, frames } = region;
  const placed = new Set(Array.from({ length: topic.slots }, (_, ordinal) => region.slotOf(ordinal)));
  for (const { index } of frames.slots) {
    const writers = Atomics.load(words, region.writersOf(index));
    if (placed.has(index) || (writers & living(peers, owner)) !== 0) continue;
    if (Atomics.compareExchange(words, region.writersOf(index), writers, 1 << owner) === writers) return index;
  }
  const what = `${frames.slots.length - topic.slots} slots are put aside for publishers that were replaced and still run`;
  throw refuse(region, "E_BUS_TAKEOVER", what, "End them, or let them notice: their next commit throws.");
}

/**
 * Gives the place of the next ordinal to a spare slot, with the rows that were raised: who was replaced writes none of
 * these again. Stops where another publisher has replaced this one meanwhile and given the place away itself.
 */
function exchangeSlot(region: Region<any>, mine: number, others: number, spare: number): void {
  const { words, at, frames } = region;
  for (;;) {
    const slot = region.slotOf(ordinalOf(mine));
    if (Atomics.load(words, at.published) !== mine) return;
    Atomics.or(words, region.writersOf(slot), others);
    const grows = growsAt(region, slot, ordinalOf(mine));
    if (grows) {
      const rows = frames.raised(slot);
      frames.slots[spare]!.bytes.set(frames.slots[slot]!.bytes);
      frames.raise(spare, rows);
    }
    Atomics.store(words, region.growthOf(spare), grows ? mine : 0);
    if (Atomics.compareExchange(words, region.placeOf(ordinalOf(mine)), slot, spare) === slot) return;
  }
}

/** Whether rows of this ordinal were raised in a slot, under whomever. */
function growsAt(region: Region<any>, slot: number, ordinal: number): boolean {
  const mark = Atomics.load(region.words, region.growthOf(slot));
  return ownerOf(mark) !== 0 && ordinalOf(mark) === ordinal;
}

/** Publishes what the last publisher had raised when it died. */
function finishGrowth(region: Region<any>, owner: number): void {
  const { words, at } = region;
  const ordinal = ordinalOf(Atomics.load(words, at.published));
  const slot = region.slotOf(ordinal);
  if (!growsAt(region, slot, ordinal)) return;
  const mine = published(owner, ordinal);
  Atomics.compareExchange(words, at.published, mine, published(owner, after(ordinal)));
}
