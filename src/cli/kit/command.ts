/** What a command declares of itself, and what it is given: parser, help and pages know of it from here alone. */
import type { Values } from "./args.js";
import { camel, type Flag, type FlagLine } from "./flag.js";
import type { Terminal } from "./terminal.js";

export interface Command {
  readonly name: string;
  /** What is written behind the name. */
  readonly synopsis: string;
  readonly summary: string;
  /** Lines for the help: how it is called, from `tickforge` or what feeds it on, and what to know beside the flags. */
  readonly examples: readonly string[];
  readonly notes?: readonly string[];
  /** By groups, in the order of the help. */
  readonly flags: Readonly<Record<string, readonly FlagLine[]>>;
  /** Loads what it needs only when it is called: help does not wait for the add-on and the charts. */
  run(given: Given): Promise<number>;
}

export interface Given {
  readonly command: Command;
  readonly values: Values;
  /** What is no flag. */
  readonly words: readonly string[];
  /** All of it, from the name of the command on. */
  readonly line: readonly string[];
  readonly terminal: Terminal;
}

export const flagsOf = ({ flags }: Pick<Command, "flags">): Flag[] => Object.values(flags).flat(2);

/** The first flag that was given though it is in none of these groups, and the group it is in. */
export function foreignFlag({ command, values }: Given, groups: readonly string[]): { name: string; group: string } | undefined {
  for (const [group, lines] of Object.entries(command.flags)) {
    const found = groups.includes(group) ? undefined : lines.flat().find(({ name }) => values[camel(name)] !== undefined);
    if (found) return { name: found.name, group };
  }
  return undefined;
}
