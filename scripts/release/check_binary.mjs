// Loads the binary that npm run prebuild has made for this machine: it holds every instruction set, and belongs to this version.
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);
const root = fileURLToPath(new URL("../..", import.meta.url));
process.env.PREBUILDS_ONLY = "1"; // not what npm run build has left
const file = require("node-gyp-build").path(root);
const { version, builds } = require(file);
const wanted = process.arch === "x64" ? "base,v3,v4" : "base";
const own = require("../../package.json").version;
if (builds.join() !== wanted) throw new Error(`${file} holds ${builds.join()}, not ${wanted}`);
if (!version.startsWith(`${own} `)) throw new Error(`${file} is ${version}, the package ${own}`);
console.log(`${file}: ${version}, ${builds.join()}`);
