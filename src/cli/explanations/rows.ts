import type { Entry } from "./entry.js";

export const rows: readonly Entry[] = [
  [
    "E_BAD_VALUE",
    "A row holds a value that cannot be a trade: a price that is empty or not above 0, a negative size, a time that is no time, a side that is not known, NaN or infinity.",
    "Look at the line that the message shows. --on-bad skip leaves such rows out and counts them, --on-bad report also lists them.",
  ],
  [
    "E_BAD_COLUMNS",
    "A line has more or fewer columns than the others.",
    "Often the last line of a file that was cut off. --on-bad skip leaves it out.",
  ],
  [
    "E_BAD_JSON",
    "A line, or a record of a document, is not JSON, or ends in the middle; or what stands around the records of a document is none: a bracket too many, more than 64 of them open, something behind its end.",
    "Often the last line of a file that was cut off: --on-bad skip leaves out a line or record. A document that is damaged between its records must be repaired: download or copy it again.",
  ],
  ["E_BAD_QUOTE", "A quoted field does not end where the field ends.", "Repair the line, or leave it out with --on-bad skip."],
  [
    "E_LINE_LONG",
    "A line is longer than any trade could be; the file may not be text with one trade a line.",
    "Check that it is the right file.",
  ],
  [
    "E_SYMBOLS_FULL",
    "The file names more symbols than the table holds.",
    "Split the file by symbol, or raise maxSymbols when reading by program.",
  ],
  [
    "E_TIME_BACKWARDS",
    "A time lies before that of the row above. VPIN depends on the order of trades.",
    "Sort the file by time; name several files in order of time; or leave such rows out with --on-bad skip.",
  ],
  [
    "E_TOO_MANY",
    "One row alone would make more than 16,777,216 output rows: a trade millions of times larger than a bucket.",
    "Check the value, and --bucket-volume.",
  ],
  [
    "E_STUCK",
    "A kernel takes no row and gives none, though there is room: the bytes or rows from this place on mean nothing to it.",
    "The message names the place; what came before it is computed. Check the data there.",
  ],
];
