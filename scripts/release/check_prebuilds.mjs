// Refuses a release in which a binary or a WebAssembly module is missing: node scripts/release/check_prebuilds.mjs [FOLDER [LIB]]
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { platforms } from "./platforms.mjs";

const [folder = "prebuilds", lib = "dist/lib"] = process.argv.slice(2);
const [, families] = /set\(FAMILIES ([\w ]+)\)/.exec(readFileSync(new URL("../../native/wasm/CMakeLists.txt", import.meta.url), "utf8"));
const modules = families.split(" ").map((family) => join(lib, `tickforge-${family}.wasm`));
const files = [...platforms.map(({ file }) => join(folder, file)), ...modules];
const missing = files.filter((file) => !existsSync(file) || statSync(file).size < 10_000);
for (const file of missing) console.error(`missing: ${file}`);
if (missing.length > 0) process.exit(1);
console.log(`all ${files.length} binaries are there`);
