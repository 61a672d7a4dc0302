// From a fresh clone to a first result, with "up" to a running system, with "test" to every test: see bin/start.mjs.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { installFirstPackages, npm, unwritable } from "./packages.mjs";
import { bundlePage, pageBundled } from "./page_bundle.mjs";
import { installCommand, missingTools, thisSystem, toldMissing } from "./toolchain.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const main = join(root, "dist/src/cli/main.js");

/** Whether dist holds what is in src. */
function compiled() {
  if (!existsSync(main)) return false;
  const sources = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".ts"));
  const newest = Math.max(...sources.map((path) => statSync(join(root, "src", path)).mtimeMs));
  return statSync(join(root, "dist/src/index.js")).mtimeMs >= newest;
}

/** The sources alone and unchecked: npm run build looks at types, tests and benchmarks as well. */
function compile() {
  process.stderr.write("compiling the sources\n");
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  return spawnSync(process.execPath, [tsc, "-p", join(root, "src/tsconfig.json")], { cwd: root, stdio: "inherit" }).status ?? 1;
}

const hasNative = () =>
  existsSync(join(root, "build/Release/tickforge.node")) || existsSync(join(root, `prebuilds/${process.platform}-${process.arch}`));

/** The one command after this one. */
function toldNative() {
  const about = "this ran on the reference in TypeScript; the native kernels are about ten times faster";
  if (process.platform === "win32")
    return `${about}\n  next    npm run prebuild -- win32-${process.arch} compiles them for Windows, on Linux\n`;
  const missing = missingTools("build");
  if (missing.length > 0) return `${about}; ${toldMissing(missing, thisSystem(), "npm run build")}`;
  return `${about}\n  next    npm run build compiles them for this processor, in about three minutes of one core\n`;
}

/** Packages and sources are there: 0, else an exit code. */
function prepared(wanted) {
  if (compiled()) return 0;
  return unwritable() ? 1 : installFirstPackages(wanted) || compile();
}

/** Packages, sources and the page's files are there. */
async function preparedPage() {
  const failed = prepared({ page: true });
  if (failed || pageBundled()) return failed;
  if (unwritable()) return 0; // the system runs without its page, and says so
  // Compiled by who showed a first result alone: what the page is made with may be missing.
  const without = "  the system starts without its page: npm run build makes it\n";
  if (installFirstPackages({ page: true })) process.stderr.write(without);
  else {
    process.stderr.write("making the page\n");
    await bundlePage().catch((error) => process.stderr.write(`tickforge: the page could not be made: ${error.message}\n${without}`));
  }
  return 0;
}

/** A system runs in this process, so that Ctrl-C is its own to answer. */
async function up() {
  const failed = await preparedPage();
  if (failed) return failed;
  if (!hasNative()) {
    process.env.TICKFORGE_BACKEND = "reference";
    process.on("exit", () => process.stderr.write(`\n${toldNative()}`));
  }
  import(pathToFileURL(main).href);
  return undefined;
}

function firstResult() {
  const failed = prepared();
  if (failed) return failed;
  const native = hasNative();
  const env = native ? process.env : { ...process.env, TICKFORGE_BACKEND: "reference" };
  const { status } = spawnSync(process.execPath, [main, "replay"], { stdio: "inherit", env });
  if (status === 0 && !native) process.stderr.write(`\n${toldNative()}`);
  return status ?? 1;
}

/** Installs what is missing where that asks nobody, else says what does. */
function installTools() {
  const missing = missingTools("test");
  if (missing.length === 0) return 0;
  const system = thisSystem();
  const command = installCommand("test", system, missing);
  const unasked =
    system.prefix === "" ? process.getuid?.() === 0 : process.stdin.isTTY || spawnSync(system.prefix, ["-n", "true"]).status === 0;
  if (system.manager === "apt" && unasked) {
    process.stderr.write(`not found here: ${missing.join(", ")}\n${command}\n`);
    const quiet = command.replaceAll("apt-get", "apt-get -qq");
    if (spawnSync("sh", ["-c", quiet], { stdio: ["inherit", "ignore", "inherit"] }).status === 0 && missingTools("test").length === 0)
      return 0;
  }
  process.stderr.write(`tickforge: ${toldMissing(missingTools("test"), system, "node bin/start.mjs test", "test")}`);
  return 1;
}

export function start([what, ...more]) {
  if (more.length === 0 && what === undefined) return firstResult();
  if (more.length === 0 && what === "test") return (unwritable() ? 1 : installTools()) || npm("run", "test");
  if (what === "up") return up();
  process.stderr.write("usage: node bin/start.mjs [test | up ...]\n");
  return 2;
}
