// npm run build [-- host|all]: the TypeScript first, so that no compiler stops it, then the native kernels.
import { buildNative } from "./native.mjs";
import { installPackages, npm } from "./packages.mjs";

const which = process.argv[2];
const required = which === "all" || process.env.TICKFORGE_REQUIRE === "native";

function build() {
  const failed = installPackages() || npm("run", "--silent", "build:ts");
  if (failed) return failed;
  const outcome = buildNative(which);
  return outcome === "failed" || (outcome === "missing" && required) ? 1 : 0;
}
process.exitCode = build();
