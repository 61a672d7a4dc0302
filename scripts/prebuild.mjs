// Writes prebuilds/<platform>-<arch>/ for this machine, and for linux-arm64 where its cross-compiler is installed.
import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import prebuildify from "prebuildify";

const root = fileURLToPath(new URL("..", import.meta.url));
const installed = (command) => spawnSync(command, ["--version"], { stdio: "ignore" }).status === 0;
const wanted = process.argv.slice(2);
const here = [process.arch];
if (process.platform === "linux" && process.arch === "x64" && installed("aarch64-linux-gnu-g++")) here.push("arm64");

for (const arch of wanted.length > 0 ? wanted : here) {
  const cwd = join(root, "out", "prebuild", arch); // a build folder of its own: what lies in build/ stays
  mkdirSync(cwd, { recursive: true });
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
