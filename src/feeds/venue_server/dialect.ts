/** What the language of a venue is to the server that speaks it. */
import type { History } from "./history.js";
import type { Said, SaidTrade } from "./said.js";

/** One client of the server. */
export interface Session {
  readonly channels: Set<string>;
  /** Levels of books that were asked for, by channel. */
  readonly levels?: Map<string, number>;
  /** Messages are wrapped with the name of their channel. */
  wrapped: boolean;
}
export interface RestAnswer {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Dialect {
  readonly name: string;
  /** Said to a new client before anything else. */
  readonly greeting?: readonly string[];
  /** Of a recorded line; undefined where it is none that a subscriber of a channel is sent. */
  read(text: string, ms: number): Said | undefined;
  /** Whether it can be no other venue's of the same form. */
  own(text: string): boolean;
  /** What a recorded answer of its REST tells of the past. */
  learn(url: URL, body: string, history: History): void;
  /** A trade as the line of a recording. */
  form(symbol: string, trade: SaidTrade): string;
  /** A new client under this address: what it subscribes to by that. */
  opened(url: URL): Session;
  /** What is answered to a message of a client; what it subscribes to is changed. */
  heard(text: string, session: Session, history: History): readonly string[];
  /** As this client is sent it; `history` has it already. */
  wrap(said: Said, session: Session, history: History): string;
  /** The same with another number. */
  lie(text: string, by: number): string;
  /** Said while nothing else is; undefined where the venue is silent then. */
  beat(session: Session, history: History, ms: number): readonly string[];
  readonly beatMs: number;
  /** Beats come beside data too. */
  readonly beatsAlways?: true;
  /** What is no data: errors, changes of state, kinds of message that are new. */
  readonly notices: readonly string[];
  /** Trades that no client may take for a row, under an id that is still to come. */
  spoilt(symbol: string, id: number, ms: number): readonly string[];
  /** Changes of a book that no client may take. */
  spoiltDepth(symbol: string, ms: number): readonly string[];
  answer(url: URL, history: History): RestAnswer;
}
