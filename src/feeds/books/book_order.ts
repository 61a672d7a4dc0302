/** By which rule messages of depth follow a snapshot and each other. */
import type { Order } from "../kit/venue.js";

export type DepthOrder = Order["depth"];

/** The updates that a message stands for: those after `previous`, or from `first`, up to `id`; -1 where the venue tells none. */
export interface Updates {
  readonly first: bigint;
  readonly id: bigint;
  readonly previous: bigint;
}

export type Verdict = "next" | "old" | "gap";

/**
 * Whether a message is the next of a book that is made of all updates up to `last`. `joined`: a message came since the snapshot.
 * - `range` (Binance spot): the next has first <= last + 1 <= id; all up to `last` is old.
 * - `previous` (Binance futures): the next has previous = last; the first after a snapshot covers it, previous <= last <= id.
 * - `checksum` and `none`: whatever the connection brings is the next.
 * Source: Binance, "How to manage a local order book correctly", spot and USD-M futures.
 */
export function verdictOf(order: DepthOrder, last: bigint, joined: boolean, { first, id, previous }: Updates): Verdict {
  if (order === "checksum" || order === "none") return "next";
  if (id < last || (id === last && (joined || order === "range"))) return "old";
  if (order === "range") return first <= last + 1n ? "next" : "gap";
  return joined ? (previous === last ? "next" : "gap") : previous <= last ? "next" : "gap";
}

/** Updates of whose messages some are missing, where a message says "gap": the first and the last of them. */
export const missing = (order: DepthOrder, last: bigint, { first, previous }: Updates): readonly [from: bigint, to: bigint] => [
  last + 1n,
  order === "range" ? first - 1n : previous,
];

/** Where the snapshot of a book comes from once it is needed: asked for by REST, or with a new subscription. */
export const snapshotFrom = (order: DepthOrder): "rest" | "subscription" =>
  order === "range" || order === "previous" ? "rest" : "subscription";
