<<<<<<< HEAD:scripts/release/check_prebuilds.mjs
// Refuses a release in which a binary is missing: node scripts/release/check_prebuilds.mjs [FOLDER [MODULE]]
import { existsSync, statSync } from "node:fs";
=======
// Refuses a release in which a binary or a WebAssembly module is missing: node scripts/check_prebuilds.mjs [FOLDER [LIB]]
import { existsSync, readFileSync, statSync } from "node:fs";
>>>>>>> a8b9b9a (WebAssembly is a module a family: the first kernel of a page costs at most 141 kB gzipped instead of 619):scripts/check_prebuilds.mjs
import { join } from "node:path";
import { platforms } from "./platforms.mjs";

<<<<<<< HEAD:scripts/release/check_prebuilds.mjs
const [folder = "prebuilds", module = "dist/lib/tickforge.wasm"] = process.argv.slice(2);
const files = [...platforms.map(({ file }) => join(folder, file)), module];
=======
const [folder = "prebuilds", lib = "dist/lib"] = process.argv.slice(2);
const [, families] = /set\(FAMILIES ([\w ]+)\)/.exec(readFileSync(new URL("../native/wasm/CMakeLists.txt", import.meta.url), "utf8"));
const modules = families.split(" ").map((family) => join(lib, `tickforge-${family}.wasm`));
const wanted = [
  "linux-x64/tickforge.glibc.node",
  "linux-x64/tickforge.musl.node",
  "linux-arm64/tickforge.glibc.node",
  "linux-arm64/tickforge.musl.node",
  "darwin-arm64/tickforge.node",
  "darwin-x64/tickforge.node",
];
const files = [...wanted.map((file) => join(folder, file)), ...modules];
>>>>>>> a8b9b9a (WebAssembly is a module a family: the first kernel of a page costs at most 141 kB gzipped instead of 619):scripts/check_prebuilds.mjs
const missing = files.filter((file) => !existsSync(file) || statSync(file).size < 10_000);
for (const file of missing) console.error(`missing: ${file}`);
if (missing.length > 0) process.exit(1);
console.log(`all ${files.length} binaries are there`);
