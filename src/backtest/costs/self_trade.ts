/** What a venue does where two orders of one trader would meet. */

/** `allow`: the recorded market has no rule; the others end the new order, the one that rests, both, or what they have in common. */
export type SelfTrade = "allow" | "cancel_newest" | "cancel_oldest" | "cancel_both" | "decrement";

export interface RestingOrder {
  readonly id: number;
  /** NaN of a market order. */
  readonly price: number;
  /** Left of it, in units. */
  readonly size: number;
}

export interface Meeting {
  /** Of the new order: 0 where it is turned away. */
  readonly size: number;
  /** Resting ones that end before it is sent. */
  readonly cancel: readonly number[];
  /** Resting ones that keep less. */
  readonly cut: readonly { readonly id: number; readonly size: number }[];
}

/**
 * By what is known when the new order is sent. `resting` are own orders of the other side, the first to be met first. A venue applies its rule
 * only when the two meet, behind what the market has in between; here it is applied at once, so the new order never gets more than there.
 */
export function meetingOf(rule: SelfTrade, order: RestingOrder & { readonly side: 1 | -1 }, resting: readonly RestingOrder[]): Meeting {
  const nothing: Meeting = { size: order.size, cancel: [], cut: [] };
  if (rule === "allow") return nothing;
  const met = resting.filter(({ price }) => Number.isNaN(order.price) || order.side * (order.price - price) >= 0);
  if (met.length === 0) return nothing;
  if (rule === "cancel_newest") return { ...nothing, size: 0 };
  if (rule === "cancel_both") return { size: 0, cancel: [met[0]!.id], cut: [] };
  if (rule === "cancel_oldest") return { ...nothing, cancel: met.map(({ id }) => id) };
  let left = order.size;
  const cancel: number[] = [];
  const cut: { id: number; size: number }[] = [];
  for (const { id, size } of met) {
    if (left === 0) break;
    if (size <= left) cancel.push(id);
    else cut.push({ id, size: size - left });
    left = Math.max(0, left - size);
  }
  return { size: left, cancel, cut };
}
