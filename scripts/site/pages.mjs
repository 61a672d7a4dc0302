// Every page of the site: docs/ as it is, a page a kernel, the reference of the public names, and the playground. Needs dist.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { byFamily, kernelNamed, titles } from "../pages/kernel_sections.mjs";
import { compositions } from "../pages/risk_page.mjs";
import { apiPages } from "./api_pages.mjs";
import { kernelPage } from "./kernel_page.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const read = (path) => readFileSync(join(root, path), "utf8");
/** Files of the repository that are pages as well. */
const others = {
  "README.md": "start.md",
  "CONTRIBUTING.md": "contributing.md",
  "ARCHITECTURE.md": "architecture.md",
  "CHANGELOG.md": "changelog.md",
};
const documents = readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".md") && !path.startsWith("kernels"))
  .map((path) => join("docs", path));

/** Where a file of the repository lies on the site; undefined where it does not. */
function placeOf(path) {
  if (others[path]) return others[path];
  if (path === "docs/decisions/README.md" || path === "docs/decisions") return "decisions/index.md";
  if (/^docs\/kernels\/\w+\.md$/.test(path) || documents.includes(path)) return path.replace("docs/", "");
  return undefined;
}

const outsideCode = (text, change) =>
  text.replace(/(^ *```[\s\S]*?^ *```|`[^`\n]*`)|((?:(?!^ *```)[^`])+)/gm, (_, code, plain) => code ?? change(plain));

/** Links among files become links among pages, those to other files their words; a dollar is no formula. */
export function onSite(text, path) {
  const link = (whole, mark, words, target) => {
    if (/^(https?:|#|mailto:)/.test(target)) return whole;
    const [file, anchor] = target.split("#");
    const from = normalize(join(dirname(path), file));
    if (mark === "!") return `![${words}](/${from.split("/").at(-1)})`;
    const place = placeOf(from);
    const kernel =
      anchor &&
      /^docs\/kernels\/(\w+)\.md$/.exec(from) &&
      [...kernelNamed.keys(), ...compositions.keys()].find((name) => name.toLowerCase() === anchor.toLowerCase());
    if (kernel) return `[${words}](/${place.replace(".md", "")}/${kernel})`;
    return place === undefined ? words : `[${words}](/${place.replace(/(index)?\.md$/, "")}${anchor ? `#${anchor}` : ""})`;
  };
  const linked = text.replace(/<!--[\s\S]*?-->\n*/g, "").replace(/(!?)\[((?:[^\][]|\[[^\]]*\])*)\]\(([^)\s]+)\)/g, link);
  return outsideCode(linked, (plain) => plain.replaceAll("$", "\\$"));
}

const first = (text) => /^.*?\.(?= |$)/s.exec(text)?.[0] ?? text;
const withoutFormula = (text) => outsideCode(text, (plain) => plain.replaceAll("$", "\\$"));

function familyPage(family, names) {
  const lines = names.map((name) => {
    const words = compositions.has(name)
      ? `${name === "valueAtRisk" ? "Value at risk" : "Expected shortfall"} by the name of a method`
      : first(kernelNamed.get(name).contract.doc);
    return `| [${name}](/kernels/${family}/${name}) | ${words.replaceAll("|", "\\|")} |`;
  });
  return `# ${titles[family]}\n\nAll times are epoch nanoseconds UTC. NaN is an answer, never an error; wrong input is refused with its row, and so is NaN in a column that is checked.\n\n| kernel | |\n| --- | --- |\n${lines.join("\n")}`;
}

export const families = [...byFamily].map(([family, names]) => ({
  family,
  title: titles[family],
  names: [...names, ...(family === "risk" ? compositions.keys() : [])].toSorted(),
}));
export const api = apiPages();

const home = `---
sidebar: false
aside: false
---

# tickforge

Kernels for order flow, risk, factors and portfolios, in C++ and WebAssembly behind one TypeScript interface, each compared with a readable reference; and a system of engines that runs them on a shared-memory bus.

[Start](/start), or try it in the [playground](/playground), which computes in the page on a file of yours.

| to do | page |
| --- | --- |
| VPIN and its alarm from a file of trades | [files](/files), [order flow](/kernels/flow) |
| a live system whose engines go on with the same bits when one is killed | [system](/system), [engines](/engines), [feeds](/feeds) |
| value at risk, expected shortfall, stress, options and margin | [risk](/kernels/risk) |
| panels, styles, factor returns, covariances, attribution | [factors](/factors) |
| weights with their proof, and a back-test of them | [portfolio](/portfolio), [weights in a system](/weights) |
| a kernel, an engine or a feed of your own | [kernel](/add-a-kernel), [engine](/writing_engines), [feed](/contributing#add-a-feed) |
| names that you know from R or Python | [coming from Python](/coming-from-python) |`;

/** Where each document lies, and its heading. */
export const headings = [...documents, ...Object.keys(others)].map((path) => [placeOf(path), /^# (.+)$/m.exec(read(path))?.[1] ?? path]);

/** Text of each page by its path. */
export function sitePages() {
  const pages = new Map([["index.md", home]]);
  for (const path of [...documents, ...Object.keys(others)]) pages.set(placeOf(path), onSite(read(path), path));
  for (const { family, names } of families) {
    pages.set(`kernels/${family}.md`, withoutFormula(familyPage(family, names)));
    for (const name of names) {
      const composed = compositions.get(name)?.replace(/^## /, "# ");
      pages.set(`kernels/${family}/${name}.md`, composed ? onSite(composed, `docs/kernels/${family}.md`) : kernelPage(name));
    }
  }
  for (const { path, text } of api) pages.set(path, withoutFormula(text));
  pages.set("playground.md", "---\nlayout: playground\ntitle: Playground\n---");
  return pages;
}
