/** The keys of a system file as a JSON Schema, and as the rows of a table. */
import type { AnyEngine } from "../kit/engine.js";
import { type EngineOption, type EngineOptions, expected } from "../kit/options.js";
import { engines as table } from "../table/engines.js";
import { expectedOf } from "./check_keys.js";
import { type EitherKey, type Key, type MapKey, type NumberKey, type ObjectKey, systemKeys, type TextKey } from "./keys.js";

type Schema = Readonly<Record<string, unknown>>;

/** JSON Schema 2020-12 of a system file; wires and what they must fit are beyond it. */
export function systemSchema(): object {
  const root = schemaOf(systemKeys);
  const properties = root.properties as Record<string, Schema>;
  const { additionalProperties: engine, ...engines } = properties.engines as { additionalProperties: Schema };
  const names = Object.keys(table);
  const optionsOf = (name: string) => ({
    properties: { options: { $ref: `#/$defs/options_${name}` } },
    ...(needsOptions(table[name]!) && { required: ["options"] }),
  });
  const named = { anyOf: [{ required: ["engine"] }, { required: ["module"] }] };
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "A system of tickforge",
    ...root,
    properties: {
      ...properties,
      engines: {
        ...engines,
        properties: Object.fromEntries(names.map((name) => [name, { $ref: "#/$defs/engine", ...where({ not: named }, optionsOf(name)) }])),
        additionalProperties: { $ref: "#/$defs/engine", ...named },
      },
    },
    $defs: {
      engine: engineSchema(engine, names, optionsOf),
      ...Object.fromEntries(
        names.map((name) => [`options_${name}`, { description: table[name]!.doc, ...optionsSchema(table[name]!.options) }]),
      ),
    },
  };
}

const where = (condition: Schema, holds: Schema): Schema =>
  // biome-ignore lint/suspicious/noThenProperty: the word of JSON Schema
  ({ if: condition, then: holds });

function engineSchema(engine: Schema, names: readonly string[], optionsOf: (name: string) => Schema): Schema {
  const properties = engine.properties as Record<string, Schema>;
  return {
    ...engine,
    properties: { ...properties, engine: { ...properties.engine, enum: names } },
    not: { required: ["engine", "module"] },
    allOf: names.map((name) => where({ properties: { engine: { const: name } }, required: ["engine"] }, optionsOf(name))),
  };
}

function schemaOf(key: Key): Schema {
  const description = key.doc + ("unit" in key && key.unit !== undefined ? ` (${key.unit})` : "");
  return { description, ...shapeOf(key), ...("default" in key && { default: key.default }) };
}

function shapeOf(key: Key): Schema {
  switch (key.type) {
    case "number":
      return numberSchema(key);
    case "text":
      return textSchema(key);
    case "list":
      return { type: "array", items: schemaOf(key.of), minItems: 1, uniqueItems: true };
    case "false":
      return { const: false };
    case "flag":
      return { type: "boolean" };
    case "either":
      return eitherSchema(key);
    case "object":
      return objectSchema(key);
    case "map":
      return mapSchema(key);
    default:
      return { type: "object" };
  }
}

const present = (of: Schema): Schema => Object.fromEntries(Object.entries(of).filter(([, value]) => value !== undefined));
const range = ({ min, above, max }: Pick<NumberKey, "min" | "above" | "max">) =>
  present({ minimum: min, exclusiveMinimum: above, maximum: max });
const numberSchema = (key: NumberKey): Schema => ({
  type: key.integer ? "integer" : "number",
  ...range(key),
  ...(key.powerOfTwo && { enum: powersOfTwo(key.min!, key.max!) }),
});
const powersOfTwo = (from: number, to: number) => Array.from({ length: Math.log2(to / from) + 1 }, (_, i) => from * 2 ** i);
const textSchema = ({ values, pattern, longest }: TextKey): Schema => ({
  type: "string",
  ...present({ minLength: values ? undefined : 1, enum: values, pattern: pattern?.[0], maxLength: longest }),
});
const eitherSchema = ({ of }: EitherKey): Schema => ({ anyOf: of.map(schemaOf) });
const objectSchema = ({ keys }: ObjectKey): Schema => {
  const needed = Object.keys(keys).filter((name) => keys[name]!.needed);
  const properties = Object.fromEntries(Object.entries(keys).map(([name, key]) => [name, schemaOf(key)]));
  return { type: "object", properties, ...(needed.length > 0 && { required: needed }), additionalProperties: false };
};
const mapSchema = ({ names, of, least }: MapKey): Schema => ({
  type: "object",
  propertyNames: textSchema(names),
  additionalProperties: schemaOf(of),
  ...present({ minProperties: least }),
});

const needed = (option: EngineOption) => !("default" in option && option.default !== undefined) && !option.optional;
const needsOptions = ({ options }: AnyEngine) => Object.values<EngineOption>(options).some(needed);

function optionsSchema(options: EngineOptions): Schema {
  const required = Object.keys(options).filter((name) => needed(options[name]!));
  const properties = Object.fromEntries(Object.entries(options).map(([name, option]) => [name, optionSchema(option)]));
  return { type: "object", properties, ...(required.length > 0 && { required }), additionalProperties: false };
}

function optionSchema(option: EngineOption): Schema {
  const { doc, unit } = option;
  const fallback = "default" in option && option.default !== undefined ? { default: option.default } : {};
  return { description: unit === undefined ? doc : `${doc} (${unit})`, ...optionShape(option), ...fallback };
}

function optionShape(option: EngineOption): Schema {
  switch (option.type) {
    case "number":
      return { type: option.integer ? "integer" : "number", ...range(option) };
    case "numbers": {
      const one = { type: "number", ...range(option) };
      return { anyOf: [one, { type: "object", additionalProperties: one }] };
    }
    case "flag":
      return { type: "boolean" };
    case "values":
      return { type: "object", additionalProperties: { type: ["number", "string"] } };
    case "texts":
      return { type: "array", items: { type: "string" } };
    case "text":
      if (option.values && option.pattern) return { anyOf: [{ enum: option.values }, { type: "string", pattern: option.pattern[0] }] };
      return option.values ? { enum: option.values } : { type: "string", minLength: 1 };
    default:
      return { type: "string", minLength: 1 };
  }
}

export interface KeyRow {
  /** `engines.NAME.spin`, or an option's name. */
  readonly key: string;
  readonly values: string;
  /** Undefined where it is needed, or left out means something of its own. */
  readonly default?: unknown;
  readonly needed: boolean;
  readonly unit?: string;
  readonly doc: string;
}

/** Every key of a system file, for the documentation. */
export function keyRows(): KeyRow[] {
  return Object.entries(systemKeys.keys).flatMap(([name, key]) => rowsOf(name, key));
}

function rowsOf(key: string, of: Key): KeyRow[] {
  const { doc } = of;
  const row: KeyRow = {
    ...{ key, doc, values: of.type === "object" || of.type === "free" ? "an object" : expectedOf(of), needed: of.needed ?? false },
    ...("default" in of && { default: of.default }),
    ...(of.unit !== undefined && { unit: of.unit }),
  };
  if (of.type === "object") return [row, ...Object.entries(of.keys).flatMap(([name, inner]) => rowsOf(`${key}.${name}`, inner))];
  const objects = of.type === "either" ? of.of.filter((one) => one.type === "object") : [];
  if (objects.length > 0) return [row, ...objects.flatMap((one) => rowsOf(key, one).slice(1))];
  if (of.type !== "map") return [row];
  const [first, ...inner] = rowsOf(`${key}.${of.each}`, of.of);
  return [{ ...row, values: "an object" }, ...(of.of.type === "object" ? inner : [first!, ...inner])];
}

/** The options of an engine, for its documentation. */
export const optionRows = ({ options }: AnyEngine): KeyRow[] =>
  Object.entries<EngineOption>(options).map(([key, option]) => ({
    ...{ key, doc: option.doc, values: expected(option), needed: needed(option) },
    ...("default" in option && option.default !== undefined && { default: option.default }),
    ...(option.unit !== undefined && { unit: option.unit }),
  }));
