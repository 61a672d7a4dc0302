/** What was wrong with a book's messages, named: whose, at which update, and what was expected. */

export type FaultKind =
  /** Updates are missing before a message. */
  | "gap"
  /** A message that holds updates of the one before it again, which its venue never sends. */
  | "overlap"
  /** A message that is part of the book already. */
  | "duplicate"
  /** The book is not the venue's. */
  | "checksum"
  /** The best bid lies above the best ask. */
  | "crossed"
  /** A level is taken away that the book does not have: breaks it where the venue gives neither ids nor checksums. */
  | "absent"
  /** A snapshot that none of the messages kept since follows. */
  | "stale_snapshot"
  /** A message of which rows are missing. */
  | "torn"
  /** A price that no tick can stand for, or a size that is none. */
  | "bad_level"
  /** Messages that waited for a snapshot had to go for newer ones. */
  | "overflow";

export interface BookFault {
  readonly kind: FaultKind;
  readonly venue: string;
  readonly symbol: string;
  readonly instrument: number;
  readonly time: bigint;
  /** Of the message, -1 where the venue gives none. */
  readonly id: bigint;
  /** Updates that are missing, or that it is about. */
  readonly from: bigint;
  readonly to: bigint;
  /** The book was thrown away; others went on. */
  readonly broken: boolean;
  readonly text: string;
}
