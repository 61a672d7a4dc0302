/** How messages of a venue become rows: declared by a venue, carried to the kernel as bytes, read there by both its forms. */
import { latin } from "../kernels/line.js";

/**
 * Where a value is: a key of an object or a place of an array, from the end where negative; `^` before it: of the message, where the
 * record is a part of it.
 */
export type Key = string;
/** How a venue writes its times: counts since 1970, which may have decimals, or dates with a zone. */
export const timeForms = ["s", "ms", "us", "ns", "iso"] as const;
export interface TimeAt {
  readonly at: Key;
  readonly form: (typeof timeForms)[number];
}
/** The words for +1 and -1, letter for letter. Where the venue names the maker's side they stand the other way round. */
export interface SideAt {
  readonly at: Key;
  readonly up: string;
  readonly down: string;
}

interface Rule {
  /** What the message must have: the text of a key (a `*` at its end: any that begins so), true: the key at all, false: no such key. */
  readonly when: Readonly<Record<Key, string | boolean>>;
  /**
   * Where the records are: keys with points between that lead to an array; `*` as the last of them: the first array in that object;
   * `{}` and `[]`: all objects, or arrays, in the message's array; "": the message is an array of them. Without it the message is the record.
   */
  readonly each?: string;
  /** Without it the instrument is the one that was asked about. */
  readonly symbol?: Key;
  readonly time?: TimeAt;
  /** Bits of `rowState` that all rows of it have. */
  readonly state?: number;
}
export interface TradeRule extends Rule {
  readonly rows: "trade";
  readonly price: Key;
  readonly size: Key;
  readonly side: SideAt;
  readonly id?: Key;
  /** Prints with one of these words are no trades of the market. */
  readonly drop?: { readonly at: Key; readonly words: readonly string[] };
}
export interface QuoteRule extends Rule {
  readonly rows: "quote";
  readonly bid: Key;
  readonly ask: Key;
  readonly bidSize?: Key;
  readonly askSize?: Key;
  readonly id?: Key;
}
/** An array of levels: each an array, or an object. */
export interface LevelsAt {
  readonly at: Key;
  /** +1: bids, -1: asks; or each level says. */
  readonly side: 1 | -1 | SideAt;
  readonly price: Key;
  readonly size: Key;
  readonly time?: TimeAt;
  /** The message is the whole book. */
  readonly snapshot?: true;
  /** A message may have only others of its rule. */
  readonly optional?: true;
}
export interface DepthRule extends Rule {
  readonly rows: "depth";
  readonly levels: readonly LevelsAt[];
  readonly first?: Key;
  readonly id?: Key;
  readonly previous?: Key;
  readonly checksum?: Key;
}
export type MessageRule = TradeRule | QuoteRule | DepthRule;

/** In the order of their numbers; the same as in native/kernels/files/frame_rules.h. */
export const frameRoles = [
  "symbol",
  "time",
  "price",
  "size",
  "side",
  "id",
  "ask",
  "askSize",
  "first",
  "previous",
  "checksum",
  "drop",
  "levels",
] as const;
export type FrameRole = (typeof frameRoles)[number];
const roleOf = (role: FrameRole): number => frameRoles.indexOf(role);
export const rowsOf = ["trade", "quote", "depth"] as const;

/** What an item says: [what][length][bytes], one after the other; the same as in native/kernels/files/frame_rules.h. */
const item = {
  rule: 1,
  text: 2,
  prefix: 3,
  present: 4,
  absent: 5,
  each: 6,
  state: 7,
  form: 8,
  up: 9,
  down: 10,
  word: 11,
  levels: 12,
  envelope: 13,
  role: 32,
};
const mostBytes = 255;
/** What the native form has room for. */
const most = { rules: 16, conditions: 4, words: 8, levels: 4 };

const side = { either: 0, bid: 1, ask: 2 } as const;
const flag = { snapshot: 1, optional: 2 } as const;

export function encodeRules(rules: readonly MessageRule[], envelope?: string): Uint8Array {
  const bytes: number[] = [];
  const put = (what: number, text: string | readonly number[]) => {
    const data = typeof text === "string" ? [...Buffer.from(text, "utf8")] : text;
    if (data.length > mostBytes) throw new RangeError(`a rule has a text of ${data.length} bytes, ${mostBytes} are read`);
    bytes.push(what, data.length, ...data);
  };
  const at = (role: FrameRole, key: Key | undefined) => key !== undefined && put(item.role + roleOf(role), key);
  const time = (of: TimeAt | undefined) => {
    if (of === undefined) return;
    at("time", of.at);
    put(item.form, [timeForms.indexOf(of.form)]);
  };
  const words = (of: SideAt) => {
    at("side", of.at);
    put(item.up, of.up);
    put(item.down, of.down);
  };
  if (envelope !== undefined) put(item.envelope, envelope);
  if (rules.length > most.rules) throw new RangeError(`${rules.length} rules, ${most.rules} are read`);
  for (const rule of rules) {
    put(item.rule, [rowsOf.indexOf(rule.rows)]);
    const conditions = Object.entries(rule.when);
    if (conditions.length > most.conditions)
      throw new RangeError(`a rule has ${conditions.length} conditions, ${most.conditions} are read`);
    for (const [key, wanted] of conditions) {
      if (typeof wanted === "boolean") put(wanted ? item.present : item.absent, key);
      else if (wanted.endsWith("*")) put(item.prefix, `${key}\0${wanted.slice(0, -1)}`);
      else put(item.text, `${key}\0${wanted}`);
    }
    if (rule.each !== undefined) put(item.each, rule.each);
    if (rule.state !== undefined) put(item.state, [rule.state]);
    at("symbol", rule.symbol);
    time(rule.time);
    if (rule.rows === "trade") {
      at("price", rule.price);
      at("size", rule.size);
      words(rule.side);
      at("id", rule.id);
      at("drop", rule.drop?.at);
      if ((rule.drop?.words.length ?? 0) > most.words)
        throw new RangeError(`a rule drops ${rule.drop!.words.length} words, ${most.words} are read`);
      for (const word of rule.drop?.words ?? []) put(item.word, word);
    } else if (rule.rows === "quote") {
      at("price", rule.bid);
      at("size", rule.bidSize);
      at("ask", rule.ask);
      at("askSize", rule.askSize);
      at("id", rule.id);
    } else {
      for (const role of ["first", "id", "previous", "checksum"] as const) at(role, rule[role]);
      if (rule.levels.length > most.levels)
        throw new RangeError(`a rule has ${rule.levels.length} lists of levels, ${most.levels} are read`);
      for (const levels of rule.levels) {
        const bits = (levels.snapshot ? flag.snapshot : 0) | (levels.optional ? flag.optional : 0);
        put(item.levels, [levels.side === 1 ? side.bid : levels.side === -1 ? side.ask : side.either, bits]);
        at("levels", levels.at);
        at("price", levels.price);
        at("size", levels.size);
        time(levels.time);
        if (typeof levels.side === "object") words(levels.side);
      }
    }
  }
  return Uint8Array.from(bytes);
}

/** A rule, or a list of levels in one, as its items say. */
export interface ReadLevels {
  keys: Partial<Record<FrameRole, Key>>;
  form: (typeof timeForms)[number];
  up: string;
  down: string;
  fixed: number;
  snapshot: boolean;
  optional: boolean;
}
export interface ReadRule extends Omit<ReadLevels, "fixed" | "snapshot" | "optional"> {
  rows: (typeof rowsOf)[number];
  when: { key: Key; text: string; how: "text" | "prefix" | "present" | "absent" }[];
  each: string | undefined;
  state: number;
  drop: string[];
  levels: ReadLevels[];
}

export function readRules(bytes: Uint8Array): { rules: ReadRule[]; envelope: string | undefined } {
  const rules: ReadRule[] = [];
  let envelope: string | undefined;
  const empty = () => ({ keys: {}, form: timeForms[0], up: "", down: "" });
  for (let at = 0; at + 2 <= bytes.length && at + 2 + bytes[at + 1]! <= bytes.length; at += 2 + bytes[at + 1]!) {
    const what = bytes[at]!;
    const data = bytes.subarray(at + 2, at + 2 + bytes[at + 1]!);
    const text = latin(data);
    const [key, value] = text.split("\0") as [string, string?];
    const rule = rules.at(-1);
    if (what === item.envelope) envelope = text;
    else if (what === item.rule)
      rules.push({ ...empty(), rows: rowsOf[data[0]!]!, when: [], each: undefined, state: 0, drop: [], levels: [] });
    else if (!rule) continue;
    else if (what === item.text) rule.when.push({ key, text: value ?? "", how: "text" });
    else if (what === item.prefix) rule.when.push({ key, text: value ?? "", how: "prefix" });
    else if (what === item.present) rule.when.push({ key, text: "", how: "present" });
    else if (what === item.absent) rule.when.push({ key, text: "", how: "absent" });
    else if (what === item.each) rule.each = text;
    else if (what === item.state) rule.state = data[0]!;
    else if (what === item.word) rule.drop.push(text);
    else if (what === item.levels) {
      const fixed = data[0] === side.bid ? 1 : data[0] === side.ask ? -1 : 0;
      rule.levels.push({ ...empty(), fixed, snapshot: (data[1]! & flag.snapshot) !== 0, optional: (data[1]! & flag.optional) !== 0 });
    } else {
      const of = rule.levels.at(-1) ?? rule;
      if (what === item.form) of.form = timeForms[data[0]!]!;
      else if (what === item.up) of.up = text;
      else if (what === item.down) of.down = text;
      else if (what >= item.role) of.keys[frameRoles[what - item.role]!] = text;
    }
  }
  return { rules, envelope };
}
