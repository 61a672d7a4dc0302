import type { Entry } from "./entry.js";

export const feeds: readonly Entry[] = [
  [
    "E_VENUE_TAPE",
    "What a venue was to be played from holds none of its messages.",
    "Give a recording of a venue's messages, a line each: the time of receipt, then the message.",
    "badData",
  ],
  [
    "E_FEED_SOURCE",
    "Sources of live data are none, the same twice, or no instrument of the system.",
    "Write venue:symbol, each once, and name the symbols in the system's instruments.",
    "usage",
  ],
  [
    "E_FEED_URL",
    "An address in place of a venue's own cannot be one.",
    "Write ws://host:port for url and http://host:port for rest, with sources of one venue.",
    "usage",
  ],
  [
    "E_FEED_PROXY",
    "The environment names a proxy whose address cannot be read.",
    "Set HTTPS_PROXY to http://host:port; NO_PROXY lists hosts that are reached without it.",
  ],
  [
    "E_FEED_UNREACHED",
    "No connection to a venue could be made in the time that was given.",
    "The error says what the last attempt met. Look at the address, at HTTPS_PROXY and NO_PROXY, and whether the venue serves this place.",
  ],
  [
    "E_FEED_SILENT",
    "A venue is connected and says nothing of what was asked for.",
    "Look whether the symbol is one of the venue's and traded now, and listen longer: --for 5m.",
  ],
];
