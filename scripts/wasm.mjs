// npm run build:wasm: the kernels as WebAssembly, dist/lib/tickforge-<family>.wasm, with clang 19 and the C library of WASI. Where these
// are not installed that is said, and everything else goes on without the modules.
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { hasNinja } from "./toolchain.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = join(root, "out", "wasm");
const toolchain = join(root, "native", "wasm", "wasm32.cmake");
const packages = "clang-19 lld-19 wasi-libc libc++-19-dev-wasm32 libc++abi-19-dev-wasm32 libclang-rt-19-dev-wasm32";

const runs = (command) => spawnSync(command, ["--version"], { stdio: "ignore" }).status === 0;

/** Compiles and links a program of one line: a compiler may be there without its libraries. */
function toolsRun() {
  if (!runs("cmake") || !(hasNinja() || runs("make"))) return false;
  const into = mkdtempSync(join(tmpdir(), "tickforge-wasm-"));
  try {
    const input = "#include <string>\nint main(int count, char**) { return static_cast<int>(std::string(count, 'x').size()); }\n";
    const flags = ["--target=wasm32-wasi", "-std=c++20", "-fno-exceptions", "-x", "c++", "-", "-o", join(into, "probe.wasm")];
    return spawnSync("clang++-19", flags, { input, stdio: ["pipe", "ignore", "ignore"] }).status === 0;
  } finally {
    rmSync(into, { recursive: true });
  }
}

const cmake = (...args) => spawnSync("cmake", args, { cwd: root, stdio: ["ignore", "inherit", "inherit"] }).status === 0;

const modules = () => (existsSync(folder) ? readdirSync(folder).filter((file) => /^tickforge-\w+\.wasm$/.test(file)) : []);

/** Puts the modules that were built last beside the bundle; false where there are none. */
export function placeModules() {
  const lib = join(root, "dist", "lib");
  mkdirSync(lib, { recursive: true });
  for (const file of modules()) copyFileSync(join(folder, file), join(lib, file));
  return modules().length > 0;
}

/** "built", "missing" where there are no tools for it, or "failed". */
export function buildWasm() {
  if (!toolsRun()) {
    process.stderr.write(
      `WebAssembly: not built, pages and systems without the add-on run on the reference; it takes cmake ${packages} (Debian's names)\n`,
    );
    return "missing";
  }
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const generator = hasNinja() ? "Ninja" : "Unix Makefiles";
  const configured = ["-S", join(root, "native", "wasm"), "-B", folder, "-G", generator, `-DCMAKE_TOOLCHAIN_FILE=${toolchain}`];
  const done = cmake(...configured, `-DTICKFORGE_VERSION=${version}`, "--log-level=WARNING") && cmake("--build", folder, "--parallel");
  if (!done || !placeModules()) return "failed";
  const kilobytes = (count) => `${Math.round(count / 1000)} kB`;
  for (const file of modules()) {
    const bytes = readFileSync(join(folder, file));
    process.stderr.write(`WebAssembly: ${file}, ${kilobytes(bytes.length)}, ${kilobytes(gzipSync(bytes).length)} gzipped\n`);
  }
  return "built";
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = buildWasm() === "built" ? 0 : 1;
