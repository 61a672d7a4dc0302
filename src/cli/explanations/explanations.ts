/** What every code means and what to do, a file for each family; a test compares the list with the codes in the sources. */
import { addon } from "./backends.js";
import { backtests } from "./backtests.js";
import { bus } from "./bus.js";
import { calls } from "./calls.js";
import { commandLine } from "./command_line.js";
import type { Ending, Entry } from "./entry.js";
import { feeds } from "./feeds.js";
import { files } from "./files.js";
import { gateway } from "./gateway.js";
import { redis } from "./redis.js";
import { rows } from "./rows.js";
import { system } from "./system.js";
import { topology } from "./topology.js";

export interface Explanation {
  what: string;
  fix: string;
  exit: Ending;
}

export const families: readonly (readonly [name: string, entries: readonly Entry[], exit: Ending])[] = [
  ["the command line", commandLine, "failed"],
  ["backends and the add-on", addon, "noAddon"],
  ["files", files, "badData"],
  ["live feeds", feeds, "failed"],
  ["rows of trades and tables", rows, "badData"],
  ["calls of kernels", calls, "failed"],
  ["the bus", bus, "failed"],
  ["the bus on Redis", redis, "failed"],
  ["the gateway", gateway, "failed"],
  ["topologies", topology, "usage"],
  ["system files", system, "badData"],
  ["back-tests", backtests, "badData"],
];

export const explanations: Readonly<Record<string, Explanation>> = Object.fromEntries(
  families.flatMap(([, entries, usual]) =>
    entries.flatMap(([codes, what, fix, exit = usual]) => codes.split(" ").map((code) => [code, { what, fix, exit }])),
  ),
);
