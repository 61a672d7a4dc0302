/** Topics of trading: orders in; what became of them, fills and holdings out. */
import type { Topic } from "../../bus/bus.js";
import { topic } from "../../bus/frame.js";
import { messages } from "../../bus/routing/message_types.js";

const real = { dtype: "f64" } as const;
const { orders, order_news: news, fills, holdings } = messages;
const lasting = { rows: 256, slots: 64, backpressure: "block" } as const;

/** `kind` as of the kernel `matching`, 8 to 15; `decision`: the price when it was decided to trade. */
const requestColumns = { ...orders.columns, kind: { dtype: "u8" }, decision: real } as const;
export type RequestColumns = typeof requestColumns;
export const requestsTopic = (): Topic<RequestColumns> => topic({ name: "orders", columns: requestColumns, ...lasting });

export type NewsColumns = typeof news.columns;
export const orderNewsTopic = (): Topic<NewsColumns> => topic({ name: "order_news", columns: news.columns, ...lasting });

/** `happened`: at the venue; `time`: when it was told. */
const fillColumns = { ...fills.columns, decision: real, maker: { dtype: "u8" }, happened: { dtype: "i64" } } as const;
export type FillColumns = typeof fillColumns;
export const fillsTopic = (): Topic<FillColumns> => topic({ name: "fills", columns: fillColumns, ...lasting });

/** Cash of all fills of the instrument so far less their fees, and those fees, in its currency. */
const holdingColumns = { ...holdings.columns, cash: real, fees: real } as const;
export type HoldingColumns = typeof holdingColumns;
export const holdingsTopic = (): Topic<HoldingColumns> => topic({ name: "holdings", columns: holdingColumns, ...lasting });
