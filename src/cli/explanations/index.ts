/** What every code means and what to do, a file for each family; a test compares the list with the codes in the sources. */
import { addon } from "./backends.js";
import { bus } from "./bus.js";
import { calls } from "./calls.js";
import { commandLine } from "./command-line.js";
import { files } from "./files.js";
import { redis } from "./redis.js";
import { rows } from "./rows.js";
import { topology } from "./topology.js";

/** Codes, with blanks between those that mean the same; what they mean; what to do. */
export type Entry = readonly [codes: string, what: string, fix: string];

export interface Explanation {
  what: string;
  fix: string;
}

export const families: readonly (readonly [name: string, entries: readonly Entry[]])[] = [
  ["the command line", commandLine],
  ["backends and the add-on", addon],
  ["files", files],
  ["rows of trades and tables", rows],
  ["calls of kernels", calls],
  ["the bus", bus],
  ["the bus on Redis", redis],
  ["topologies", topology],
];

export const explanations: Readonly<Record<string, Explanation>> = Object.fromEntries(
  families.flatMap(([, entries]) => entries.flatMap(([codes, what, fix]) => codes.split(" ").map((code) => [code, { what, fix }]))),
);
