/** A file of trades -> pieces: its reader fills one, and waits until that was taken. */

import { readTrades } from "../../files/read/trades.js";
import type { TradeSink } from "../../files/trades/intake.js";
import type { ReadFacts } from "../../files/trades/reading.js";
import type { TradeArrays } from "../../market/trade_columns.js";
import { tradeArrays } from "../../market/trade_columns.js";
import type { ColumnSeen, Piece, Source } from "./piece.js";

const pieceRows = 16_384;

class Left extends Error {}

export class TradeSource implements Source {
  readonly topic = "trades";
  readonly of = "trades";
  private readonly slot: { columns: TradeArrays } = { columns: tradeArrays(pieceRows) };
  private readonly names: string[] = [];
  private filled = 0;
  private facts: ReadFacts | undefined;
  private failure: unknown;
  private closed = false;
  private bytes = 0;
  private total: number | undefined;
  private free = () => {};
  private full = () => {};
  private ended: Promise<void> | undefined;

  constructor(readonly file: string) {}

  private read(): Promise<void> {
    const { names, slot } = this;
    const sink: TradeSink = {
      claim: () => {
        if (this.closed) throw new Left();
        return this.filled === 0 ? slot : undefined;
      },
      commit: (rows) => {
        this.filled = rows;
        this.full();
      },
      room: () =>
        new Promise((resolve, reject) => {
          this.free = () => (this.closed ? reject(new Left()) : this.filled === 0 && resolve());
          this.free();
        }),
      symbols: {
        get size() {
          return names.length;
        },
        at: (id) => names[id],
        add: (symbol) => names.push(symbol) - 1,
      },
    };
    const onProgress = ({ read, total }: { read: number; total?: number | undefined }) => {
      this.bytes = read;
      this.total = total;
    };
    return readTrades(this.file, sink, { onProgress }).then(
      (facts) => {
        this.facts = facts;
        this.full();
      },
      (error) => {
        this.failure = error;
        this.full();
      },
    );
  }

  /** A file that names no instrument is of the one called `trades`. */
  nameOf(id: number): string {
    return this.names[id] ?? "trades";
  }

  async next(): Promise<Piece | undefined> {
    this.filled = 0;
    this.ended ??= this.read();
    this.free();
    while (this.filled === 0 && this.facts === undefined) {
      if (this.failure !== undefined) throw this.failure;
      await new Promise<void>((resolve) => {
        this.full = resolve;
        if (this.filled > 0 || this.facts || this.failure !== undefined) resolve();
      });
    }
    if (this.filled === 0) return undefined;
    const columns = this.slot.columns as unknown as Readonly<Record<string, ColumnSeen>>;
    return { rows: this.filled, time: this.slot.columns.time, columns };
  }

  get progress() {
    return { bytes: this.bytes, of: this.total };
  }

  async close(): Promise<void> {
    this.closed = true;
    this.free();
    await this.ended;
  }
}
