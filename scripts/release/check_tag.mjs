// Refuses to publish under a tag what is of another version: node scripts/release/check_tag.mjs TAG PACKAGES
import { readFileSync } from "node:fs";
import { join } from "node:path";

const [tag, packages] = process.argv.slice(2);
const files = readFileSync(join(packages, "packages.txt"), "utf8").trim().split("\n");
const wrong = files.filter((file) => !file.endsWith(`-${tag.replace(/^v/, "")}.tgz`));
if (files.at(-1) !== `tickforge-${tag.replace(/^v/, "")}.tgz` || wrong.length > 0) {
  console.error(`the tag is ${tag}, the packages are ${files.join(", ")}`);
  process.exit(1);
}
console.log(`${files.length} packages of ${tag}`);
