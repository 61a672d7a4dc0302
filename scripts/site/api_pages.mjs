// The reference of every public name, a page an entry: from docs/api.txt, with what its declaration says of it; kernels have pages of their own. Needs dist.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { folderOf, kernelNamed, row, table } from "../pages/kernel_sections.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** What is said above each exported declaration; names that several files export with other words are left out. */
function saidOf() {
  const said = new Map();
  const folder = join(root, "dist/src");
  for (const file of readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".d.ts"))) {
    const text = readFileSync(join(folder, file), "utf8");
    const found = text.matchAll(
      /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\nexport (?:declare )?(?:abstract )?(?:const|function|class|interface|type) (\w+)/g,
    );
    for (const [, comment, name] of found) {
      const words = comment.replace(/^\s*\* ?/gm, "").trim();
      said.set(name, said.has(name) && said.get(name) !== words ? undefined : words);
    }
  }
  return said;
}

const entryName = (entry) => (entry === "." ? "tickforge" : `tickforge/${entry.replace("./", "")}`);
const fileName = (entry) => entryName(entry).replace("/", "-");

/** Blocks of docs/api.txt: a line that begins with a label, and those below it that do not. */
function entries() {
  const text = readFileSync(join(root, "docs/api.txt"), "utf8");
  return text
    .split(/^entry /m)
    .slice(1)
    .map((part) => {
      const [entry] = part.split("\n", 1);
      const blocks = part.split(/^(?=\w+ +(?:abstract )?\w+(?: |, as in ))/m).slice(1);
      return { entry, names: blocks.map(blockOf) };
    });
}
/** `same`: the entry that has it as well, and tells of it. */
function blockOf(block) {
  const [, label, code] = /^(\w+) +([\s\S]+?)\s*$/.exec(block);
  const again = /^(\w+), as in (.+)$/.exec(code);
  if (again) return { label, name: again[1], same: again[2] };
  const [, kind, name] = /^(?:abstract )?(\w+) (\w+)/.exec(code);
  return { label, kind, name, code };
}

const labelled = (label) => (label === "stable" ? "Stable." : "Preview.");
const first = (words) => /^.*?\.(?= |$)/s.exec(words)?.[0] ?? words;

/** Pages by their path, and how they are called. */
export function apiPages() {
  const said = saidOf();
  return entries().map(({ entry, names }) => {
    const own = names.filter(({ kind, same }) => kind !== "kernel" && !same);
    const parts = own.map(({ label, code, name }) =>
      [`## ${name}`, `${labelled(label)} ${escaped(said.get(name) ?? "")}`.trim(), `\`\`\`ts\n${code}\n\`\`\``].join("\n\n"),
    );
    const listed = (title, rows) => (rows.length > 0 ? [[`## ${title}`, table(["name", "", ""], rows)].join("\n\n")] : []);
    const kernels = names
      .filter(({ kind }) => kind === "kernel")
      .map(({ label, name }) =>
        row(`[${name}](/kernels/${folderOf.get(name).split("/")[0]}/${name})`, first(kernelNamed.get(name).contract.doc), labelled(label)),
      );
    const others = names
      .filter(({ same }) => same)
      .map(({ label, name, same }) => {
        const kernel = folderOf.get(name);
        const page = kernel ? `/kernels/${kernel.split("/")[0]}/${name}` : `/api/${fileName(same)}#${name.toLowerCase()}`;
        return row(`[${name}](${page})`, `as in ${entryName(same)}`, labelled(label));
      });
    const head = `# ${entryName(entry)}\n\n${names.length} names. [What the labels mean](/stability).`;
    return {
      title: entryName(entry),
      path: `api/${fileName(entry)}.md`,
      text: [head, ...listed("Kernels", kernels), ...parts, ...listed("Names of other entries", others)].join("\n\n"),
      names: names.map(({ name }) => name),
    };
  });
}
const escaped = (words) => words.replace(/^#/gm, "\\#");
