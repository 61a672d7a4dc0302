/** Each engine of a system file with what its definition says of these settings: ports, topics, state. */
import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { layoutOf } from "../../bus/frame.js";
import { didYouMean, type ErrorDetails, TickforgeError } from "../../core/contract/errors.js";
import type { AnyEngine, GivenTopic, Settings, TakenTopic } from "../kit/engine.js";
import { checkEngineOptions } from "../kit/options.js";
import { engineNames, loadEngine } from "../table/load_engine.js";
import type { EngineEntry, SystemFile } from "./keys.js";
import type { Path, Source } from "./source.js";

export interface Declared {
  readonly name: string;
  readonly entry: EngineEntry;
  readonly definition: AnyEngine;
  /** As `PlannedEngine` has them. */
  readonly engine: string;
  readonly module?: string;
  readonly settings: Settings;
  readonly takes: Readonly<Record<string, TakenTopic>>;
  readonly gives: Readonly<Record<string, GivenTopic>>;
  readonly stateBytes: number;
}

/** One after another, so that the first mistake in the file is the one told. */
export async function declaredEngines(file: SystemFile, source: Source): Promise<Declared[]> {
  const declared: Declared[] = [];
  for (const [name, entry] of Object.entries(file.engines)) declared.push(await declare(name, entry, file, source));
  return declared;
}

async function declare(name: string, entry: EngineEntry, { instruments }: SystemFile, source: Source): Promise<Declared> {
  const path = ["engines", name];
  const { definition, ...found } = await find(name, entry, source);
  const settingsOf = (given: EngineEntry["options"]): Settings => {
    const around = { engine: name, instruments, resolve: (path: string) => resolve(baseOf(source), path) };
    return { name, options: checkEngineOptions(definition.options, given, around), instruments };
  };
  const settings = attempt(
    () => settingsOf(entry.options),
    (cause) => refusedOption(name, cause, source),
  );
  const ask = <T>(call: (settings: Settings) => T): T =>
    attempt(
      () => call(settings),
      (cause) => {
        const { hint } = cause as TickforgeError;
        // Engines do not say which option it is: that without which they are content.
        const culprit = Object.keys(entry.options ?? {}).find((option) => {
          const others = Object.fromEntries(Object.entries(entry.options!).filter(([key]) => key !== option));
          return attempt(
            () => {
              call(settingsOf(others));
              return true;
            },
            () => false,
          );
        });
        const at = [...path, "options", ...(culprit === undefined ? [] : [culprit])];
        const details = hint === undefined ? { cause } : { cause, hint };
        throw source.error("E_SYSTEM_OPTION", at, `engine '${name}' refuses its options: ${wordsOf(cause)}`, details);
      },
    );
  if (definition.load) await loaded(definition, settings, path, source);
  const takes = ask((of) => definition.takes(of));
  const gives = ask((of) => definition.gives(of));
  const stateBytes = ask((of) => definition.stateBytes(of));
  const wrong = faultOf(takes, gives, stateBytes);
  if (wrong !== undefined)
    throw source.error("E_SYSTEM_ENGINE", path, `the definition of engine '${definition.name}' is wrong: ${wrong}`, {
      ...{ of: "key", hint: "see defineEngine: takes and gives return ports with their topics, stateBytes a whole number" },
    });
  return { name, entry, definition, ...found, settings, takes, gives, stateBytes };
}

async function loaded(definition: AnyEngine, settings: Settings, path: Path, source: Source): Promise<void> {
  try {
    await definition.load!(settings);
  } catch (cause) {
    const { hint, option, code } = cause as TickforgeError;
    if (code === "E_SYSTEM_BUNDLED") throw cause;
    const at = [...path, "options", ...(option === undefined ? [] : option.split("."))];
    const details = hint === undefined ? { cause } : { cause, hint };
    throw source.error("E_SYSTEM_OPTION", at, `engine '${settings.name}': ${wordsOf(cause)}`, details);
  }
}

type Found = Pick<Declared, "definition" | "engine" | "module">;

async function find(name: string, { engine, module }: EngineEntry, source: Source): Promise<Found> {
  const path = ["engines", name];
  const refuse = (at: Path, what: string, hint: string, details: ErrorDetails & { of?: "key" } = {}) =>
    source.error("E_SYSTEM_ENGINE", at, what, { hint, ...details });
  if (engine !== undefined && module !== undefined)
    throw refuse([...path, "module"], "`engine` and `module` are both given", "remove one of them", { of: "key", value: module });
  if (module !== undefined) return load(name, module, source);
  const wanted = engine ?? name;
  const definition = await loadEngine(wanted);
  if (definition) return { definition, engine: wanted };
  const near = didYouMean(wanted, engineNames);
  const list = `engines are ${engineNames.join(", ")}`;
  if (engine !== undefined)
    throw refuse([...path, "engine"], `there is no engine '${engine}'`, near ? `did you mean ${near}?` : list, { value: engine });
  const hint = near ? `did you mean ${near}? Else name one with "engine" or "module"` : `name one with "engine" or "module"; ${list}`;
  throw refuse(path, `no engine is called '${name}'`, hint, { of: "key", value: name });
}

async function load(name: string, module: string, source: Source): Promise<Found> {
  const at = ["engines", name, "module"];
  const file = resolve(baseOf(source), module);
  const refuse = (what: string, hint: string, cause?: unknown) =>
    source.error("E_SYSTEM_MODULE", at, `${file} ${what}`, { value: module, hint, cause });
  if (!existsSync(file)) throw refuse("is not there", "the path is relative to the folder of the system file");
  let loaded: { default?: unknown };
  try {
    loaded = await import(pathToFileURL(file).href);
  } catch (cause) {
    throw refuse(`cannot be loaded: ${wordsOf(cause)}`, "run it with node to see where it fails", cause);
  }
  const definition = loaded.default as AnyEngine | undefined;
  const hint = "export default defineEngine({ name, doc, options, takes, gives, stateBytes, begin })";
  if (typeof definition !== "object" || definition === null) throw refuse("has no engine as its default export", hint);
  const has = (key: keyof AnyEngine, type: string) => typeof definition[key] === type && definition[key] !== null;
  const lacks =
    (["name", "doc"] as const).find((key) => !has(key, "string")) ??
    (["takes", "gives", "stateBytes", "begin"] as const).find((key) => !has(key, "function")) ??
    (has("options", "object") ? undefined : "options");
  if (lacks !== undefined) throw refuse(`exports an engine without ${lacks}`, hint);
  return { definition, engine: file, module: file };
}

/** The folder that paths of the system are relative to. */
export const baseOf = ({ file }: Source): string => (file === undefined ? process.cwd() : dirname(resolve(file)));

const wordsOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause)).split("\n", 1)[0]!;

function refusedOption(name: string, cause: unknown, source: Source): never {
  if (!(cause instanceof TickforgeError)) throw cause;
  const { message, code, hint, option = "", value } = cause;
  // An option has no dot in its name, an instrument may.
  const [own, ...instrument] = option.split(".");
  const at = ["engines", name, "options", own!, ...(instrument.length > 0 ? [instrument.join(".")] : [])];
  const details: ErrorDetails & { of?: "key" } = { cause, value };
  if (hint !== undefined) details.hint = hint;
  if (code === "E_OPTION_UNKNOWN") details.of = "key";
  throw source.error("E_SYSTEM_OPTION", at, message, details);
}

function attempt<T>(call: () => T, failed: (cause: unknown) => T): T {
  try {
    return call();
  } catch (cause) {
    return failed(cause);
  }
}

/** What is wrong with what a definition answered; of a module of the user's own it may be anything. */
function faultOf(takes: Declared["takes"], gives: Declared["gives"], stateBytes: number): string | undefined {
  const isTable = (value: unknown) => typeof value === "object" && value !== null;
  if (!isTable(takes) || !isTable(gives)) return `${isTable(takes) ? "gives" : "takes"} returns no object of ports`;
  for (const [port, taken] of Object.entries(takes))
    if (!isTable(taken) || typeof taken.topic !== "string" || !isTable(taken.columns)) return `port '${port}' has no topic or no columns`;
  for (const [port, given] of Object.entries(gives)) {
    if (!isTable(given) || !isTable(given.topic)) return `port '${port}' has no topic`;
    try {
      layoutOf(given.topic);
    } catch (error) {
      return wordsOf(error);
    }
  }
  return Number.isSafeInteger(stateBytes) && stateBytes >= 0 ? undefined : `stateBytes is ${stateBytes}`;
}
