/** tickforge bus up | status | tail | play: words of the command line -> the bus of this user -> one of the four. */
import { SharedBus } from "../../bus/shared/shared_bus.js";
import { didYouMean } from "../../core/contract/errors.js";
import type { Values } from "../kit/args.js";
import { UsageError } from "../kit/exit.js";
import { camel } from "../kit/flag.js";
import type { Terminal } from "../kit/terminal.js";
import { type BusCommand, busCommands, busFlags } from "./bus_flags.js";
import type { BusJob } from "./bus_job.js";
import { play } from "./bus_play.js";
import { status } from "./bus_status.js";
import { tail } from "./bus_tail.js";
import { up } from "./bus_up.js";

const run: Record<BusCommand, (job: BusJob) => Promise<number>> = { up, status, tail, play };

export async function bus(values: Values, words: readonly string[], terminal: Terminal): Promise<number> {
  const [name, ...rest] = words;
  if (name === undefined) throw new UsageError("bus needs one of up, status, tail, play", "tickforge bus status");
  const command = busCommands.find((one) => one === name);
  if (!command) {
    const near = didYouMean(name, busCommands);
    throw new UsageError(`no command is called 'bus ${name}'`, near ? `did you mean tickforge bus ${near}?` : "see tickforge bus --help");
  }
  const foreign = busFlags.find((flag) => camel(flag.name) in values && !flag.of.includes(command));
  if (foreign) throw new UsageError(`--${foreign.name} is no flag of bus ${command}`, `it belongs to bus ${foreign.of.join(", ")}`);
  terminal.quiet = values.quiet === true;
  const { folder, namespace } = values as { folder?: string; namespace?: string };
  const where = { ...(folder !== undefined && { folder }), ...(namespace !== undefined && { namespace }) };
  return run[command]({ values, words: rest, terminal, open: (more = {}) => new SharedBus({ ...where, ...more }) });
}
