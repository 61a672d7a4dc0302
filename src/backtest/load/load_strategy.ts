/** A strategy by its name, or by the file of its module. */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, dirname, extname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { packageRoot } from "../../addon/addon.js";
import { didYouMean, TickforgeError } from "../../core/contract/errors.js";
import { checkStrategy } from "../strategy/check_params.js";
import type { AnyStrategy } from "../strategy/strategy.js";

const plain = [".js", ".mjs", ".cjs"];
const typed = [".ts", ".mts", ".cts"];

const wrong = (message: string, hint: string, more: object = {}) => new TickforgeError("E_STRATEGY_FILE", message, { hint, ...more });

/** Where the strategies lie that ship with tickforge, one a file, for reading and copying. */
export function shippedFolder(): string {
  try {
    return join(packageRoot(), "examples/strategies");
  } catch (cause) {
    throw new TickforgeError("E_SYSTEM_BUNDLED", "examples/strategies, where the strategies of tickforge lie, is not there", {
      ...{ cause, hint: "this program was bundled apart from the package: leave tickforge out of the bundle (external)" },
    });
  }
}

/** Their names, for what is declared before anything is read. */
export const shippedNames = ["do_nothing", "imbalance_taker", "market_maker", "schedule"] as const;

export const shippedStrategies = (): string[] =>
  readdirSync(shippedFolder())
    .filter((file) => extname(file) === ".js")
    .map((file) => basename(file, ".js"))
    .sort();

/** The file of a shipped strategy, or of the module at a path; throws where there is none. */
export function strategyFile(given: string): string {
  const names = shippedStrategies();
  if (names.includes(given)) return join(shippedFolder(), `${given}.js`);
  const ending = extname(given).toLowerCase();
  if (!/[/\\]/.test(given) && ![...plain, ...typed].includes(ending)) {
    const near = didYouMean(given, names);
    const hint = existsSync(given)
      ? `a module is named with its ending: .js, .mjs or .ts`
      : `a module of your own is named by its file: ./${given}.js`;
    throw wrong(`no strategy is called '${given}': there are ${names.join(", ")}`, near ? `did you mean ${near}? ${hint}` : hint);
  }
  const file = resolve(given);
  if (!existsSync(file)) {
    const folder = dirname(file);
    const near = existsSync(folder) ? didYouMean(basename(file), readdirSync(folder)) : undefined;
    throw wrong(
      `${given}: there is no such file`,
      near ? `did you mean ${join(dirname(given), near)}?` : "check the path of the strategy",
      { file: given },
    );
  }
  if (statSync(file).isDirectory())
    throw wrong(`${given} is a directory`, `name the module in it, such as ${join(given, "strategy.js")}`, { file: given });
  if (![...plain, ...typed].includes(ending))
    throw wrong(
      `${given}: its ending is '${ending}', expected ${plain.join(", ")} or ${typed.join(", ")}`,
      "a strategy is a module of JavaScript or TypeScript",
      {
        file: given,
      },
    );
  return file;
}

/** The default export of a strategy's module, held against what a strategy is. */
export async function loadStrategy(given: string): Promise<AnyStrategy> {
  const file = strategyFile(given);
  let loaded: Record<string, unknown>;
  try {
    loaded = (await import(pathToFileURL(file).href)) as Record<string, unknown>;
  } catch (error) {
    throw unloadable(given, file, error);
  }
  const strategy = loaded.default;
  if (strategy === undefined) {
    const others = Object.keys(loaded);
    const has = others.length > 0 ? `it exports ${others.join(", ")} and no default` : "it exports nothing";
    throw wrong(`${given}: ${has}`, "export default defineStrategy({ name, doc, params, begin })", { file: given });
  }
  try {
    checkStrategy(strategy);
  } catch (error) {
    if (error instanceof TickforgeError)
      throw new TickforgeError(error.code, `${given}: ${error.message}`, { file: given, ...(error.hint && { hint: error.hint }) });
    throw error;
  }
  return strategy;
}

function unloadable(given: string, file: string, error: unknown): TickforgeError {
  const { code, message = String(error), stack = "" } = (typeof error === "object" && error !== null ? error : {}) as NodeJS.ErrnoException;
  const more = { file: given, cause: error };
  const isTyped = typed.includes(extname(file).toLowerCase());
  if (code === "ERR_UNKNOWN_FILE_EXTENSION" && isTyped)
    return wrong(
      `${given}: Node ${process.versions.node} reads no TypeScript`,
      "run it with Node 22.18 or later, or compile it first: npx tsc, or npx esbuild strategy.ts --format=esm --outfile=strategy.js",
      more,
    );
  if (code === "ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX")
    return wrong(
      `${given}: Node takes types away, and no more: ${message}`,
      "write enums and namespaces otherwise, or compile it first: npx tsc",
      more,
    );
  const [, missing] = /^Cannot find (?:package|module) '([^']+)'/.exec(message) ?? [];
  if (missing !== undefined)
    return wrong(
      `${given}: it imports ${missing}, which is not there`,
      /^[./]|^file:/.test(missing) ? "check the path of the import" : `npm install ${missing.split("/")[0]} in its folder`,
      more,
    );
  const line = error instanceof SyntaxError ? lineOfSyntax(file) : lineIn(stack, file);
  const at = line === undefined ? "" : `, line ${line}`;
  return wrong(`${given}${at}: ${message}`, "it must load before anything runs", {
    ...more,
    ...(line !== undefined && { line: Number(line) }),
  });
}

/** An error of a run with the line of the strategy that threw it, where its stack has one. */
export function placed(error: unknown, given: string): unknown {
  if (!(error instanceof TickforgeError) || error.code !== "E_STRATEGY_THREW" || !(error.cause instanceof Error)) return error;
  const line = lineIn(error.cause.stack ?? "", strategyFile(given));
  if (line === undefined) return error;
  const { code, message, cause, value } = error;
  return new TickforgeError(code, message, { ...{ cause, value, file: given, line: Number(line) }, hint: `${given}, line ${line}` });
}

/** Of the first line of a stack that lies in a file. */
function lineIn(stack: string, file: string): string | undefined {
  const named = pathToFileURL(file).href;
  const at = stack.split("\n").find((one) => one.includes(named) || one.includes(`(${file}:`));
  return /:(\d+):\d+\)?$/.exec(at ?? "")?.[1];
}

/** Nobody but a Node that only looks at a file says where its syntax is wrong; nothing where another file is the one at fault. */
function lineOfSyntax(file: string): string | undefined {
  const { stderr = "" } = spawnSync(process.execPath, ["-c", file], { encoding: "utf8" });
  const [first = ""] = stderr.split("\n");
  return first.includes(basename(file)) ? /:(\d+)$/.exec(first)?.[1] : undefined;
}
