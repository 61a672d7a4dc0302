/** What a client may say, and what it is told where it said something else. */
import type { Topic } from "../bus/bus.js";
import { didYouMean, TickforgeError } from "../core/contract/errors.js";

export type Format = "json" | "binary" | "events";
export interface Ask {
  readonly topic: string;
  /** By their symbols; undefined: all. */
  readonly instruments: readonly string[] | undefined;
  readonly format: Format;
  /** Whether the last rows that are known come first. */
  readonly last: boolean;
}
export type Message = { readonly subscribe: Ask } | { readonly unsubscribe: string };

const keys = ["subscribe", "unsubscribe", "instruments", "format", "last"];
const wrong = (what: string, hint: string, value?: unknown) => new TickforgeError("E_GATEWAY_MESSAGE", what, { value, hint });
const shortened = (value: unknown): string => {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 60)}...` : text;
};

/** A message of a client, checked for its form; topics and instruments are looked up by whoever has them. */
export function read(text: string): Message {
  let given: Record<string, unknown>;
  try {
    given = JSON.parse(text);
  } catch {
    throw wrong(`this is no JSON: ${shortened(text)}`, 'send such as {"subscribe":"toxicity"}');
  }
  if (typeof given !== "object" || given === null || Array.isArray(given))
    throw wrong(`a message is an object, this is ${shortened(given)}`, 'send such as {"subscribe":"toxicity"}');
  for (const key of Object.keys(given)) {
    if (keys.includes(key)) continue;
    const near = didYouMean(key, keys);
    throw wrong(`a message has no '${key.slice(0, 40)}'`, near ? `did you mean ${near}?` : `there are ${keys.join(", ")}`);
  }
  const { subscribe, unsubscribe, instruments, format = "json", last = true } = given;
  if (unsubscribe !== undefined && subscribe === undefined) return { unsubscribe: nameOf("unsubscribe", unsubscribe) };
  if (unsubscribe !== undefined) throw wrong("a message subscribes or unsubscribes, this does both", "send two messages");
  if (subscribe === undefined) throw wrong("a message says neither subscribe nor unsubscribe", 'send such as {"subscribe":"toxicity"}');
  if (format !== "json" && format !== "binary") throw wrong(`format is ${shortened(format)}`, "json or binary");
  if (typeof last !== "boolean") throw wrong(`last is ${shortened(last)}`, "true or false");
  const texts = Array.isArray(instruments) && instruments.length > 0 && instruments.every((one) => typeof one === "string");
  if (instruments !== undefined && !texts)
    throw wrong(`instruments is ${shortened(instruments)}`, 'a list of names, such as ["ALPHA"]; leave it out for all');
  return { subscribe: { topic: nameOf("subscribe", subscribe), instruments: instruments as string[] | undefined, format, last } };
}
function nameOf(key: string, value: unknown): string {
  if (typeof value === "string") return value;
  throw wrong(`${key} is ${shortened(value)}`, "the name of a topic");
}

const some = (names: readonly string[]): string =>
  names.length > 12 ? `${names.slice(0, 12).join(", ")} and ${names.length - 12} more` : names.join(", ");
/** That something is not there, with the nearest name of what is. */
export function missing(
  code: "E_GATEWAY_TOPIC" | "E_GATEWAY_INSTRUMENT",
  what: string,
  name: string,
  names: readonly string[],
): TickforgeError {
  const near = didYouMean(name.slice(0, 60), names);
  const there = names.length === 0 ? "there are none" : `there are ${some(names)}`;
  return new TickforgeError(code, `${what} '${name.slice(0, 60)}'`, {
    value: name,
    hint: near ? `did you mean ${near}? ${there}` : there,
  });
}

/** An error as clients get it. */
export function told(error: unknown): { error: { code: string; message: string; hint?: string } } {
  const known = error instanceof TickforgeError;
  const { code, hint } = known ? error : { code: "E_GATEWAY_MESSAGE", hint: undefined };
  return { error: { code, message: (error as Error).message, ...(hint === undefined ? {} : { hint }) } };
}

/** A topic's columns in the order of its frame. */
export const columnsOf = (topic: Topic): { name: string; dtype: string; width: number }[] =>
  Object.entries(topic.columns).map(([name, { dtype, width = 1 }]) => ({ name, dtype, width }));
