import type { BusError } from "../../core/contract/errors.js";

/** Numbers under which the users of a ring are known to each other: publishers first, then subscribers, then event loops. */
export const FIRST_CURSOR_SEAT = 16;

/**
 * Who sits behind a number. Threads over a SharedArrayBuffer cannot know it of each other; processes can, by locks that
 * end with whoever holds them.
 */
export interface Peers {
  /** What this one writes beside its seats, for people who look: its process, and what `toWord` says of its placement. */
  readonly pid?: number;
  readonly placement?: number;
  /** Takes a seat; false where somebody living has it. */
  enter(seat: number): boolean;
  leave(seat: number): void;
  /** Undefined where nobody can tell. */
  alive(seat: number): boolean | undefined;
  /** What befell the memory itself, where it is a file: it was removed, replaced (E_BUS_GONE) or cut (E_BUS_CUT). */
  trouble?(): BusError | undefined;
}

export const unknownPeers: Peers = { enter: () => true, leave: () => {}, alive: () => undefined };
