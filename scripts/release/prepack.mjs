// Before npm pack: a package without binaries, or without what is compiled of the sources, is made by nobody on purpose.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const parts = [
  ["dist/lib/index.js", "npm run build:ts"],
  ["dist/lib/tickforge-flow.wasm", "npm run build:wasm"],
  [`prebuilds/${process.platform}-${process.arch}`, "npm run prebuild"],
];
const missing = parts.filter(([path]) => !existsSync(join(root, path)));
if (missing.length > 0) {
  const said = `there is no ${missing.map(([path]) => path).join(", no ")}`;
  console.error(`tickforge: not packed: ${said}\n  fix     ${missing.map(([, command]) => command).join(" && ")}`);
  process.exit(1);
}
