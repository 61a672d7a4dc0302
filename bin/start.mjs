#!/usr/bin/env node
/**
 * node bin/start.mjs         from a fresh clone to a first result
 * node bin/start.mjs up      from a fresh clone to a running system, as tickforge up
 * node bin/start.mjs test    from a fresh clone to every test
 * Looks at Node's version before anything is loaded that an old one could not read.
 */
import { readFileSync } from "node:fs";

const { engines } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
const [oldestMajor, oldestMinor] = engines.node.replace(">=", "").split(".").map(Number);
const [major, minor] = process.versions.node.split(".").map(Number);

if (major < oldestMajor || (major === oldestMajor && minor < oldestMinor)) {
  const needed = `${oldestMajor}.${oldestMinor}`;
  process.stderr.write(
    `tickforge: needs Node ${needed} or later, this is ${process.versions.node}   [E_NODE_OLD]\n  fix     install a newer Node: https://nodejs.org/en/download\n`,
  );
  process.exitCode = 1;
} else {
  import("../scripts/start.mjs").then(async ({ start }) => {
    process.exitCode = await start(process.argv.slice(2));
  });
}
