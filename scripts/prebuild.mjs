// Writes prebuilds/<platform>-<arch>/ for this machine, and for linux-arm64 where its cross-compiler is installed. Named: `x64`, `arm64`, or from
// Linux `win32-x64` and `win32-arm64` (scripts/windows.cmake says with what).
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
const onLinux = process.platform === "linux";
if (onLinux && process.arch === "x64" && installed("aarch64-linux-gnu-g++")) here.push("arm64");

/** What another platform or processor is compiled with here. */
const toolchains = {
  ...(onLinux && process.arch === "x64" && { "linux-arm64": "linux_arm64" }),
  ...(process.platform !== "win32" && { "win32-x64": "windows", "win32-arm64": "windows" }),
};

/** Where it is compiled: where npm run build:all, or the emulated suite, compile the same; else in a folder of its own. */
function objectsOf(target) {
  if (target === "linux-arm64" && toolchains[target]) return join(root, "out", "arm64", "build");
  const { builds, generator } = configured();
  const same = target === `${process.platform}-${process.arch}` && builds === "all" && generator === "Ninja";
  return same ? join(root, "build") : join(root, "out", "prebuild", target, "objects");
}

for (const name of wanted.length > 0 ? wanted : here) {
  const [platform, arch] = name.includes("-") ? name.split("-") : [process.platform, name];
  const target = `${platform}-${arch}`;
  const toolchain = toolchains[target];
  const cwd = join(root, "out", "prebuild", target);
  mkdirSync(cwd, { recursive: true });
  process.env.TICKFORGE_OBJECTS = objectsOf(target);
  process.env.TICKFORGE_TOOLCHAIN = toolchain ? join(root, "scripts", `${toolchain}.cmake`) : "";
  const stripBin = toolchain === "linux_arm64" ? "aarch64-linux-gnu-strip" : "strip";
  const options = {
    name: "tickforge",
    napi: true,
    strip: platform !== "win32", // its linker has done so
    stripBin,
    platform,
    arch,
    cwd,
    out: root,
    nodeGyp: join(root, "scripts", "node_gyp_shim.cjs"),
  };
  const tagLibc = platform === "linux";
  await new Promise((resolve, reject) => prebuildify({ ...options, tagLibc, targets: [] }, (error) => (error ? reject(error) : resolve())));
  console.log(`prebuilt ${target}`);
}
