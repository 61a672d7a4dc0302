/** The keys of a system file, declared once: their check, the JSON schema and the page about them follow. */
import type { Care, PagePlace, Plan } from "./plan.js";

interface Common {
  readonly doc: string;
  readonly unit?: string;
  readonly needed?: true;
}
export interface NumberKey extends Common {
  readonly type: "number";
  readonly integer?: true;
  readonly powerOfTwo?: true;
  readonly min?: number;
  readonly above?: number;
  readonly max?: number;
  readonly default?: number;
}
export interface TextKey extends Common {
  readonly type: "text";
  readonly values?: readonly string[];
  /** Regular expression with the flag u, and what it asks for in words. */
  readonly pattern?: readonly [expression: string, words: string];
  readonly longest?: number;
  readonly default?: string;
}
/** Texts, none of them twice. */
export interface ListKey extends Common {
  readonly type: "list";
  readonly of: TextKey;
}
export interface FalseKey extends Common {
  readonly type: "false";
}
export interface FlagKey extends Common {
  readonly type: "flag";
  readonly default?: boolean;
}
export interface ObjectKey extends Common {
  readonly type: "object";
  readonly keys: Readonly<Record<string, Key>>;
  /** Left out, it is as `{}`: the defaults of its keys hold. */
  readonly filled?: true;
}
/** An object whose names are the user's. */
export interface MapKey extends Common {
  readonly type: "map";
  /** What stands for a name in the documentation. */
  readonly each: string;
  readonly names: TextKey;
  readonly of: Key;
  readonly least?: number;
}
/** Told apart by the kind of JSON value, so no two of one kind. */
export interface EitherKey extends Common {
  readonly type: "either";
  readonly of: readonly Key[];
  readonly default?: string;
}
/** An object that is checked elsewhere. */
export interface FreeKey extends Common {
  readonly type: "free";
}
export type Key = NumberKey | TextKey | ListKey | FalseKey | FlagKey | ObjectKey | MapKey | EitherKey | FreeKey;

const text = (doc: string, more: Partial<TextKey> = {}): TextKey => ({ type: "text", doc, ...more });
const whole = (doc: string, unit: string, min: number, max: number, fallback?: number): NumberKey => {
  const base = { type: "number", integer: true, doc, unit, min, max } as const;
  return fallback === undefined ? base : { ...base, default: fallback };
};
const namePattern = ["^[A-Za-z][A-Za-z0-9_-]*$", "letters, digits, _ and -, a letter first"] as const;
const name = (doc: string, more: Partial<TextKey> = {}) => text(doc, { pattern: namePattern, longest: 60, ...more });
const topicName = (doc: string) =>
  text(doc, { pattern: ["^[A-Za-z][A-Za-z0-9_.:/-]*$", "letters, digits, _ . : / and -, a letter first"], longest: 80 });
const port = text("a port that the engine has", { longest: 80 });
const path = (doc: string) => text(doc, { pattern: ["^[^\\u0000]+$", "a path"], longest: 4000 });

const care: Readonly<Record<keyof Care, Key>> = {
  limit: whole("restarts allowed within `withinSeconds`; one more and the engine is held", "restarts", 0, 1_000_000, 5),
  withinSeconds: { type: "number", above: 0, max: 1e6, default: 60, unit: "s", doc: "time over which restarts are counted" },
  backoffMs: { type: "number", min: 0, max: 1e7, default: 100, unit: "ms", doc: "wait before the first restart; it doubles with each" },
  mostBackoffMs: { type: "number", min: 0, max: 1e7, default: 10_000, unit: "ms", doc: "longest wait before a restart" },
  onTrouble: text("what is done with an engine whose lag, memory, rate or silence is beyond its limits", {
    values: ["restart", "hold"],
    default: "restart",
  }),
  memoryMB: whole("heap and buffers of the engine's thread", "MB", 16, 1_000_000, 1024),
  rate: { type: "number", above: 0, max: 1e12, default: 1e9, unit: "rows/s", doc: "rows that the engine may give, over all its topics" },
  lagSeconds: {
    ...{ type: "number", above: 0, max: 1e6, default: 10, unit: "s" },
    doc: "time that the engine may spend in one call, or let rows lie without taking any",
  },
};

const engine: ObjectKey = {
  type: "object",
  doc: "an engine",
  keys: {
    engine: text("name in the table of engines; left out, the engine's own name is one of it", { longest: 60 }),
    module: path("instead of `engine`: a file, relative to this one, whose default export is made by defineEngine"),
    options: { type: "free", doc: "the engine's own options" },
    takes: {
      type: "map",
      each: "PORT",
      doc: "topics that it takes; left out, those of the names that the engine declares, where an engine gives them",
      names: port,
      of: {
        type: "either",
        doc: "the topic; several for a port that takes many; false: none, for a port that is optional",
        of: [
          topicName("name of a topic"),
          { type: "list", doc: "names of topics", of: topicName("name of a topic") },
          { type: "false", doc: "nothing is taken there" },
        ],
      },
    },
    gives: {
      type: "map",
      each: "PORT",
      doc: "topics that it gives; left out, as the engine declares them",
      names: port,
      of: {
        type: "either",
        doc: "the topic's name, or more about it; false: it is not given, for a port that is optional",
        of: [
          topicName("name of the topic"),
          { type: "false", doc: "the topic is not given" },
          {
            type: "object",
            doc: "more about the topic",
            keys: {
              topic: topicName("name of the topic"),
              rows: whole("rows that one slot can hold", "rows", 1, 2 ** 24),
              slots: { ...whole("slots in flight", "slots", 2, 2 ** 24), powerOfTwo: true },
              backpressure: text("full: `block` waits for the slowest, `evict` moves laggards on, and they see a gap", {
                values: ["block", "evict"],
              }),
            },
          },
        ],
      },
    },
    place: {
      type: "either",
      default: "thread",
      doc: "`thread` of the system's process, `process` of its own, or another host, where it is a thread",
      of: [
        text("where it runs on its host", { values: ["thread", "process"] }),
        { type: "object", doc: "on another host", keys: { host: name("name of the host", { needed: true }) } },
      ],
    },
    group: name("engines of one group share a thread or process"),
    spin: whole("time that its thread looks for more before it sleeps", "us", 0, 1_000_000, 0),
    care: { type: "object", doc: "how it is held up, and when it is given up", keys: care, filled: true },
  },
};

const page: EitherKey = {
  type: "either",
  doc: "its page in a browser, as `tickforge up` serves it; false: none",
  of: [
    { type: "false", doc: "there is no page" },
    {
      type: "object",
      doc: "where the page is, and who may open it",
      keys: {
        port: {
          ...{ type: "number", integer: true, min: 0, max: 65_535 },
          doc: "port of the page; left out, 8600 or the next that is free",
        },
        host: text("address that it listens on; any but this machine's own needs `tokenFrom`", {
          ...{ pattern: ["^[A-Za-z0-9.:_-]+$", "an address such as 127.0.0.1, or a name of this machine"], longest: 255 },
          default: "127.0.0.1",
        }),
        tokenFrom: text("environment variable that holds the token; the token itself stands in no file", {
          ...{ pattern: ["^[A-Za-z_][A-Za-z0-9_]*$", "the name of an environment variable"], longest: 200 },
        }),
        control: { type: "flag", doc: "whoever has the token may acknowledge alarms for all; needs `tokenFrom`", default: false },
      },
    },
  ],
};

export const systemKeys: ObjectKey = {
  type: "object",
  doc: "Engines, their wires, and where they run.",
  keys: {
    $schema: text("the schema that an editor completes this file with"),
    name: text("name of the system; left out, that of the file", {
      pattern: ["^[A-Za-z0-9][A-Za-z0-9_.-]*$", "letters, digits, _ . and -, a letter or digit first"],
      longest: 60,
    }),
    instruments: {
      type: "list",
      needed: true,
      doc: "names of the instruments; the position is the id in every topic",
      of: text("an instrument", { pattern: ["^\\S(.*\\S)?$", "a text without spaces at its ends"], longest: 64 }),
    },
    topology: text("one bus for all, or one for each kind of topic", { values: ["single", "dual", "triple"], default: "single" }),
    folder: path("where state, log and control lie, relative to this file; left out, a folder of the user's state directory"),
    host: name("host that engines live on that name none", { default: "main" }),
    redis: text("where topics cross from host to host", {
      pattern: ["^(rediss?://|/)\\S+$", "an address such as redis://127.0.0.1:6379, or the path of a socket"],
      longest: 1000,
    }),
    page,
    engines: {
      ...{ type: "map", each: "NAME", needed: true, least: 1 },
      doc: "the engines by their names in this system",
      names: name("name of an engine"),
      of: engine,
    },
  },
};

export type TakenWire = string | readonly string[] | false;
export type GivenWire = string | false | { topic?: string; rows?: number; slots?: number; backpressure?: "block" | "evict" };
export interface EngineEntry {
  readonly engine?: string;
  readonly module?: string;
  readonly options?: Readonly<Record<string, unknown>>;
  readonly takes?: Readonly<Record<string, TakenWire>>;
  readonly gives?: Readonly<Record<string, GivenWire>>;
  readonly place: "thread" | "process" | { readonly host: string };
  readonly group?: string;
  readonly spin: number;
  readonly care: Care;
}
/** A system file whose keys were checked, with defaults filled in. */
export interface SystemFile {
  readonly name?: string;
  readonly instruments: readonly string[];
  readonly topology: Plan["topology"];
  readonly folder?: string;
  readonly host: string;
  readonly redis?: string;
  readonly page?: PagePlace | false;
  readonly engines: Readonly<Record<string, EngineEntry>>;
}
