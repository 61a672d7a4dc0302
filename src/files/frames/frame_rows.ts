/** One frame of a venue -> rows, or why not: the readable form of native/kernels/files/feed_frames.cc. */

import { readTime } from "../kernels/line_time.js";
import { type Refusal, refusalNumber } from "../kernels/refusals.js";
import { plainly, plainText } from "../kernels/written.js";
import { type FrameRole, frameRoles, type ReadLevels, type ReadRule } from "./frame_rules.js";

/** `dropped`: a print that is no trade of the market, told for its id. `notice`: the frame fits no rule. `refused`: it fits one, and has no rows. */
export const rowKinds = { trade: 0, quote: 1, depth: 2, dropped: 3, notice: 4, refused: 5 } as const;

/** Bits of `state`. */
export const rowState = {
  /** First and last row of a message: a book is changed by a message whole. */
  first: 1,
  last: 2,
  /** Depth: the message is the whole book. Trades: they were before the subscription, and may be known already. */
  snapshot: 4,
  /** The message has no time of the exchange, or none that can be: `time` is that of receipt. */
  untimed: 8,
  /** It had one, which is years off; always with `untimed`. */
  clock: 16,
  /** Of several fills of one order. */
  aggregate: 32,
  /** `checksum` holds one, of the book after this message. */
  checksum: 64,
  /** A change of the book without a level: it counts in the order of messages alone; its price is NaN. */
  empty: 128,
} as const;

export const noInstrument = 2 ** 32 - 1;
/** Deepest nesting, and most keys of a message, that are read. */
export const deepestFrame = 32;
export const mostKeys = 64;
const mostDigits = 255;
const largest = 2n ** 63n - 1n;

export interface FrameRow {
  kind: number;
  state: number;
  side: number;
  priceDigits: number;
  sizeDigits: number;
  instrument: number;
  checksum: number;
  time: bigint;
  id: bigint;
  first: bigint;
  previous: bigint;
  price: number;
  size: number;
  ask: number;
  askSize: number;
}
const nothing = { side: 0, priceDigits: 0, sizeDigits: 0, checksum: 0, id: -1n, first: -1n, previous: -1n };
const noNumbers = { price: Number.NaN, size: Number.NaN, ask: Number.NaN, askSize: Number.NaN };

export interface FrameContext {
  rules: readonly ReadRule[];
  envelope: string | undefined;
  instrumentOf(symbol: string): number | undefined;
  received: bigint;
  /** Instrument that was asked about; -1: none. */
  about: number;
  /** Times of the exchange that are further ahead, or behind, are not believed; ns. */
  ahead: bigint;
  behind: bigint;
}

/** Scalars are their text, true and false too; a string with a backslash has `escaped` in it. */
type Value = string | null | Value[] | { [key: string]: Value };
const escaped = "\u0001";

/** Numbers as they were written: JSON.parse would make doubles of them, and forget their digits. */
function parse(text: string): Value | undefined {
  try {
    JSON.parse(text);
  } catch {
    return undefined;
  }
  const token = /"(?:[^"\\]|\\.)*"|-?\d[-+.0-9eE]*|true|false/g;
  const value = JSON.parse(text.replace(token, (t) => (t[0] === '"' ? t.replace(/\\./g, "\\u0001") : `"${t}"`))) as Value;
  return depthOf(text.replace(token, "")) > deepestFrame ? undefined : value;
}
function depthOf(brackets: string): number {
  let [depth, most] = [0, 0];
  for (const c of brackets) {
    if ("{[".includes(c)) most = Math.max(most, ++depth);
    if ("}]".includes(c)) depth--;
  }
  return most;
}

const isObject = (value: Value | undefined): value is { [key: string]: Value } =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** An object with more than `mostKeys` has none that are known; of a longer array the first are. */
function lookUp(of: Value, key: string): Value | undefined {
  if (Array.isArray(of)) {
    const given = /^-?\d{1,3}$/.test(key) ? Number(key) : Number.NaN;
    const place = given < 0 ? of.length + given : given;
    return of.length > mostKeys && place >= mostKeys - 1 ? undefined : of[place];
  }
  return isObject(of) && Object.keys(of).length <= mostKeys && Object.hasOwn(of, key) ? of[key] : undefined;
}

class Wrong extends Error {
  constructor(
    readonly code: Refusal,
    readonly role: FrameRole,
    public instrument = noInstrument,
  ) {
    super();
  }
}

/** The values of a record, by their role. */
class Fields {
  constructor(
    private readonly keys: ReadRule["keys"],
    private readonly record: Value,
    private readonly message: Value,
  ) {}

  has(role: FrameRole): boolean {
    return this.keys[role] !== undefined;
  }
  at(role: FrameRole): Value | undefined {
    const key = this.keys[role];
    if (key === undefined) return undefined;
    return key.startsWith("^") ? lookUp(this.message, key.slice(1)) : lookUp(this.record, key);
  }
  text(role: FrameRole): string {
    const value = this.at(role);
    if (value === undefined || value === null || value === "") throw new Wrong("empty", role);
    if (typeof value !== "string") throw new Wrong("number", role);
    if (value.includes(escaped)) throw new Wrong("escape", role);
    return value;
  }
  /** And how many decimals it was written with. */
  number(role: FrameRole): { value: number; digits: number } {
    const text = this.text(role);
    if (plainText(text, plainly) === undefined) throw new Wrong("number", role);
    const value = Number(text);
    if (!Number.isFinite(value)) throw new Wrong("number_range", role);
    const [, decimals = "", power = "0"] = /^[^.e]*(?:\.(\d*))?(?:e(.*))?$/i.exec(text)!;
    return { value, digits: Math.min(mostDigits, Math.max(0, decimals.length - Number(power))) };
  }
  size(role: FrameRole): { value: number; digits: number } {
    const size = this.number(role);
    if (size.value < 0) throw new Wrong("size", role);
    return { ...size, value: size.value + 0 };
  }
  price(role: FrameRole): { value: number; digits: number } {
    const price = this.number(role);
    if (!(price.value > 0)) throw new Wrong("price", role);
    return price;
  }
  /** -1 where the venue has none. */
  id(role: FrameRole): bigint {
    if (!this.has(role)) return -1n;
    const text = this.text(role);
    if (!/^\d+$/.test(text)) throw new Wrong("number", role);
    if (BigInt(text) > largest) throw new Wrong("number_range", role);
    return BigInt(text);
  }
  side(up: string, down: string): number {
    const text = this.text("side");
    if (text !== up && text !== down) throw new Wrong("side", "side");
    return text === up ? 1 : -1;
  }
}

/** Rows of a frame, in order; one row that says so where it fits no rule, or one and is wrong. */
export function frameRows(text: string, context: FrameContext): FrameRow[] {
  const alone = (kind: number, wrong?: Wrong): FrameRow => ({
    ...nothing,
    ...noNumbers,
    kind,
    state: rowState.first | rowState.last,
    time: context.received,
    instrument: wrong?.instrument ?? noInstrument,
    ...(wrong && { id: BigInt(refusalNumber(wrong.code)), previous: BigInt(frameRoles.indexOf(wrong.role)) }),
  });
  const root = parse(text);
  if (root === undefined || typeof root !== "object" || root === null) return [alone(rowKinds.refused, new Wrong("json", "symbol"))];
  const inside = context.envelope === undefined || !isObject(root) ? undefined : lookUp(root, context.envelope);
  const message = isObject(inside) ? inside : root;
  const rule = context.rules.find((one) => fits(one, message));
  if (!rule) return [alone(rowKinds.notice)];
  try {
    const rows = recordsOf(rule, message).flatMap((record) => rowsOfRecord(rule, record, message, context));
    return rows.map((row, i) => ({
      ...row,
      state: row.state | (i === 0 ? rowState.first : 0) | (i === rows.length - 1 ? rowState.last : 0),
    }));
  } catch (error) {
    if (error instanceof Wrong) return [alone(rowKinds.refused, error)];
    throw error;
  }
}

function fits(rule: ReadRule, message: Value): boolean {
  return rule.when.every(({ key, text, how }) => {
    const value = lookUp(message, key);
    if (how === "present") return value !== undefined;
    if (how === "absent") return value === undefined;
    return typeof value === "string" && (how === "text" ? value === text : value.startsWith(text));
  });
}

function recordsOf(rule: ReadRule, message: Value): Value[] {
  if (rule.each === undefined) return [message];
  if (rule.each === "{}" || rule.each === "[]") {
    if (!Array.isArray(message) || message.length > mostKeys) throw new Wrong("empty", "levels");
    return message.filter(rule.each === "{}" ? isObject : Array.isArray);
  }
  let list: Value | undefined = message;
  for (const key of rule.each === "" ? [] : rule.each.split("."))
    list =
      key === "*" ? (isObject(list) ? Object.values(list).slice(0, mostKeys).find(Array.isArray) : undefined) : lookUp(list ?? null, key);
  if (!Array.isArray(list)) throw new Wrong("empty", "levels");
  return list;
}

function rowsOfRecord(rule: ReadRule, record: Value, message: Value, context: FrameContext): FrameRow[] {
  if (typeof record !== "object" || record === null) throw new Wrong("json", "levels");
  const fields = new Fields(rule.keys, record, message);
  const instrument = instrumentOf(fields, context);
  try {
    const rows = { trade: tradeRow, quote: quoteRow, depth: depthRows }[rule.rows](rule, fields, record, message, context);
    return rows.map((row) => ({ ...row, instrument, state: row.state | rule.state }));
  } catch (error) {
    if (error instanceof Wrong) error.instrument = instrument;
    throw error;
  }
}

function instrumentOf(fields: Fields, { about, instrumentOf: find }: FrameContext): number {
  if (fields.has("symbol")) {
    const found = find(fields.text("symbol"));
    if (found === undefined) throw new Wrong("symbol", "symbol");
    return found;
  }
  if (about < 0) throw new Wrong("empty", "symbol");
  return about;
}

/** The time of the exchange, where there is one that can be; and what `state` says of it. */
function timeOf(fields: Fields, form: ReadRule["form"], { received, ahead, behind }: FrameContext): { time: bigint; state: number } {
  const untimed = { time: received, state: rowState.untimed };
  if (!fields.has("time") || (fields.at("time") ?? null) === null) return untimed;
  const time = readTime(fields.text("time"), undefined, { timeFormat: form, day: 0, zone: undefined });
  const off = { time: received, state: rowState.untimed | rowState.clock };
  if (time === "time_range") return off;
  if (typeof time === "string") throw new Wrong(time, "time");
  return time - received > ahead || received - time > behind ? off : { time, state: 0 };
}

type Row = Omit<FrameRow, "instrument">;

function tradeRow(rule: ReadRule, fields: Fields, _record: Value, _message: Value, context: FrameContext): Row[] {
  const id = fields.id("id");
  const when = timeOf(fields, rule.form, context);
  if (fields.has("drop") && rule.drop.includes(fields.text("drop")))
    return [{ ...nothing, ...noNumbers, ...when, kind: rowKinds.dropped, id }];
  const price = fields.price("price");
  const size = fields.size("size");
  const side = fields.side(rule.up, rule.down);
  const digits = { priceDigits: price.digits, sizeDigits: size.digits };
  return [{ ...nothing, ...noNumbers, ...when, ...digits, kind: rowKinds.trade, id, price: price.value, size: size.value, side }];
}

/** NaN where nobody bids or asks: null, or a price of 0. */
function quoteSide(fields: Fields, price: FrameRole, size: FrameRole): { price: number; size: number; digits: number } {
  const none = { price: Number.NaN, size: Number.NaN, digits: 0 };
  if (fields.at(price) === null) return none;
  const { value, digits } = fields.number(price);
  if (value < 0) throw new Wrong("price", price);
  const known = fields.has(size) && (fields.at(size) ?? null) !== null;
  const amount = known ? fields.size(size).value : Number.NaN;
  return value === 0 ? none : { price: value, size: amount, digits };
}

function quoteRow(rule: ReadRule, fields: Fields, _record: Value, _message: Value, context: FrameContext): Row[] {
  const id = fields.id("id");
  const when = timeOf(fields, rule.form, context);
  const bid = quoteSide(fields, "price", "size");
  const ask = quoteSide(fields, "ask", "askSize");
  const numbers = { price: bid.price, size: bid.size, ask: ask.price, askSize: ask.size, priceDigits: Math.max(bid.digits, ask.digits) };
  return [{ ...nothing, ...when, ...numbers, kind: rowKinds.quote, id }];
}

function depthRows(rule: ReadRule, fields: Fields, record: Value, message: Value, context: FrameContext): Row[] {
  const ids = { first: fields.id("first"), id: fields.id("id"), previous: fields.id("previous") };
  const when = timeOf(fields, rule.form, context);
  const rows: Row[] = [];
  let lists = 0;
  let whole = 0;
  for (const levels of rule.levels) {
    const list = lookUp(record, levels.keys.levels!);
    if (list === undefined && levels.optional) continue;
    if (!Array.isArray(list)) throw new Wrong("empty", "levels");
    lists++;
    if (levels.snapshot) whole = rowState.snapshot;
    for (const level of list) rows.push({ ...levelRow(levels, level, message, when, context), ...ids });
  }
  if (lists === 0) throw new Wrong("empty", "levels");
  const none = { ...nothing, ...noNumbers, ...when, ...ids, kind: rowKinds.depth, state: when.state | rowState.empty | whole };
  if (rows.length === 0) rows.push(none);
  if (fields.has("checksum") && fields.at("checksum") !== undefined) {
    const checksum = fields.id("checksum");
    if (checksum > 0xffff_ffffn) throw new Wrong("number_range", "checksum");
    const last = rows.at(-1)!;
    rows[rows.length - 1] = { ...last, checksum: Number(checksum), state: last.state | rowState.checksum };
  }
  return rows;
}

function levelRow(levels: ReadLevels, level: Value, message: Value, when: { time: bigint; state: number }, context: FrameContext): Row {
  if (typeof level !== "object" || level === null) throw new Wrong("json", "levels");
  const fields = new Fields(levels.keys, level, message);
  const side = levels.fixed !== 0 ? levels.fixed : fields.side(levels.up, levels.down);
  const price = fields.price("price");
  const size = fields.size("size");
  // A level may have stood for years.
  const own = fields.has("time") ? timeOf(fields, levels.form, { ...context, behind: largest }) : when;
  const digits = { priceDigits: price.digits, sizeDigits: size.digits };
  const state = own.state | (levels.snapshot ? rowState.snapshot : 0);
  return { ...nothing, ...noNumbers, ...digits, kind: rowKinds.depth, side, price: price.value, size: size.value, time: own.time, state };
}
