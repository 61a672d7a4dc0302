// Refuses a release in which a binary is missing: node scripts/release/check_prebuilds.mjs [FOLDER [MODULE]]
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { platforms } from "./platforms.mjs";

const [folder = "prebuilds", module = "dist/lib/tickforge.wasm"] = process.argv.slice(2);
const files = [...platforms.map(({ file }) => join(folder, file)), module];
const missing = files.filter((file) => !existsSync(file) || statSync(file).size < 10_000);
for (const file of missing) console.error(`missing: ${file}`);
if (missing.length > 0) process.exit(1);
console.log(`all ${files.length} binaries are there`);
