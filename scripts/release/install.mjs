// Installs what is about to be published, by name and as a user does: node scripts/release/install.mjs PACKAGES FOLDER, where PACKAGES is what
// packages.mjs made.
import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { openRegistry } from "./registry.mjs";

const [packages = "out/packages", folder = "out/installed"] = process.argv.slice(2).map((path) => resolve(path));
const registry = await openRegistry(packages);
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, "package.json"), '{ "name": "user", "private": true }\n');
const args = ["install", "tickforge", "--ignore-scripts", "--no-audit", "--no-fund", `--registry=${registry.url}`];
const npm = spawn("npm", args, { cwd: folder, stdio: "inherit", shell: process.platform === "win32" });
process.exitCode = await new Promise((done) => npm.on("close", (code) => done(code ?? 1)));
registry.close();
