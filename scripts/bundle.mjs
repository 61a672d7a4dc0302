// After tsc: dist/src -> dist/lib, what is shipped. A module a file would cost an import some 300 openings of files; as few chunks take a
// third of that. Threads and processes are started by files beside the chunk that starts them, so all chunks lie in one folder.
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";
import { parseAst } from "rolldown/parseAst";
import { bundlePage } from "./page_bundle.mjs";
import { placeModules } from "./wasm.mjs";

const from = fileURLToPath(new URL("../dist/src", import.meta.url));
const into = fileURLToPath(new URL("../dist/lib", import.meta.url));
// What was compiled from a source that has moved since is no part of the package.
for (const path of readdirSync(from, { recursive: true, encoding: "utf8" })) {
  const [stem] = /^.*(?=\.(?:js|js\.map|d\.ts)$)/.exec(path) ?? [];
  if (stem !== undefined && !existsSync(join(from, "../../src", `${stem}.ts`))) rmSync(join(from, path));
}
const at = (name) => join(from, `${name}.js`);
const entries = { index: at("index"), browser: at("browser"), tickforge: at("cli/main") };
for (const file of readdirSync(join(from, "entries")))
  if (/^(?!set_up)\w+\.js$/.test(file)) entries[basename(file, ".js")] = join(from, "entries", file);

/** Files that are started, not imported: `new URL("./importer-worker.js", import.meta.url)`. */
const started = /new URL\("(\.[^"]+\.js)", import\.meta\.url\)/g;
for (const path of readdirSync(from, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".js")))
  for (const [, name] of readFileSync(join(from, path), "utf8").matchAll(started)) {
    const file = resolve(from, dirname(path), name);
    const stem = basename(file, ".js");
    if (entries[stem] !== undefined && entries[stem] !== file) throw new Error(`two files named ${stem}.js would lie in dist/lib`);
    entries[stem] = file;
  }

/** Golden numbers are for tests and doctor: in the bundle each contract makes its own when it is asked for them, not at import. */
function laterGolden(code) {
  const found = [];
  const visit = (node) => {
    if (node === null || typeof node !== "object") return;
    if (node.type === "Property" && node.key.name === "golden" && node.value.type === "ArrayExpression") found.push(node);
    else for (const child of Object.values(node)) visit(child);
  };
  visit(parseAst(code));
  for (const { start, end, value } of found.reverse())
    code = `${code.slice(0, start)}get golden() { return ${code.slice(value.start, value.end)}; }${code.slice(end)}`;
  return code;
}

/** A quarter of a megabyte of what is installed would be tabs. Texts of several lines are as they were; so are strings, which need quotes. */
function withoutIndents(code) {
  const texts = [];
  const visit = (node) => {
    if (node === null || typeof node !== "object") return;
    if (node.type === "TemplateElement") texts.push(node);
    else for (const child of Object.values(node)) visit(child);
  };
  visit(parseAst(code));
  texts.sort((a, b) => a.start - b.start);
  let next = 0;
  return code.replace(/\n\t+/g, (blanks, at) => {
    while (next < texts.length && texts[next].end <= at) next++;
    return next < texts.length && texts[next].start <= at ? blanks : "\n";
  });
}

const prepared = {
  name: "prepared",
  transform(code, id) {
    const later = /^\s*golden: \[/m.test(code) ? laterGolden(code) : code;
    const beside = later.replace(started, (_, name) => `new URL("./${basename(name)}", import.meta.url)`);
    // Bundlers of pages leave out kernels that nobody calls, but no constant that comes of a call which may do anything.
    const kernels = id.startsWith(join(from, "kernels"));
    const pure = kernels ? beside.replace(/^((?:export )?const \w+ = )(?=[\w.]+\()/gm, "$1/* @__PURE__ */ ") : beside;
    return { code: pure, moduleSideEffects: true }; // package.json speaks of what is shipped, not of dist/src
  },
};

/** All that is loaded with a file, itself included. */
const closures = new Map();
function closure(name, context) {
  if (!closures.has(name)) {
    const all = new Set([entries[name] ?? at(name)]);
    for (const id of all) for (const other of context.getModuleInfo(id)?.importedIds ?? []) all.add(other);
    closures.set(name, all);
  }
  return closures.get(name);
}

/**
 * What pages load has a chunk of its own, for it names no Node module; so has what --help loads, for it waits for nothing else. Each part
 * imports itself and those above it alone, so no chunk waits for another that waits for it.
 */
function chunkOf(id, context) {
  const [help, page, top] = ["cli/commands", "browser", "index"].map((name) => closure(name, context).has(id));
  if (page) return help ? "call" : "kernels";
  return top ? (help ? "addon" : "core") : null;
}

rmSync(into, { recursive: true, force: true });
const bundle = await rolldown({
  input: entries,
  platform: "neutral",
  preserveEntrySignatures: "allow-extension",
  external: (id) => !/^[./]/.test(id) && !resolve(id).startsWith(from),
  plugins: [prepared],
  experimental: { attachDebugInfo: "none" } /* no path of a source before each part: 40 kB of what is installed */,
});
await bundle.write({
  dir: into,
  entryFileNames: "[name].js",
  chunkFileNames: "[name]-[hash].js",
  hashCharacters: "hex",
  comments: { jsdoc: false },
  codeSplitting: { includeDependenciesRecursively: false, groups: [{ name: chunkOf, debugName: "chunkOf" }] },
});
await bundle.close();
for (const file of readdirSync(into).filter((name) => name.endsWith(".js")))
  writeFileSync(join(into, file), withoutIndents(readFileSync(join(into, file), "utf8")));
placeModules();

await bundlePage();
