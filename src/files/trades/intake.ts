/** What all readers of a read share, and what goes on from one file to the next: the slot in hand, the order of time, the symbols. */
import { type Port, viewOf } from "../../core/contract/contract.js";
import { DataError } from "../../core/contract/errors.js";
import type { TradeArrays } from "../../market/trade_columns.js";
import { delimitedTrades } from "../kernels/delimited_trades.js";
import { symbolId } from "../kernels/symbol_table.js";

export interface TradeSlot {
  readonly columns: TradeArrays;
}
/** Where trades go; a bus publisher is one. The columns of a slot are the same objects each time the slot comes round. */
export interface TradeSink {
  /** A slot to write, or undefined when there is no room now. */
  claim(): TradeSlot | undefined;
  commit(rows: number): void;
  abort?(): void;
  /** Settles when a claim can succeed; needed where `claim` can refuse. */
  room?(): Promise<void>;
  /** Symbols that readers of the sink know; those of the file are added before the first trade that has them is committed. */
  symbols?: { readonly size: number; at(id: number): string | undefined; add(symbol: string): number };
}

/** State ports of the parser that all readers share. */
const shared = ["lastTime", "names", "nameEnds", "nameTable", "nameCount"] as const;
export interface SharedState {
  lastTime: BigInt64Array;
  names: Uint8Array;
  nameEnds: Uint32Array;
  nameTable: Uint32Array;
  nameCount: Uint32Array;
}

export class Intake {
  readonly state: SharedState;
  /** Rows written to the slot in hand. */
  rows = 0;
  private slot: TradeSlot | undefined;
  /** Symbols that the sink was told. */
  private known = 0;

  constructor(
    private readonly sink: TradeSink,
    readonly symbolRoom = 16_384,
  ) {
    const ports = delimitedTrades.contract.state as Record<string, Port>;
    const sizes = ({ shape }: Port) => shape.reduce<number>((p, d) => p * (d === "symbols" ? symbolRoom : (d as number)), 1);
    const made = shared.map((key) => [key, new (viewOf(ports[key]!.dtype as "f64"))(sizes(ports[key]!))]);
    this.state = Object.fromEntries(made) as SharedState;
    this.state.lastTime[0] = -1n;
    for (; this.known < (sink.symbols?.size ?? 0); this.known++) this.idOf(sink.symbols!.at(this.known)!);
  }

  get lastTime(): bigint {
    return this.state.lastTime[0]!;
  }
  get symbols(): string[] {
    const { nameEnds, names, nameCount } = this.state;
    return Array.from({ length: nameCount[0]! }, (_, id) =>
      Buffer.from(names.subarray(id ? nameEnds[id - 1] : 0, nameEnds[id])).toString(),
    );
  }

  /** Id of a symbol, a new one where it was not seen; -1 where the table is full. */
  idOf(symbol: string): number {
    return symbolId(this.state, Buffer.from(symbol));
  }

  /** The columns in hand, where there are any. */
  get ready(): TradeArrays | undefined {
    return this.slot?.columns;
  }

  /** The columns to write from row `rows` on. */
  async columns(): Promise<TradeArrays> {
    while (this.slot === undefined) {
      this.slot = this.sink.claim();
      if (this.slot === undefined) await this.waitForRoom();
    }
    return this.slot.columns;
  }

  private async waitForRoom(): Promise<void> {
    if (this.sink.room) return this.sink.room();
    throw new DataError("E_SINK_FULL", "there is no room for more trades", { hint: "the sink needs room()" });
  }

  /** So many rows more are in the slot; a full one is handed over. */
  wrote(rows: number): void {
    this.rows += rows;
    if (this.sink.symbols && this.state.nameCount[0]! > this.known) this.tellSymbols();
    if (this.rows === this.slot!.columns.time.length) this.flush();
  }

  /** Hands over what is in the slot, full or not. */
  flush(): void {
    if (this.slot === undefined) return;
    const { rows } = this;
    this.slot = undefined;
    this.rows = 0;
    if (rows > 0) this.sink.commit(rows);
    else this.sink.abort?.();
  }

  private tellSymbols(): void {
    for (const symbol of this.symbols.slice(this.known)) {
      const id = this.sink.symbols!.add(symbol);
      if (id === this.known++) continue;
      throw new DataError("E_SYMBOLS", `symbol ${symbol} is ${id} in the sink and ${this.known - 1} here`, {
        value: symbol,
        hint: "nobody else may add symbols to the sink during a read",
      });
    }
  }
}
