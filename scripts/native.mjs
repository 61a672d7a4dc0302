// Builds the native kernels: node scripts/native.mjs [host|all]. host: the best instruction set of this processor; all: every one, as
// releases hold them. Without a word it is what the build folder was made for, host in a new one.
import { spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { hasNinja, missingTools, thisSystem, toldMissing } from "./toolchain.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const binary = join(root, "build", "Release", "tickforge.node");

/** What CMake noted when this folder was configured. */
export function configured() {
  try {
    const text = readFileSync(join(root, "build", "CMakeCache.txt"), "utf8");
    const value = (key) => new RegExp(`^${key}:\\w+=(.*)$`, "m").exec(text)?.[1];
    return { builds: value("TICKFORGE_BUILDS"), generator: value("CMAKE_GENERATOR") };
  } catch {
    return {};
  }
}

function cmakeJs(...args) {
  const { status } = spawnSync(process.execPath, [join(root, "node_modules/cmake-js/bin/cmake-js"), ...args], {
    cwd: root,
    stdio: "inherit",
  });
  return status === 0;
}

/** Loads the binary in a process of its own: a damaged one can end the process. */
function loaded() {
  const script = `const { cpu, builds } = require(${JSON.stringify(binary)}); console.log(cpu, "of", builds.join(", "));`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ["-e", script], {
    encoding: "utf8",
    env: { ...process.env, TICKFORGE_CPU: "" },
  });
  return status === 0 ? { text: stdout.trim() } : { cause: stderr.match(/^\w*Error: .*$/m)?.[0] ?? `exit ${status}` };
}

/** "built", "missing" where there are no tools for it, or "failed". */
export function buildNative(which) {
  if (process.platform === "win32") {
    process.stderr.write(
      `native kernels: not compiled on Windows, everything runs on the reference; npm run prebuild -- win32-${process.arch} makes them on Linux\n`,
    );
    return "missing";
  }
  const missing = missingTools("build");
  if (missing.length > 0) {
    const then = which === "all" ? "npm run build:all" : "npm run build";
    process.stderr.write(
      `native kernels: not built, everything runs on the reference, about 10x slower; ${toldMissing(missing, thisSystem(), then)}`,
    );
    return "missing";
  }
  const before = configured();
  const generator = hasNinja() ? "Ninja" : "Unix Makefiles";
  if (before.generator !== undefined && before.generator !== generator) rmSync(join(root, "build"), { recursive: true });
  const builds = which ?? before.builds ?? "host";
  const common = ["-G", generator, `--CDTICKFORGE_BUILDS=${builds}`, "--parallel", String(availableParallelism())];
  if (!cmakeJs("configure", ...common) || !cmakeJs("build", ...common)) return "failed";
  const { text, cause } = loaded();
  process.stderr.write(cause === undefined ? `native kernels: built, ${text}\n` : `native kernels: built, but do not load: ${cause}\n`);
  return cause === undefined ? "built" : "failed";
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = buildNative(process.argv[2]) === "built" ? 0 : 1;
