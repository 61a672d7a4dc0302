/** The declarations of the commands beside the code that reads their flags: nothing undeclared is read, nothing declared is left unread. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { packageRoot } from "../../src/addon/addon.js";
import { commands } from "../../src/cli/commands.js";
import { commandHelp } from "../../src/cli/help.js";
import { parse } from "../../src/cli/kit/args.js";
import { columnNames, columnsOf } from "../../src/cli/kit/column_options.js";
import { flagsOf } from "../../src/cli/kit/command.js";
import { camel, type Flag } from "../../src/cli/kit/flag.js";

const root = packageRoot();
const table = readFileSync(join(root, "src/cli/commands.ts"), "utf8");

/** The declaration of each command, as commands.ts names it. */
const declarations = [...table.matchAll(/import \{ (\w+)Command \} from "\.\/([^"]+)\.js"/g)].map(
  ([, name, path]) => [name!, `src/cli/${path}.ts`] as const,
);

const text = (path: string) => readFileSync(join(root, path), "utf8").replace(/^\s*(\/\*\*.*\*\/|\*.*|\/\/.*)$/gm, "");

/** Files of the command line that a file imports, or loads when it is called. */
const importsOf = (path: string): string[] =>
  [...text(path).matchAll(/(?:from |import\()"(\.[^"]+)\.js"/g)]
    .map(([, name]) => `${join(dirname(path), name!)}.ts`)
    .filter((name) => name.startsWith("src/cli/") && existsSync(join(root, name)));

function reachedFrom(path: string): string[] {
  const found = new Set([path]);
  for (const file of found) for (const name of importsOf(file)) found.add(name);
  return [...found].filter((file) => file !== path && !file.endsWith("/command.ts"));
}

/** Names of the ways in which values are read: `values.name`, `{ name } = values`, and by functions and lists of names. */
function readsOf(source: string): string[] {
  if (!/\b(?:Values|Given|BusJob)\b/.test(source)) return [];
  const direct = [...source.matchAll(/\bvalues\.(\w+)/g)].map(([, name]) => name!);
  const taken = [...source.matchAll(/\{([^{}]*)\}(?:: (?:Values\b|BusJob\["values"\])| = values\b)/g)].flatMap(([, names]) =>
    names!.split(",").map((one) => one.split(/[:=]/)[0]!.trim()),
  );
  const called = [...source.matchAll(/\b(?:number|whole|list)\("(\w+)"/g)].map(([, name]) => name!);
  return [...direct, ...taken, ...called].filter((name) => name !== "");
}

/** What columnsOf reads, which asks for all of its flags by their declarations. */
function columnReads(): string[] {
  const read: string[] = [];
  const values = new Proxy({}, { get: (_, name) => void read.push(String(name)) });
  columnsOf(values);
  return read;
}

/** What a command reads, and what is read of every command before it runs. */
const readBy = (path: string) => {
  const files = reachedFrom(path);
  const ofColumns = files.some((file) => /\bcolumnsOf\(values\)/.test(text(file))) ? columnReads() : [];
  return new Set([...files.flatMap((file) => readsOf(text(file))), ...ofColumns, "quiet", "noColor"]);
};

describe("every command is one declaration", () => {
  it("and all of them are in the table", () => {
    expect(declarations.map(([name]) => name).sort()).toEqual(commands.map(({ name }) => name).sort());
  });

  it.each(commands.map((command) => [command.name, command] as const))("%s: each flag once, with what it does", (_, command) => {
    const flags = flagsOf(command);
    expect(flags.filter(({ doc }) => !/^\S.*\S$/.test(doc) || doc.endsWith("."))).toEqual([]);
    expect(flags.map(({ name }) => name)).toEqual([...new Set(flags.map(({ name }) => name))]);
    const letters = flags.flatMap(({ letter }) => letter ?? []);
    expect(letters).toEqual([...new Set(letters)]);
    expect(flags.filter(({ kind, value, choices }) => (kind === "choice") !== (choices !== undefined) || (kind && !value))).toEqual([]);
  });

  it("the words of a choice are in what its flag says", () => {
    const said = ({ value, doc }: Flag) => `${value} ${doc}`;
    const silent = commands.flatMap((command) =>
      flagsOf(command).flatMap((flag) =>
        (flag.choices ?? []).filter((word) => !said(flag).includes(word)).map((word) => `${command.name} --${flag.name} ${word}`),
      ),
    );
    expect(silent).toEqual([]);
  });

  it.each(commands.map((command) => [command.name, command] as const))("help of %s is no wider than a screen", (_, command) => {
    expect(
      Math.max(
        ...commandHelp(command)
          .split("\n")
          .map((line) => line.length),
      ),
    ).toBeLessThanOrEqual(115);
  });
});

describe("flags and the code that reads them", () => {
  it.each(declarations)("%s reads every flag that it declares", (name, path) => {
    const read = readBy(path);
    const flags = flagsOf(commands.find((one) => one.name === name)!);
    expect(flags.map((flag) => flag.name).filter((flag) => !read.has(camel(flag)))).toEqual([]);
  });

  it.each(declarations)("what is read on the way of %s is declared by a command", (_, path) => {
    const declared = new Set(["help", ...commands.flatMap((command) => flagsOf(command).map((flag) => camel(flag.name)))]);
    expect([...readBy(path)].filter((name) => !declared.has(name))).toEqual([]);
  });

  it("columns of trades are read from their declarations", () => {
    expect(new Set(columnReads())).toEqual(new Set(columnNames));
  });
});

describe("the parser", () => {
  const flags: Flag[] = [
    { name: "bars", value: "60s", kind: "duration", auto: true, doc: "bars" },
    { name: "out", letter: "o", value: "FILE", doc: "a file" },
  ];

  it("takes auto as if the flag were not given, once", () => {
    expect(parse("replay", ["--bars", "auto"], flags).values).toEqual({});
    expect(parse("replay", ["--out", "auto"], flags).values).toEqual({ out: "auto" });
    expect(() => parse("replay", ["--bars", "auto", "--bars", "5m"], flags)).toThrow(/--bars is given twice/);
  });

  it("takes the letters that flags declare", () => {
    expect(parse("replay", ["-o", "a.csv"], flags).values).toEqual({ out: "a.csv" });
    expect(() => parse("replay", ["-x"], flags)).toThrow(/no flag is called -x/);
  });
});
