import type { Entry } from "./entry.js";

export const feeds: readonly Entry[] = [
  [
    "E_VENUE_TAPE",
    "What a venue was to be played from holds none of its messages.",
    "Give a recording of a venue's messages, a line each: the time of receipt, then the message.",
    "badData",
  ],
];
