/** What a venue does where two orders of one trader would meet. */

/** `allow`: they pass each other, as in a market without a rule; the others end the new order, the one that rests, both, or what they have in common. */
export const selfTrades = ["allow", "cancel_newest", "cancel_oldest", "cancel_both", "decrement"] as const;
export type SelfTrade = (typeof selfTrades)[number];

export interface RestingOrder {
  readonly id: number;
  /** NaN of a market order. */
  readonly price: number;
  /** Left of it. */
  readonly size: number;
  /** Of one that rests: what the market has at better prices, which a new order takes first; default 0. */
  readonly before?: number;
}

export interface Meeting {
  /** Of the new order: what it may still take, or rest with. */
  readonly size: number;
  /** What it does not take of the market at once is gone: it met an own order there. */
  readonly ends: boolean;
  /** Resting ones that end. */
  readonly cancel: readonly number[];
  /** Resting ones that keep less. */
  readonly cut: readonly { readonly id: number; readonly size: number }[];
}

/**
 * When a new order is at the venue. `resting` are own orders of the other side, the first to be met first; one is met by what the market at
 * better prices leaves of the new order. What stands before it at its own price counts as behind it, so the new order never gets more than there.
 */
export function meetingOf(rule: SelfTrade, order: RestingOrder & { readonly side: 1 | -1 }, resting: readonly RestingOrder[]): Meeting {
  const nothing: Meeting = { size: order.size, ends: false, cancel: [], cut: [] };
  if (rule === "allow") return nothing;
  const met = resting.filter(
    ({ price, before = 0 }) => (Number.isNaN(order.price) || order.side * (order.price - price) >= 0) && before < order.size,
  );
  const first = met[0];
  if (!first) return nothing;
  if (rule === "cancel_oldest") return { ...nothing, cancel: met.map(({ id }) => id) };
  if (rule !== "decrement") return { size: first.before ?? 0, ends: true, cancel: rule === "cancel_both" ? [first.id] : [], cut: [] };
  let common = 0;
  const cancel: number[] = [];
  const cut: { id: number; size: number }[] = [];
  for (const { id, size, before = 0 } of met) {
    const left = order.size - common - before;
    if (left <= 0) break;
    if (size <= left) cancel.push(id);
    else cut.push({ id, size: size - left });
    common += Math.min(size, left);
  }
  return { size: order.size - common, ends: false, cancel, cut };
}
