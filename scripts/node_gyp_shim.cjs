#!/usr/bin/env node
// Stands in for node-gyp under prebuildify: its `rebuild --arch=X` becomes a cmake-js build in TICKFORGE_OBJECTS, whose binary is copied to the
// folder it was started in: what prebuildify strips and moves is the copy.
const { execFileSync } = require("node:child_process");
const { copyFileSync, mkdirSync } = require("node:fs");
const { join } = require("node:path");

const root = join(__dirname, "..");
const arch = (process.argv.find((word) => word.startsWith("--arch=")) ?? `--arch=${process.arch}`).slice("--arch=".length);
const { TICKFORGE_OBJECTS: objects, TICKFORGE_TOOLCHAIN: toolchain } = process.env;
const options = ["cmake-js", "compile", "-G", "Ninja", "-d", root, "-a", arch, "-O", objects, "--CDTICKFORGE_BUILDS=all"];
if (toolchain) options.push(`--CDCMAKE_TOOLCHAIN_FILE=${toolchain}`);
execFileSync("npx", options, { stdio: "inherit", cwd: root, shell: process.platform === "win32" });
const release = join(process.cwd(), "build", "Release");
mkdirSync(release, { recursive: true });
copyFileSync(join(objects, "Release", "tickforge.node"), join(release, "tickforge.node"));
