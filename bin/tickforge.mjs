#!/usr/bin/env node
/** Starts the compiled command line; in a checkout without it, says what compiles it. */
import { existsSync } from "node:fs";

// A checkout runs what was compiled last, file by file; the package has the bundle alone.
const checkout = existsSync(new URL("../src/cli/main.ts", import.meta.url));
const main = new URL(checkout ? "../dist/src/cli/main.js" : "../dist/lib/tickforge.js", import.meta.url);
if (existsSync(main)) {
  import(main.href);
} else {
  process.stderr.write("tickforge: this checkout is not compiled yet\n  fix     node bin/start.mjs compiles it and shows a first result\n");
  process.exitCode = 1;
}
