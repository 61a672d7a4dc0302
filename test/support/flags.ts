/** The flags of every command by its name. */

import { commands } from "../../src/cli/commands.js";
import { flagsOf } from "../../src/cli/kit/command.js";
import type { Flag } from "../../src/cli/kit/flag.js";

export const allFlags: Readonly<Record<string, readonly Flag[]>> = Object.fromEntries(
  commands.map((command) => [command.name, flagsOf(command)]),
);
