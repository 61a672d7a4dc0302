// The reference of every public name, a page an entry: from docs/api.txt, with what its declaration says of it. Needs dist.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

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
      const blocks = [
        ...part.matchAll(
          /^(stable|preview|\w+) {1,2}((?:const|function|class|abstract class|interface|type|enum) (\w+)[\s\S]*?)(?=\n(?:stable|preview) |\s*$(?![\s\S]))/gm,
        ),
      ];
      return { entry, names: blocks.map(([, label, code, name]) => ({ label, code, name })) };
    });
}

/** Pages by their path, and how they are called. */
export function apiPages() {
  const said = saidOf();
  return entries().map(({ entry, names }) => {
    const parts = names.map(({ label, code, name }) => {
      const words = said.get(name);
      return [
        `## ${name}`,
        `${label === "stable" ? "Stable" : "Preview"}.${words ? ` ${escaped(words)}` : ""}`,
        `\`\`\`ts\n${code}\n\`\`\``,
      ].join("\n\n");
    });
    const head = `# ${entryName(entry)}\n\n${names.length} names. [What the labels mean](/stability).`;
    return {
      title: entryName(entry),
      path: `api/${fileName(entry)}.md`,
      text: [head, ...parts].join("\n\n"),
      names: names.map(({ name }) => name),
    };
  });
}
const escaped = (words) => words.replace(/^#/gm, "\\#");
