/** Fees as venues publish them. */

export interface FeeTier {
  /** From so much traded in thirty days on, in currency. */
  readonly volume: number;
  /** Of the value of a fill, or of its size; below 0 a rebate. */
  readonly maker: number;
  readonly taker: number;
}

export interface FeeTable {
  /** The lowest first, from 0 on. */
  readonly tiers: readonly FeeTier[];
  /** What the rates are shares of: price times size (default), or size alone, as fees a share. */
  readonly of?: "value" | "size";
  /** When the venue published it, and where. */
  readonly asOf?: string;
  readonly source?: string;
}

const bp = 1e-4;
/** Rows of 30-day volume, maker and taker in basis points. */
const tiered = (rows: readonly (readonly [volume: number, maker: number, taker: number])[]) =>
  rows.map(([volume, maker, taker]) => ({ volume, maker: maker * bp, taker: taker * bp }));

/** A level of Binance hangs on BNB held too: it is chosen by name and stays. */
const levels = (
  name: string,
  of: Pick<FeeTable, "asOf" | "source">,
  rows: readonly (readonly [maker: number, taker: number])[],
): readonly (readonly [string, FeeTable])[] =>
  rows.map(([maker, taker], level) => [level === 0 ? name : `${name}_vip${level}`, { ...of, tiers: tiered([[0, maker, taker]]) }]);

/** Without discounts for fees paid in a venue's own coin, and without programmes for market makers. */
export const feeTables: Readonly<Record<string, FeeTable>> = Object.fromEntries<FeeTable>([
  ...levels("binance_usdm", { asOf: "2024", source: "Binance, fee rate of USD-M futures" }, [
    ...([
      [2, 5],
      [1.6, 4],
      [1.4, 3.5],
      [1.2, 3.2],
      [1, 3],
      [0.8, 2.7],
      [0.6, 2.5],
      [0.4, 2.2],
      [0.2, 2],
      [0, 1.7],
    ] as const),
  ]),
  ...levels("binance_spot", { asOf: "2024", source: "Binance, spot trading fee rate" }, [
    [10, 10],
    [9, 10],
    [8, 10],
  ]),
  [
    "coinbase_exchange",
    {
      asOf: "2023-08",
      source: "Coinbase Help, Exchange fees",
      tiers: tiered([
        ...([
          [0, 40, 60],
          [1e4, 25, 40],
          [5e4, 15, 25],
          [1e5, 10, 20],
          [1e6, 8, 18],
        ] as const),
        ...([
          [15e6, 6, 16],
          [75e6, 3, 12],
          [250e6, 0, 8],
          [400e6, 0, 5],
        ] as const),
      ]),
    },
  ],
  [
    "kraken_spot",
    {
      asOf: "2025",
      source: "Kraken, fee schedule, spot",
      tiers: tiered([
        ...([
          [0, 25, 40],
          [1e4, 20, 35],
          [5e4, 14, 24],
          [1e5, 12, 22],
          [250e3, 10, 20],
        ] as const),
        ...([
          [5e5, 8, 18],
          [1e6, 6, 16],
          [2.5e6, 4, 14],
          [5e6, 2, 12],
          [1e7, 0, 10],
        ] as const),
      ]),
    },
  ],
]);
