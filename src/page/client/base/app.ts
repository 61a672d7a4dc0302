/** What views are given: what is known, what is shown, and ways to ask for other things. */
import type { Acknowledge, BooksAnswer, BooksAsk, RowsAnswer, RowsAsk } from "../../series/wire.js";
import type { Shown } from "./address.js";
import type { Store } from "./store.js";

export interface App {
  readonly store: Store;
  readonly shown: Shown;
  /** The stretch of time that is drawn, ms UTC. */
  readonly span: readonly [from: number, to: number];
  readonly connected: boolean;
  /** Shows something else, and writes it into the address; `anew`: as a step that the browser's back button undoes. */
  show(change: Partial<Shown>, anew?: boolean): void;
  pan(by: number): void;
  scale(by: number, at: number): void;
  /** For all who look; the alarm comes back with it. False while there is no connection. */
  acknowledge(of: Acknowledge): boolean;
  /** Rejects where the connection is lost or the server says why not. */
  rows(ask: Omit<RowsAsk, "id">): Promise<RowsAnswer>;
  /** As `rows`. */
  books(ask: Omit<BooksAsk, "id">): Promise<BooksAnswer>;
}
export interface View {
  readonly element: HTMLElement;
  /** Series that it draws, and how many columns of pixels it has for them. */
  readonly series: readonly number[];
  readonly columns: number;
  /** Something is new. */
  update(): void;
  /** Colours are others now. */
  restyle(): void;
  close(): void;
}
