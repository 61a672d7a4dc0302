/** Holds a value against the declaration of its key. */
import { didYouMean } from "../../core/contract/errors.js";
import { said } from "../../core/contract/given.js";
import { type Key, type ListKey, type MapKey, type NumberKey, type ObjectKey, type SystemFile, systemKeys, type TextKey } from "./keys.js";
import type { Path, Source } from "./source.js";

/** Every key checked and every default filled in. */
export const checkKeys = (source: Source): SystemFile => checked(systemKeys, source.value, [], source) as SystemFile;

type Json = Readonly<Record<string, unknown>>;
const isRecord = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value);

const kinds: Readonly<Record<Exclude<Key["type"], "either">, (value: unknown) => boolean>> = {
  number: (value) => typeof value === "number",
  text: (value) => typeof value === "string",
  list: Array.isArray,
  false: (value) => value === false,
  flag: (value) => typeof value === "boolean",
  object: isRecord,
  map: isRecord,
  free: isRecord,
};

function checked(key: Key, value: unknown, path: Path, source: Source): unknown {
  const refuse = (hint?: string) =>
    source.error("E_SYSTEM_VALUE", path, `is ${saidOf(value)}, expected ${expectedOf(key)}`, { value, hint: hint ?? key.doc });
  if (key.type === "either") {
    const fitting = key.of.find((one) => one.type !== "either" && kinds[one.type](value));
    if (!fitting) throw refuse();
    return checked(fitting, value, path, source);
  }
  if (!kinds[key.type](value)) throw refuse();
  switch (key.type) {
    case "number":
      if (!fitsNumber(key, value as number)) throw refuse();
      return value;
    case "text": {
      if (fitsText(key, value as string)) return value;
      const near = key.values && didYouMean(value as string, key.values);
      throw refuse(near && `did you mean ${near}?`);
    }
    case "list":
      return listOf(key, value as unknown[], path, source);
    case "object":
      return objectOf(key, value as Json, path, source);
    case "map":
      return mapOf(key, value as Json, path, source);
    default:
      return value;
  }
}

function listOf(key: ListKey, value: readonly unknown[], path: Path, source: Source): unknown {
  if (value.length === 0) throw source.error("E_SYSTEM_VALUE", path, `is empty, expected ${expectedOf(key)}`, { value, hint: key.doc });
  const seen = new Map<unknown, number>();
  for (const [i, one] of value.entries()) {
    checked(key.of, one, [...path, i], source);
    const before = seen.get(one);
    if (before !== undefined)
      throw source.error("E_SYSTEM_VALUE", [...path, i], `'${one}' is listed twice, first as number ${before}`, {
        value: one,
        hint: "remove one",
      });
    seen.set(one, i);
  }
  return value;
}

function objectOf({ keys }: ObjectKey, value: Json, path: Path, source: Source): unknown {
  const names = Object.keys(keys);
  for (const name of Object.keys(value)) {
    if (Object.hasOwn(keys, name)) continue;
    const near = didYouMean(name, names);
    throw source.error("E_SYSTEM_KEY", [...path, name], "there is no such key", {
      ...{ value: value[name], of: "key" },
      hint: near ? `did you mean ${near}?` : `keys are ${names.join(", ")}`,
    });
  }
  const entries = Object.entries(keys).flatMap(([name, key]): [string, unknown][] => {
    const given = Object.hasOwn(value, name) ? value[name] : undefined;
    if (given !== undefined) return [[name, checked(key, given, [...path, name], source)]];
    if (key.needed)
      throw source.error("E_SYSTEM_MISSING", [...path, name], `the key is missing: ${key.doc}`, { hint: `give it as ${expectedOf(key)}` });
    if (key.type === "object" && key.filled) return [[name, objectOf(key, {}, [...path, name], source)]];
    return "default" in key ? [[name, key.default]] : [];
  });
  return Object.fromEntries(entries);
}

function mapOf(key: MapKey, value: Json, path: Path, source: Source): unknown {
  const entries = Object.entries(value);
  if (entries.length < (key.least ?? 0))
    throw source.error("E_SYSTEM_VALUE", path, `is empty, expected ${expectedOf(key)}`, { value, hint: key.doc });
  return Object.fromEntries(
    entries.map(([name, one]) => {
      if (!fitsText(key.names, name)) {
        const what = `'${name.slice(0, 40)}' is no ${key.names.doc}`;
        throw source.error("E_SYSTEM_NAME", [...path, name], what, { value: name, of: "key", hint: `names are ${expectedOf(key.names)}` });
      }
      return [name, checked(key.of, one, [...path, name], source)];
    }),
  );
}

const fitsNumber = (key: NumberKey, value: number): boolean =>
  Number.isFinite(value) &&
  (!key.integer || Number.isInteger(value)) &&
  value >= (key.min ?? -Infinity) &&
  value > (key.above ?? -Infinity) &&
  value <= (key.max ?? Infinity) &&
  (!key.powerOfTwo || Number.isInteger(Math.log2(value)));
const fitsText = ({ values, pattern, longest = Infinity }: TextKey, value: string): boolean =>
  value !== "" &&
  [...value].length <= longest &&
  (values?.includes(value) ?? true) &&
  (!pattern || new RegExp(pattern[0], "u").test(value));

function saidOf(value: unknown): string {
  if (typeof value === "string") return value === "" ? "an empty text" : `'${value.slice(0, 40)}${value.length > 40 ? "..." : ""}'`;
  if (Array.isArray(value)) return "a list";
  return isRecord(value) ? "an object" : value === null || typeof value === "boolean" ? String(value) : said(value);
}

/** What a key takes, as part of a sentence. */
export function expectedOf(key: Key): string {
  switch (key.type) {
    case "number": {
      const kind = key.powerOfTwo ? "a power of two" : key.integer ? "a whole number" : "a number";
      const low = key.above === undefined ? (key.min === undefined ? "" : ` from ${key.min}`) : ` above ${key.above}`;
      return `${kind}${low}${key.max === undefined ? "" : ` to ${key.max}`}`;
    }
    case "text": {
      const of = key.values ? `one of ${key.values.join(", ")}` : key.pattern ? key.pattern[1] : "a text";
      return key.longest === undefined ? of : `${of} (at most ${key.longest} characters)`;
    }
    case "list":
      return `a list of texts, each ${expectedOf(key.of)}`;
    case "false":
      return "false";
    case "flag":
      return "true or false";
    case "either":
      return key.of.map(expectedOf).join("; or ");
    case "object":
      return `an object with ${Object.keys(key.keys).join(", ")}`;
    case "map":
      return `an object with ${key.least ? `at least ${key.least === 1 ? "one" : key.least}` : "any"} ${key.each}`;
    default:
      return "an object";
  }
}
