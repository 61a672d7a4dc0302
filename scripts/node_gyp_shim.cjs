#!/usr/bin/env node
// Stands in for node-gyp under prebuildify: its `rebuild --arch=X` becomes a cmake-js build in the folder it was started in.
const { execFileSync } = require("node:child_process");
const { join } = require("node:path");

const root = join(__dirname, "..");
const arch = (process.argv.find((word) => word.startsWith("--arch=")) ?? `--arch=${process.arch}`).slice("--arch=".length);
const cross = process.platform === "linux" && arch === "arm64" && process.arch !== "arm64";
const options = [
  "cmake-js",
  "compile",
  "-G",
  "Ninja",
  "-d",
  root,
  "-a",
  arch,
  "-O",
  join(process.cwd(), "build"),
  "--CDTICKFORGE_BUILDS=all",
];
if (cross) options.push(`--CDCMAKE_TOOLCHAIN_FILE=${join(root, "scripts", "linux_arm64.cmake")}`);
execFileSync("npx", options, { stdio: "inherit", cwd: root, shell: process.platform === "win32" });
