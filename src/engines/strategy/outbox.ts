/** What a strategy asks for, until its topic has room. */
import { orderTypes } from "../../backtest/desk/desk.js";
import type { OwnOrder } from "../../backtest/strategy/strategy.js";
import type { Publisher } from "../../bus/bus.js";
import { kinds } from "../../kernels/flow/parts/exchange.js";
import { RowWriter } from "../kit/row_writer.js";
import type { RequestColumns } from "../kit/trading_topics.js";

interface Request {
  readonly time: bigint;
  readonly instrument: number;
  readonly order: bigint;
  readonly price: number;
  readonly size: number;
  readonly side: number;
  readonly kind: number;
  /** The mid that the strategy knew. */
  readonly decision: number;
}

export class Outbox {
  private readonly rows: RowWriter<RequestColumns>;
  private readonly waiting: Request[] = [];

  constructor(orders: Publisher) {
    this.rows = new RowWriter(orders as unknown as Publisher<RequestColumns>);
  }

  submit(time: bigint, order: OwnOrder, decision: number): void {
    this.add(time, order, { kind: kinds.submit + orderTypes.indexOf(order.type), price: order.price, size: order.size, decision });
  }
  cancel(time: bigint, order: OwnOrder): void {
    this.add(time, order, { kind: kinds.cancel, price: Number.NaN, size: 0, decision: Number.NaN });
  }
  replace(time: bigint, order: OwnOrder, price: number, size: number, decision: number): void {
    this.add(time, order, { kind: order.type === "post_only" ? kinds.replaceMaking : kinds.replace, price, size, decision });
  }

  private add(time: bigint, { id, instrument, side }: OwnOrder, asked: Pick<Request, "kind" | "price" | "size" | "decision">): void {
    this.waiting.push({ time, instrument, order: BigInt(id), side, ...asked });
  }

  /** False where there is no room for all. */
  write(): boolean {
    const { waiting, rows } = this;
    let written = 0;
    while (written < waiting.length && rows.room()) rows.write(waiting[written++]!);
    waiting.splice(0, written);
    return waiting.length === 0;
  }
  flush(): void {
    this.rows.flush();
  }
}
