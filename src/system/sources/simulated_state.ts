/** What the next event of a simulated market depends on, in one block. */
/** Numbers of each instrument, which lie in the block by name. */
const names = [
  // Prices in ticks; that of the last trade in units.
  ...(["price", "bid", "ask", "bidSize", "askSize", "last"] as const),
  // Of events until the border: rate a ns, share of trades among them, share of buys among those, what each moves the price by.
  ...(["rate", "trade", "buy", "noise", "border"] as const),
  ...(["informed", "episodeStart", "episodeEnd", "activity", "activityEnd", "phase", "phaseEnd"] as const),
  // When the next event is, in whole ns since the start.
  "next",
] as const;
export type Numbers = { readonly [name in (typeof names)[number]]: Float64Array };
/** Whether it has begun; words of random numbers of each instrument. */
const headBytes = 8;
const wordBytes = 16;

export const simulatedBytes = (instruments: number): number => headBytes + instruments * (wordBytes + 8 * names.length);

export function simulatedState(state: ArrayBuffer, instruments: number) {
  const from = headBytes + wordBytes * instruments;
  const views = names.map((name, i) => [name, new Float64Array(state, from + 8 * i * instruments, instruments)]);
  return {
    begun: new Float64Array(state, 0, 1),
    words: Array.from({ length: instruments }, (_, i) => new Uint32Array(state, headBytes + wordBytes * i, 4)),
    numbers: Object.fromEntries(views) as Numbers,
  };
}
