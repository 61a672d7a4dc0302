// Refuses a release in which a binary is missing: node scripts/check_prebuilds.mjs [FOLDER]
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";

const folder = process.argv[2] ?? "prebuilds";
const wanted = [
  "linux-x64/tickforge.glibc.node",
  "linux-x64/tickforge.musl.node",
  "linux-arm64/tickforge.glibc.node",
  "linux-arm64/tickforge.musl.node",
  "darwin-arm64/tickforge.node",
  "darwin-x64/tickforge.node",
];
const missing = wanted.filter((file) => !existsSync(join(folder, file)) || statSync(join(folder, file)).size < 10_000);
for (const file of missing) console.error(`missing: ${join(folder, file)}`);
if (missing.length > 0) process.exit(1);
console.log(`all ${wanted.length} binaries are there`);
