/** Words of the command line -> command -> exit code. */
import { packageVersion } from "../addon/addon.js";
import { didYouMean } from "../core/contract/errors.js";
import { commands } from "./commands.js";
import { commandHelp, mainHelp } from "./help.js";
import { parse } from "./kit/args.js";
import { flagsOf } from "./kit/command.js";
import { exit, exitCodeOf, UsageError } from "./kit/exit.js";
import { errorScreen } from "./kit/screen.js";
import { Terminal } from "./kit/terminal.js";

/** Sets the exit code; pending output is still written. */
export async function dispatch(args: readonly string[]): Promise<void> {
  const terminal = new Terminal();
  terminal.color = !args.includes("--no-color");
  try {
    process.exitCode = await run(args, terminal);
  } catch (error) {
    terminal.error(errorScreen(error, terminal));
    process.exitCode = exitCodeOf(error);
  }
}

async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  const [name = "--help", ...rest] = args;
  if (name === "--version" || name === "-v") return say(terminal, `${packageVersion()}\n`);
  if (name === "help" && rest.length > 0) return run([...rest, "--help"], terminal);
  if (name === "--help" || name === "-h" || name === "help") return say(terminal, mainHelp(packageVersion(), commands));
  const command = commands.find((one) => one.name === name);
  if (!command) throw unknown(name);
  const { values, words } = parse(name, rest, flagsOf(command));
  if (values.help) return say(terminal, commandHelp(command));
  terminal.quiet = values.quiet === true;
  return command.run({ command, values, words, line: args, terminal });
}

function unknown(name: string): UsageError {
  if (name.startsWith("-")) return new UsageError(`no flag is called ${name}`, "tickforge COMMAND --help shows a command's flags");
  const near = didYouMean(
    name,
    commands.map((one) => one.name),
  );
  return new UsageError(`no command is called '${name}'`, near ? `did you mean tickforge ${near}?` : "see tickforge --help");
}

function say(terminal: Terminal, text: string): number {
  terminal.answer(text);
  return exit.ok;
}
