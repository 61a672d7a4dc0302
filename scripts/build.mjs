// npm run build [-- host|all]: the TypeScript first, so that no compiler stops it, then the native kernels, as an add-on and as WebAssembly.
import { buildNative } from "./native.mjs";
import { installPackages, npm } from "./packages.mjs";
import { buildWasm } from "./wasm.mjs";

const which = process.argv[2];
const required = which === "all" || process.env.TICKFORGE_REQUIRE === "native";

function build() {
  const failed = installPackages() || npm("run", "--silent", "build:ts");
  if (failed) return failed;
  const outcome = buildNative(which);
  const failedWasm = buildWasm() === "failed";
  return failedWasm || outcome === "failed" || (outcome === "missing" && required) ? 1 : 0;
}
process.exitCode = build();
