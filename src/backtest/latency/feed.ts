/** When the trader hears of rows of the market. */
import { type Delay, type DelayOption, delayOf, isNone, kindsOfDelay } from "./delay.js";

/** A delay, or `recorded`: when the recording says that each row was received. */
export type FeedOption = DelayOption | "recorded";

/** Nothing: at once. `recorded`: by the column `received`. */
export type Feed = Delay | "recorded" | undefined;

export function feedOf(option: string, of: FeedOption | undefined, seed: number): Feed {
  if (of === "recorded") return of;
  const delay = delayOf(option, of ?? 0, seed, kindsOfDelay.feed);
  return isNone(of as DelayOption | undefined) ? undefined : delay;
}
