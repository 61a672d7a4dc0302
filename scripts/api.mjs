// Writes docs/api.txt, the public names with their kind, signature and label: node scripts/api.mjs [--check | --label stable|preview]. Needs dist.
// Labels stand in docs/stability.json; --label gives one to every name that has none.
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const read = (file) => readFileSync(join(root, file), "utf8");
const labels = ["stable", "preview"];
const kinds = "(?:class|function|const|let|interface|type|enum)";

/** Declarations and modules of every entry in package.json, by the entry's name; those of one that asks for conditions are named with them. */
function entries() {
  const found = new Map();
  const visit = (name, target, conditions) => {
    if (typeof target !== "object") return;
    if (target.types && !found.has(target.types))
      found.set(target.types, { name: conditions.length ? `${name} (${conditions})` : name, ...target });
    for (const [condition, inner] of Object.entries(target)) visit(name, inner, [...conditions, condition]);
  };
  const { exports } = JSON.parse(read("package.json"));
  // Plain entries first: what a condition leads to is most often an entry of its own.
  for (const [name, target] of Object.entries(exports)) if (target.types) visit(name, { types: target.types, default: target.default }, []);
  for (const [name, target] of Object.entries(exports)) visit(name, target, []);
  return [...found.values()];
}

const texts = new Map();
/** A declaration file without comments. */
function textOf(file) {
  if (!texts.has(file)) texts.set(file, read(file).replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, ""));
  return texts.get(file);
}
const resolve = (from, specifier) => join(dirname(from), specifier.replace(/\.js$/, ".d.ts"));

/** Exported names of a declaration file: where each is declared, and under which name. */
function exportsOf(file) {
  const names = new Map();
  const text = textOf(file);
  for (const [, specifier] of text.matchAll(/^export \* from "(\.[^"]+)"/gm))
    for (const [name, at] of exportsOf(resolve(file, specifier))) names.set(name, at);
  for (const [, list, specifier] of text.matchAll(/^export (?:type )?\{([^}]*)\}(?: from "(\.[^"]+)")?;/gm))
    for (const item of list
      .split(",")
      .map((one) => one.trim())
      .filter(Boolean)) {
      const [, own, as = own] = /^(?:type )?(\w+)(?: as (\w+))?$/.exec(item);
      const from = specifier ? resolve(file, specifier) : imported(text, file, own);
      names.set(as, from === undefined ? { file, own } : (exportsOf(from).get(own) ?? missing(from, own)));
    }
  for (const [, own] of text.matchAll(new RegExp(`^export (?:declare )?(?:abstract )?${kinds} (\\w+)`, "gm")))
    names.set(own, { file, own });
  return names;
}

function imported(text, file, name) {
  const [, specifier] = new RegExp(`^import (?:type )?\\{[^}]*\\b${name}\\b[^}]*\\} from "(\\.[^"]+)"`, "m").exec(text) ?? [];
  return specifier && resolve(file, specifier);
}

function missing(file, name) {
  throw new Error(`api: ${file} exports no ${name}; npm run build:ts first`);
}

/** The lines of a declaration, overloads together; without what is private, and without paths, so that a file may move. */
function declarationOf({ file, own }, name) {
  const lines = textOf(file).split("\n");
  const starts = new RegExp(`^(?:export )?(?:declare )?(?:abstract )?${kinds} ${own}\\b`);
  const taken = [];
  lines.forEach((line, i) => {
    if (!starts.test(line)) return;
    let end = i + 1;
    while (end < lines.length && (lines[end] === "" || /^[\s}\])]/.test(lines[end]))) end++;
    taken.push(...lines.slice(i, end));
  });
  if (taken.length === 0) missing(file, own);
  return taken
    .filter((line) => line.trim() !== "" && !/^ {4}private\b/.test(line))
    .map((line) =>
      line
        .replace(/^(?:export )?(?:declare )?/, "")
        .replace(new RegExp(`^((?:abstract )?[a-z]+) ${own}\\b`), `$1 ${name}`)
        .replace(/import\("[^"]*"\)\./g, "")
        .trimEnd(),
    );
}

const portsOf = (ports = {}) =>
  Object.entries(ports).map(([name, { dtype, shape, optional }]) => `${name}${optional ? "?" : ""} ${dtype}[${shape.join(", ")}]`);

function optionsOf(params) {
  return Object.entries(params).map(([name, param]) => {
    const values = param.type === "enum" ? param.values.join("|") : param.type;
    return `${name} ${values}${param.default === undefined ? "" : ` = ${param.default}`}`;
  });
}

/** A kernel is told by its contract: types of twenty ports hide what one of them says. */
function kernelLines(name, { inputs, params, state, outputs }) {
  const part = (title, lines) => lines.map((line) => `    ${title.padEnd(7)}${line}`);
  return [
    `kernel ${name}`,
    ...part("in", portsOf(inputs)),
    ...part("option", optionsOf(params)),
    ...part("state", portsOf(state)),
    ...part("out", portsOf(outputs)),
  ];
}

async function report() {
  const table = JSON.parse(read("docs/stability.json"));
  const labelOf = new Map(labels.flatMap((label) => table[label].map((name) => [name, label])));
  const twice = table.preview.filter((name) => table.stable.includes(name));
  const seen = new Map();
  const unlabelled = new Set();
  const undeclared = [];
  const parts = [];
  for (const { name: entry, types, default: module } of entries()) {
    const values = await import(pathToFileURL(join(root, module)).href);
    const declared = exportsOf(types);
    undeclared.push(...Object.keys(values).filter((name) => !declared.has(name)));
    parts.push("", `entry ${entry}`);
    for (const [name, at] of [...declared].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const label = labelOf.get(name) ?? "unlabelled";
      if (label === "unlabelled") unlabelled.add(name);
      const place = `${relative(root, at.file)} ${at.own}`;
      const before = seen.get(name);
      const contract = typeof values[name] === "function" ? values[name].contract : undefined;
      const [first, ...rest] =
        before?.place === place ? [`as in ${before.entry}`] : contract ? kernelLines(name, contract) : declarationOf(at, name);
      if (before === undefined) seen.set(name, { place, entry });
      parts.push(`${label.padEnd(8)} ${before?.place === place ? `${name}, ` : ""}${first}`, ...rest);
    }
  }
  const gone = [...labelOf.keys()].filter((name) => !seen.has(name));
  const head = [
    "Public names by entry: label, kind, signature. Written by npm run api; labels come from docs/stability.json, docs/stability.md says what they mean.",
  ];
  return { text: `${[...head, ...parts].join("\n")}\n`, table, unlabelled: [...unlabelled].sort(), undeclared, gone, twice };
}

const [flag, label] = process.argv.slice(2);
if ((flag !== undefined && flag !== "--check" && flag !== "--label") || (flag === "--label" && !labels.includes(label))) {
  console.error("api: usage: node scripts/api.mjs [--check | --label stable|preview]");
  process.exit(2);
}
let made = await report();
if (flag === "--label") {
  const table = { ...made.table, [label]: [...made.table[label], ...made.unlabelled] };
  for (const one of labels) table[one] = table[one].filter((name) => !made.gone.includes(name)).sort();
  writeFileSync(join(root, "docs/stability.json"), `${JSON.stringify(table, null, 2)}\n`);
  made = await report();
}
const wrong = [
  ...made.unlabelled.map((name) => `${name} has no label: add it to docs/stability.json, under stable or preview`),
  ...made.undeclared.map((name) => `${name} is exported and was found in no declaration`),
  ...made.gone.map((name) => `${name} is labelled and exported nowhere: take it out of docs/stability.json`),
  ...made.twice.map((name) => `${name} has two labels in docs/stability.json`),
];
if (flag !== "--check") writeFileSync(join(root, "docs/api.txt"), made.text);
else if (read("docs/api.txt") !== made.text)
  wrong.push("docs/api.txt is not what the declarations say: npm run api writes it, its diff shows what changes for users");
for (const line of wrong) console.error(`api: ${line}`);
process.exit(wrong.length > 0 ? 1 : 0);
