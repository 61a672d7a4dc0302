/** What each of the bus commands is given, and how it writes an object. */
import type { SharedBus, SharedOptions } from "../../bus/shared/shared_bus.js";
import type { Values } from "../kit/args.js";
import type { Terminal } from "../kit/terminal.js";

export interface BusJob {
  readonly values: Values;
  readonly words: readonly string[];
  readonly terminal: Terminal;
  open(more?: SharedOptions): SharedBus;
}

export const line = (object: object): string =>
  `${JSON.stringify({ schema: 1, ...object }, (_, value) => (typeof value === "bigint" ? String(value) : value))}\n`;
