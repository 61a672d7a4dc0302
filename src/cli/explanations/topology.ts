import type { Entry } from "./entry.js";

export const topology: readonly Entry[] = [
  [
    "E_BUS_TOPOLOGY",
    "No topology has this name, one of its buses was not given, or a bus is used with another topology already: types that the two place on different buses would never arrive.",
    "The topologies are single (main), dual (market, engine) and triple (market, engine, compute). Use one of them on all sides, or other buses; the message names both, and the hint says when a bus is free again.",
  ],
  [
    "E_BUS_TYPE",
    "On a topology a topic is named by its type of message, and no type has this name; or the type holds vectors whose length was not given.",
    "tickforge bus up --topology single --json lists the types, their columns and the function that makes a topic by options (varies).",
  ],
  [
    "E_VALIDATE_TIME",
    "A check of tickforge validate bus waited for something that did not come; it counts as failed.",
    "The message says what was waited for. Run it again where the machine was very busy; else see tickforge doctor, or the log of the server.",
    "failed",
  ],
  [
    "E_VALIDATE_PROCESS",
    "A process that tickforge validate bus started ended by itself, so that its check counts as failed.",
    "The message says why, as that process told it; a system that kills processes for memory says so in its own log.",
    "failed",
  ],
];
