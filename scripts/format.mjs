// Formats TypeScript, scripts and JSON with biome, C++ with clang-format: node scripts/format.mjs [--check] [files...]. All files where none is named.
import { execFileSync, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
/** Another version breaks lines elsewhere. */
const version = 19;

const check = process.argv.includes("--check");
const named = process.argv.slice(2).filter((argument) => argument !== "--check");
const unknown = named.find((argument) => argument.startsWith("-"));
if (unknown) {
  console.error(`format: no option is called '${unknown}'; usage: node scripts/format.mjs [--check] [files...]`);
  process.exit(2);
}
const run = (program, args) => spawnSync(program, args, { cwd: root, stdio: "inherit" }).status ?? 1;

function formatScripts() {
  const files = named.filter((file) => /\.(ts|mjs|js|json)$/.test(file));
  if (named.length > 0 && files.length === 0) return 0;
  const write = check ? [] : ["--write"];
  const biome = ["node_modules/@biomejs/biome/bin/biome", "check", "--linter-enabled=false", "--no-errors-on-unmatched", ...write];
  return run(process.execPath, [...biome, ...(files.length > 0 ? files : ["."])]);
}

function clangFormat() {
  return [`clang-format-${version}`, "clang-format"].find((name) => {
    const { stdout } = spawnSync(name, ["--version"], { encoding: "utf8" });
    return stdout && Number(/version (\d+)/.exec(stdout)?.[1]) === version;
  });
}

function formatNative() {
  const sources = /^native\/.*\.(cc|h|mm)$/;
  const listed = named.length > 0 ? named : execFileSync("git", ["ls-files", "native"], { cwd: root, encoding: "utf8" }).split("\n");
  const files = listed.filter((file) => sources.test(file));
  if (files.length === 0) return 0;
  const program = clangFormat();
  if (program) return run(program, [...(check ? ["--dry-run", "-Werror"] : ["-i"]), ...files]);
  const install = `sudo apt-get install clang-format-${version}, or pip install 'clang-format==${version}.*'`;
  console.error(`format: clang-format ${version} is not here, so ${files.length} C++ files were not looked at: ${install}`);
  return 0;
}

const codes = [formatScripts(), formatNative()];
process.exit(codes.some((code) => code !== 0) ? 1 : 0);
