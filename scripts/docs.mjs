// Writes docs/kernels/<family>.md from the contracts, docs/engines.md from what engines declare, docs/system.md and system.schema.json from the keys of system files: node scripts/docs.mjs [--check]. Needs dist.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { enginesPage } from "./pages/engines_page.mjs";
import { byFamily, callsOf, goldenOf, kernelNamed, limits, portTables, titles } from "./pages/kernel_sections.mjs";
import { compositions } from "./pages/risk_page.mjs";
import { systemPages } from "./pages/system_page.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));

function section(name, { contract }) {
  const parts = [`## ${name}`, `\`${contract.name}\`. ${contract.doc}`, `Source: ${contract.source}.`];
  return [...parts, callsOf(name, contract), ...portTables(contract), ...limits(contract), goldenOf(contract)].join("\n\n");
}

byFamily.get("risk").push(...compositions.keys());

mkdirSync(`${root}docs/kernels`, { recursive: true });
const pages = await systemPages(root);
pages.set(`${root}docs/engines.md`, await enginesPage());
for (const [family, names] of byFamily) {
  const file = `${root}docs/kernels/${family}.md`;
  const head = `# ${titles[family] ?? family}\n\nWritten from the contracts by \`npm run docs\`; edit those. All times are epoch nanoseconds UTC. NaN is an answer, never an error; wrong input is refused with its row, and so is NaN in a column that is checked.`;
  pages.set(
    file,
    `${[head, ...names.toSorted().map((name) => compositions.get(name) ?? section(name, kernelNamed.get(name)))].join("\n\n")}\n`,
  );
}
let stale = 0;
for (const [file, text] of pages) {
  if (process.argv.includes("--check")) stale += !existsSync(file) || readFileSync(file, "utf8") !== text;
  else writeFileSync(file, text);
}
if (stale) {
  console.error(`docs: ${stale} page(s) differ from the declarations; run npm run docs`);
  process.exit(1);
}
