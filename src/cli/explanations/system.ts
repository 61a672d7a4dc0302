import type { Entry } from "./entry.js";

/** A wrong system file is wrong data, whichever command reads it; what lies in the machine or a user's module is a failure. */
export const system: readonly Entry[] = [
  ["E_SYSTEM_FILE", "The system file is not there or cannot be read.", "Check the path; without one the default system runs.", "failed"],
  ["E_SYSTEM_JSON", "The system file is no JSON.", "The message names line and column; comments and trailing commas are allowed."],
  [
    "E_SYSTEM_KEY",
    "A key of the system file is unknown, or is there twice.",
    "Write it as the message says; docs/system.md lists all keys.",
  ],
  ["E_SYSTEM_VALUE", "A value of the system file is of the wrong type or outside its range.", "The message says what is expected."],
  ["E_SYSTEM_MISSING", "A key that a system file needs is missing.", "Add it; docs/system.md lists all keys."],
  [
    "E_SYSTEM_NAME",
    "A name in the system file has other characters than names may have, or is another's but for its capitals.",
    "Rename it.",
  ],
  [
    "E_SYSTEM_ENGINE",
    "No engine of the table has this name, or its definition is not as it must be.",
    "Name one of the table, or a module.",
  ],
  [
    "E_SYSTEM_MODULE",
    "The module of an engine is not there, fails when it is loaded, or exports no engine.",
    "Run it with node; its default export is made by defineEngine.",
    "failed",
  ],
  ["E_SYSTEM_OPTION", "An engine refuses one of its options, or needs one more.", "The message names the option and what it takes."],
  ["E_SYSTEM_PORT", "An engine has no port of this name.", "The message lists its ports."],
  ["E_SYSTEM_TOPIC", "A topic is given by two engines, taken by too many, or cannot be laid out.", "Rename it, or change rows and slots."],
  ["E_SYSTEM_WIRE", "An engine takes a topic that no other engine gives.", "Name one of those that the message lists, or add its giver."],
  ["E_SYSTEM_COLUMNS", "A topic has not the columns that an engine needs of it.", "Take another topic; the message names both ends."],
  ["E_SYSTEM_GROUP", "Engines of one group cannot share a thread or process.", "Give them one place and one kind of loop, or two groups."],
  ["E_SYSTEM_HOST", "Engines live on several hosts without a Redis between them, or none lives on the host named.", "Add the key redis."],
  ["E_SYSTEM_RUNNERS", "More threads and processes would run than can meet on a bus.", "Put engines together with the key group."],
  ["E_SYSTEM_SPACE", "Rings or states take more than the machine has free.", "Fewer rows or slots, or another folder.", "failed"],
];
