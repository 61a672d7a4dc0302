/** What a venue says. */
/** A message on a channel, as the venue's own text. */
export interface Said {
  /** When it was received by who recorded it, ms since 1970. */
  readonly ms: number;
  /** As clients name it when they subscribe. */
  readonly channel: string;
  readonly symbol: string;
  readonly text: string;
  readonly trades?: readonly SaidTrade[];
  readonly depth?: SaidDepth;
}
/** Prices and sizes as the venue's texts. */
export interface SaidTrade {
  /** NaN where messages tell none: then trades are numbered as they come. */
  readonly id: number;
  readonly price: string;
  readonly size: string;
  /** Of the trade itself, ms since 1970. */
  readonly ms: number;
  readonly buyerIsMaker: boolean;
  readonly aggregated?: true;
}
/** `time`: seconds since 1970, of Kraken's levels. */
export type SaidLevel = readonly [price: string, size: string, time?: string];
/** Levels that are none. */
export const spoiltLevels = [["-1.0", "1.0"], ["1.0", "-1.0"], ["1e999", "1.0"], ["1.0", "NaN"], ["", ""], ["1.0"], []] as const;
export interface SaidDepth {
  /** Id of the last change in it; NaN where the venue numbers none. */
  readonly last: number;
  readonly bids: readonly SaidLevel[];
  readonly asks: readonly SaidLevel[];
  /** It is the whole book. */
  readonly whole?: true;
  /** Of the book after it, where the venue tells one. */
  readonly checksum?: string;
}
