// Builds the add-on under a sanitizer and runs the suites that touch every native row: node scripts/sanitize.mjs [address|thread]
// Of the builds for instruction sets the one that this processor takes; under TICKFORGE_DEEP all of them, with more splits of each stream.
import { execFileSync, spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";

const which = process.argv[2] ?? "address";
const sanitizers = {
  address: {
    flags: "address,undefined",
    library: "libasan.so",
    env: { ASAN_OPTIONS: "detect_leaks=0:halt_on_error=1", UBSAN_OPTIONS: "halt_on_error=1:print_stacktrace=1" },
  },
  thread: {
    flags: "thread",
    library: "libtsan.so",
    // Threads that the bundler of the tests leaves behind at the end are not ours.
    env: { TSAN_OPTIONS: "ignore_noninstrumented_modules=1:halt_on_error=1:report_thread_leaks=0" },
  },
};
const { flags, library, env } = sanitizers[which] ?? {};
if (!flags) throw new Error(`sanitize: '${which}' is not one of ${Object.keys(sanitizers).join(", ")}`);
if (process.platform !== "linux") {
  console.log("sanitize: skipped, the runtime is preloaded on Linux only");
  process.exit(0);
}
const deep = process.env.TICKFORGE_DEEP !== undefined;
/** As the add-on says that was built before; all, which is "", where none was. */
function bestBuild() {
  try {
    return createRequire(import.meta.url)("node-gyp-build")(process.cwd()).cpus.at(-1);
  } catch {
    return "";
  }
}
const builds = deep ? "all" : (process.env.TICKFORGE_CPU ?? bestBuild());
const folder = `out/${which}`; // node-gyp-build looks in build/Release below it
execFileSync(
  "npx",
  ["cmake-js", "compile", "-G", "Ninja", "-O", `${folder}/build`, `--CDTICKFORGE_SANITIZE=${flags}`, `--CDTICKFORGE_BUILDS=${builds}`],
  {
    stdio: ["ignore", "ignore", "inherit"],
  },
);
const preload = execFileSync("g++", [`-print-file-name=${library}`], { encoding: "utf8" }).trim();
// Threads meet in the ring, in calls off the main thread and in kernels that are lent threads.
const shared = ["test/core/calls.test.ts", "test/bus/conformance.test.ts", "test/bus/shared/shared.test.ts"];
const suites = {
  address: [
    "test/core/parity.test.ts",
    "test/core/golden.test.ts",
    "test/core/stream.test.ts",
    "test/core/state.test.ts",
    "test/attack/states.test.ts",
    ...shared,
  ],
  thread: [
    ...shared,
    "test/bus/ring/ring.test.ts",
    "test/bus/ring/attached.test.ts",
    "test/kernels/risk/monte_carlo.test.ts",
    "test/kernels/risk/delta_gamma.test.ts",
    "test/kernels/risk/option_book.test.ts",
  ],
}[which];
// vitest leaves a core to others; these suites wait for nothing but the processor.
const workers = `--maxWorkers=${Math.max(2, availableParallelism())}`;
const run = spawnSync(process.execPath, ["node_modules/vitest/vitest.mjs", "run", workers, ...suites, ...process.argv.slice(3)], {
  stdio: "inherit",
  env: {
    ...process.env,
    ...env,
    TICKFORGE_PROPERTY_RUNS: deep ? "10" : "2",
    LD_PRELOAD: preload,
    TICKFORGE_PREBUILD: `${process.cwd()}/${folder}`,
    TICKFORGE_REQUIRE: "native",
  },
});
process.exit(run.status ?? 1);
