// Of docs/system.md what follows from the declarations, and system.schema.json: used by docs.mjs. Needs dist.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { explain } from "../../dist/src/system/plan/explain.js";
import { readSystem } from "../../dist/src/system/plan/read_system.js";
import { keyRows, systemSchema } from "../../dist/src/system/plan/schema.js";

const cell = (text) => String(text).replaceAll("|", "\\|");
const row = (...cells) => `| ${cells.map(cell).join(" | ")} |`;
const shown = (value) => (value === undefined ? "" : typeof value === "string" ? `\`${value}\`` : String(value));
function table(first, rows) {
  const line = ({ key, values, unit, default: fallback, needed, doc }) =>
    row(`\`${key}\``, unit === undefined ? values : `${values}, ${unit}`, needed ? "needed" : shown(fallback), doc);
  return [row(first, "values", "default", "meaning"), row("---", "---", "---", "---"), ...rows.map(line)].join("\n");
}

/** The plan of the page's own example, whose feed is the page's own module. */
async function planText(page) {
  const block = (language) => new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(page)[1];
  const folder = mkdtempSync(join(tmpdir(), "tickforge-page-"));
  try {
    writeFileSync(join(folder, "system.json"), block("jsonc"));
    writeFileSync(
      join(folder, "feed.mjs"),
      block("js").replace(/^import .* from "tickforge\/system";$/m, "const defineEngine = (engine) => engine;"),
    );
    const plan = await readSystem({ file: join(folder, "system.json"), folder: "/state/system", cores: 4 });
    return `\`\`\`\n${explain(plan).replaceAll(`${folder}/`, "")}\`\`\``;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What `docs/system.md` and `system.schema.json` should be, by their paths. */
export async function systemPages(root) {
  let page = readFileSync(`${root}docs/system.md`, "utf8");
  for (const [mark, text] of Object.entries({ keys: table("key", keyRows()), plan: await planText(page) })) {
    const [begin, end] = [`<!-- ${mark} -->`, `<!-- /${mark} -->`];
    page = `${page.split(begin)[0]}${begin}\n${text}\n${end}${page.split(end)[1]}`;
  }
  return new Map([
    [`${root}docs/system.md`, page],
    [`${root}system.schema.json`, `${JSON.stringify(systemSchema(), undefined, 2)}\n`],
  ]);
}
