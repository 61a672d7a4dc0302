// Writes prebuilds/<platform>-<arch>/ for this machine, and for linux-arm64 where its cross-compiler is installed.
import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import prebuildify from "prebuildify";
import { configured } from "./native.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const installed = (command) => spawnSync(command, ["--version"], { stdio: "ignore" }).status === 0;
const wanted = process.argv.slice(2);
const here = [process.arch];
if (process.platform === "linux" && process.arch === "x64" && installed("aarch64-linux-gnu-g++")) here.push("arm64");

/** Where an architecture is compiled: where npm run build:all, or the emulated suite, compile the same; else in a folder of its own. */
function objectsOf(arch) {
  if (arch === "arm64" && process.arch === "x64" && process.platform === "linux") return join(root, "out", "arm64", "build");
  const { builds, generator } = configured();
  const same = arch === process.arch && builds === "all" && generator === "Ninja";
  return same ? join(root, "build") : join(root, "out", "prebuild", arch, "objects");
}

for (const arch of wanted.length > 0 ? wanted : here) {
  const cwd = join(root, "out", "prebuild", arch);
  mkdirSync(cwd, { recursive: true });
  process.env.TICKFORGE_OBJECTS = objectsOf(arch);
  const stripBin = arch === "arm64" && process.arch !== "arm64" && process.platform === "linux" ? "aarch64-linux-gnu-strip" : "strip";
  const options = {
    name: "tickforge",
    napi: true,
    strip: true,
    stripBin,
    arch,
    cwd,
    out: root,
    nodeGyp: join(root, "scripts", "node_gyp_shim.cjs"),
  };
  const tagLibc = process.platform === "linux";
  await new Promise((resolve, reject) => prebuildify({ ...options, tagLibc, targets: [] }, (error) => (error ? reject(error) : resolve())));
  console.log(`prebuilt ${process.platform}-${arch}`);
}
