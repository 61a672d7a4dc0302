/** What a venue says of a request: its codes, and what they mean in words. */
import { told } from "../../kernels/flow/parts/exchange.js";
import { kernelReasons } from "../strategy/reasons.js";
import type { OrderNews } from "../strategy/strategy.js";
import type { Events } from "./venue.js";

/** One event, as `Events` has it in columns. */
export interface Event {
  readonly kind: number;
  readonly reason: number;
  readonly order: number;
  readonly side: number;
  /** Ticks, lots. */
  readonly price: number;
  readonly size: number;
  readonly left: number;
  readonly maker: boolean;
  readonly queue: number;
}

export { told };

export const newsKinds: Readonly<Record<number, OrderNews["kind"]>> = {
  [told.accepted]: "accepted",
  [told.cancelled]: "cancelled",
  [told.rejected]: "rejected",
  [told.replaced]: "replaced",
};

/** Of the kernel from 0 to 7; the last are of the venue around it. */
export const reasonWords: readonly string[] = [
  ...kernelReasons,
  ...[
    "it would meet an own order",
    "not enough margin",
    "not enough margin for the change: it stays as it is",
    "the account was closed out",
  ],
];
export const noSuchOrder = 1;
export const nothingLeft = 5;
export const notWhole = 6;
export const meetsOwn = 8;
export const noMargin = 9;
export const noMarginToChange = 10;
export const closedOut = 11;

/** Written out field by field: objects spread into one cost a multiple of it. `why` in the place of the reason where it is not 0. */
export const eventOf = (events: Events, i: number, why: number): Event => ({
  kind: events.kind[i]!,
  reason: why === 0 ? events.reason[i]! : why,
  order: Number(events.order[i]!),
  side: events.side[i]!,
  price: events.price[i]!,
  size: events.size[i]!,
  left: events.left[i]!,
  maker: events.maker[i] === 1,
  queue: events.queue[i]!,
});
