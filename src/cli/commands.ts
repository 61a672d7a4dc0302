/** Words of the command line -> command -> exit code. */
import { packageVersion } from "../addon/addon.js";
import { didYouMean } from "../core/contract/errors.js";
import { allFlags } from "./all_flags.js";
import { busHelp } from "./bus/bus_flags.js";
import { factorsHelp } from "./factors/factors_flags.js";
import { commands, doctorHelp, explainHelp, mainHelp, replayHelp, validateHelp } from "./help.js";
import { parse } from "./kit/args.js";
import { exit, exitCodeOf, UsageError } from "./kit/exit.js";
import { errorScreen } from "./kit/screen.js";
import { Terminal } from "./kit/terminal.js";
import { riskHelp } from "./risk/risk_flags.js";

/** Sets the exit code; pending output is still written. */
export async function run(args: readonly string[]): Promise<void> {
  const terminal = new Terminal();
  terminal.color = !args.includes("--no-color");
  try {
    process.exitCode = await dispatch(args, terminal);
  } catch (error) {
    terminal.error(errorScreen(error, terminal));
    process.exitCode = exitCodeOf(error);
  }
}

async function dispatch(args: readonly string[], terminal: Terminal): Promise<number> {
  const [command = "--help", ...rest] = args;
  if (command === "--version" || command === "-v") return say(terminal, `${packageVersion()}\n`);
  if (command === "help" && rest.length > 0) return dispatch([...rest, "--help"], terminal);
  if (command === "--help" || command === "-h" || command === "help") return say(terminal, mainHelp(packageVersion()));
  const flags = Object.hasOwn(allFlags, command) ? allFlags[command] : undefined;
  if (!flags) {
    if (command.startsWith("-")) throw new UsageError(`no flag is called ${command}`, "tickforge COMMAND --help shows a command's flags");
    const near = didYouMean(command, Object.keys(commands));
    throw new UsageError(`no command is called '${command}'`, near ? `did you mean tickforge ${near}?` : "see tickforge --help");
  }
  const { values, words } = parse(command, rest, flags);
  if (values.help)
    return say(
      terminal,
      {
        replay: replayHelp(),
        validate: validateHelp,
        bus: busHelp(),
        risk: riskHelp(),
        factors: factorsHelp(),
        doctor: doctorHelp,
        explain: explainHelp,
      }[command]!,
    );
  // Loaded only now: --help should not wait for the add-on and the charts.
  if (command === "replay") return (await import("./replay/replay.js")).replay(values, words, [command, ...rest], terminal);
  if (command === "validate") return (await import("./validate/validate.js")).validate(values, words, [command, ...rest], terminal);
  if (command === "risk") return (await import("./risk/risk.js")).risk(values, words, [command, ...rest], terminal);
  if (command === "factors") return (await import("./factors/factors.js")).factors(values, words, [command, ...rest], terminal);
  if (command === "bus") return (await import("./bus/bus.js")).bus(values, words, terminal);
  if (command === "doctor" && words.length > 0) throw new UsageError("doctor takes no words", "tickforge doctor");
  if (command === "doctor") return (await import("./doctor/doctor.js")).doctor(values, terminal);
  return (await import("./doctor/explain.js")).explain(words, terminal);
}

function say(terminal: Terminal, text: string): number {
  terminal.answer(text);
  return exit.ok;
}
