/** Every flag and command that a hint, an explanation, a page or a help screen names is one that the parser takes. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { packageRoot } from "../../src/addon/addon.js";
import { explanations } from "../../src/cli/explanations/explanations.js";
import { exit } from "../../src/cli/kit/exit.js";
import { allFlags } from "../support/flags.js";

const root = packageRoot();
const everywhere = ["help", "version"];
const known = new Set([...Object.values(allFlags).flatMap((flags) => flags.map(({ name }) => name)), ...everywhere]);
/** Flags of other programs, that texts name with them, and colours of style sheets. */
const foreign =
  /\b(zstd|redis-cli|redis-server|containers?|docker|unixsocketperm|appendonly|input-type=module|npm|npx (?!tickforge)|node|cmake|vitest|git|pip|clang|Electron|biome|valgrind|qemu)\b|\bcolour(\(|: )"--/;

/** Texts for people: strings of the sources, without comments; pages. */
const sources = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".ts") && path !== "report/kit/style.ts") // whose dashes are those of a style sheet
  .map((path) => [`src/${path}`, readFileSync(join(root, "src", path), "utf8").replace(/^\s*(\/\*\*.*\*\/|\*.*|\/\/.*)$/gm, "")] as const);
const pages = ["README.md", ...readdirSync(join(root, "docs")).flatMap((name) => (name.endsWith(".md") ? [`docs/${name}`] : []))].map(
  (path) => [path, readFileSync(join(root, path), "utf8")] as const,
);
const linesOf = (texts: readonly (readonly [string, string])[]) =>
  texts.flatMap(([path, text]) => text.split("\n").map((line, i) => ({ line, where: `${path}:${i + 1}` })));

/** Flags in a line. */
const flagsIn = (line: string): string[] => [...line.matchAll(/(?<![\w-])--([a-z][a-z0-9-]*)(?![\w(]|\.\w)/g)].map(([, name]) => name!);

describe("flags that texts name", () => {
  it("are known to a command, in sources and pages", () => {
    const all = linesOf([...sources, ...pages]);
    const wrong = all.filter(({ line }) => !foreign.test(line) && flagsIn(line).some((name) => !known.has(name)));
    expect(wrong.map(({ line, where }) => `${where}: ${line.trim()}`)).toEqual([]);
    expect(all.flatMap(({ line }) => flagsIn(line)).length).toBeGreaterThan(200);
  });

  it("belong to the command that they are written behind", () => {
    const wrong = linesOf([...sources, ...pages]).flatMap(({ line, where }) =>
      [...line.matchAll(/tickforge (\w+)((?: [^`"|#;()]*)?)/g)].flatMap(([, command, rest]) => {
        const flags = Object.hasOwn(allFlags, command!) ? allFlags[command!]! : undefined;
        const names = new Set([...(flags ?? []).map(({ name }) => name), ...everywhere]);
        return flags
          ? flagsIn(rest!.split(/\. |,? tickforge /)[0]!).flatMap((name) =>
              names.has(name) ? [] : [`${where}: tickforge ${command} --${name}`],
            )
          : [];
      }),
    );
    expect(wrong).toEqual([]);
  });

  it("are flags of replay and validate, where a trade file is what they are about", () => {
    const readers =
      /^src\/files\/\w+\/(table|table_time|side_words|column_suggest|remarks|where|time_pattern|json_detect|one_series|written)\.ts$/;
    const named = linesOf(sources.filter(([path]) => readers.test(path))).flatMap(({ line, where }) =>
      flagsIn(line).map((name) => ({ name, where })),
    );
    expect(named.length).toBeGreaterThan(15);
    for (const command of ["replay", "validate"]) {
      const own = new Set(allFlags[command]!.map(({ name }) => name));
      expect(named.filter(({ name }) => !own.has(name))).toEqual([]);
    }
  });

  it("and every command behind npx or in a hint is one", () => {
    const named = linesOf([...sources, ...pages]).flatMap(({ line, where }) =>
      [...line.matchAll(/(?:npx |["`](?:see |or )?)tickforge ([a-z]+)/g)].map(([, command]) => ({ where, command: command! })),
    );
    expect(named.length).toBeGreaterThan(40);
    expect(named.filter(({ command }) => !Object.hasOwn(allFlags, command))).toEqual([]);
  });
});

describe("exit codes", () => {
  it("stand with every explanation", () => {
    const wrong = Object.entries(explanations).filter(([, { exit: code }]) => ![1, 2, 3, 4].includes(exit[code]));
    expect(wrong).toEqual([]);
  });

  it("say whose fault it was", () => {
    const endings = (...codes: string[]) => codes.map((code) => [code, exit[explanations[code]!.exit]]);
    const all = (code: number, ...codes: string[]) => expect(endings(...codes)).toEqual(codes.map((name) => [name, code]));
    all(1, "E_WRITE", "E_FILE_MISSING", "E_FILE_READ", "E_INTERNAL", "E_NODE_OLD", "E_BUS_REDIS_DOWN", "E_BUS_NAME", "E_SINK_FULL");
    all(
      2,
      "E_USAGE",
      "E_EXISTS",
      "E_OPTION_RANGE",
      "E_OPTIONS",
      "E_COLUMN_UNKNOWN",
      "E_BACKEND_UNKNOWN",
      "E_ZONE",
      "E_DATE",
      "E_BUS_TOPOLOGY",
      "E_BUS_OPTION",
    );
    all(
      3,
      "E_BAD_COLUMNS",
      "E_BAD_VALUE",
      "E_BAD_QUOTE",
      "E_BAD_JSON",
      "E_LINE_LONG",
      "E_TOO_FEW",
      "E_DECIMAL",
      "E_COLUMN_TYPE",
      "E_FILE_TRUNCATED",
      "E_INSTRUMENTS",
      "E_BUS_CRC",
    );
    all(4, "E_NATIVE_MISSING", "E_NATIVE_VERSION", "E_BACKEND_MISSING", "E_BUS_ADDON");
  });
});
