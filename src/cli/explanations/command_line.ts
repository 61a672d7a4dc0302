import type { Entry } from "./entry.js";

export const commandLine: readonly Entry[] = [
  [
    "E_USAGE",
    "The command line has a command, flag or value that is not known, or flags that do not go together.",
    "Compare with tickforge COMMAND --help; the message names the word and, where one is near, what was probably meant.",
    "usage",
  ],
  [
    "E_EXISTS",
    "A file that would be written exists already. Nothing is overwritten unless that is asked for.",
    "Give another name, or pass --force.",
    "usage",
  ],
  [
    "E_WRITE",
    "A file could not be written: no space, no permission, no such folder, or a read-only disk. What was begun is removed.",
    "Free some space or choose another folder, then run the command again.",
  ],
  [
    "E_PACKAGE_MISSING",
    "What was asked for needs an optional package that is not installed. tickforge itself works without it.",
    "Run the one command that the message names, or choose another format: --out vpin.csv needs no package.",
  ],
  [
    "E_TOO_FEW_TRADES",
    "So few trades, or such large ones, that chance alone would make VPIN high with any bucket volume that gives one value.",
    "Read more of the tape, or pass a smaller --window. An explicit --bucket-volume is kept, and judged beside its result.",
    "badData",
  ],
  [
    "E_BARS",
    "The file holds bars (open, high, low, close, volume), and something was asked for that needs trades, or other files of the call hold others.",
    "Leave out what the message names; VPIN of bars takes sides from their price changes. Files of trades and of bars are read apart.",
    "usage",
  ],
  [
    "E_TWO_PASSES",
    "The source can be read only once (a pipe), but its total volume or its instruments must be known before the first bucket.",
    "Write it to a file first, or leave out --bucket-volume: replay then keeps a pipe in a temporary file and reads it twice.",
    "usage",
  ],
  [
    "E_INTERNAL",
    "Something happened that tickforge does not expect: a fault of its own.",
    "Please report it with the lines that were printed and the output of tickforge doctor --json.",
  ],
  [
    "E_WORKER",
    "The thread that reads the file ended before its work was done, most often for want of memory.",
    "Look at the memory of the machine; report it if that was not the reason.",
  ],
  ["E_NODE_OLD", "This Node is older than tickforge needs.", "Install Node 20.19 or later."],
];
