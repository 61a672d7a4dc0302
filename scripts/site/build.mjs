// npm run site: out/site/built from docs/, the declarations and dist; links that lead nowhere fail it. `-- --dev` serves it while it is written.
import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, createServer } from "vitepress";
import { sitePages } from "./pages.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const pages = join(root, "out/site/pages");
rmSync(join(root, "out/site"), { recursive: true, force: true });
const write = (path, text) => {
  mkdirSync(dirname(join(pages, path)), { recursive: true });
  writeFileSync(join(pages, path), text);
};
for (const [path, text] of sitePages()) write(path, `${text}\n`);
write(".vitepress/config.mjs", 'export { config as default } from "../../../../scripts/site/vitepress_config.mjs";\n');
write(".vitepress/theme/index.mjs", 'export { theme as default } from "../../../../../scripts/site/theme/theme.mjs";\n');
for (const picture of ["page.png", "report.png"]) cpSync(join(root, "docs", picture), join(pages, "public", picture));
cpSync(join(root, "src/page/client/icon.svg"), join(pages, "public/icon.svg"));
if (process.argv.includes("--dev")) {
  const server = await createServer(pages);
  await server.listen();
  server.printUrls();
} else await build(pages);
