#!/usr/bin/env node
/** Looks at the version of Node before anything is loaded that an old one could not read. */
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);

if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(`tickforge: needs Node 20.19 or later, this is ${process.versions.node}   [E_NODE_OLD]\n`);
  process.exitCode = 1;
} else {
  import("./dispatch.js").then(({ dispatch }) => dispatch(process.argv.slice(2)));
}

export {};
