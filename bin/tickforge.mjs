#!/usr/bin/env node
/** Starts the compiled command line; in a checkout without it, says what compiles it. */
import { existsSync } from "node:fs";

const main = new URL("../dist/src/cli/main.js", import.meta.url);
if (existsSync(main)) {
  import(main.href);
} else {
  process.stderr.write("tickforge: this checkout is not compiled yet\n  fix     node bin/start.mjs compiles it and shows a first result\n");
  process.exitCode = 1;
}
