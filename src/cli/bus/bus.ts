/** tickforge bus up | status | tail | play: words of the command line -> the bus of this user -> one of the four. */
import { SharedBus } from "../../bus/shared/shared_bus.js";
import { didYouMean } from "../../core/contract/errors.js";
import { foreignFlag, type Given } from "../kit/command.js";
import { UsageError } from "../kit/exit.js";
import type { BusJob } from "./bus_job.js";
import { play } from "./bus_play.js";
import { status } from "./bus_status.js";
import { tail } from "./bus_tail.js";
import { up } from "./bus_up.js";

const commands = ["up", "status", "tail", "play"] as const;
const run: Record<(typeof commands)[number], (job: BusJob) => Promise<number>> = { up, status, tail, play };

export async function bus(given: Given): Promise<number> {
  const { values, words, terminal } = given;
  const [name, ...rest] = words;
  if (name === undefined) throw new UsageError("bus needs one of up, status, tail, play", "tickforge bus status");
  const command = commands.find((one) => one === name);
  if (!command) {
    const near = didYouMean(name, commands);
    throw new UsageError(`no command is called 'bus ${name}'`, near ? `did you mean tickforge bus ${near}?` : "see tickforge bus --help");
  }
  const foreign = foreignFlag(given, [command, "all"]);
  if (foreign) throw new UsageError(`--${foreign.name} is no flag of bus ${command}`, `it belongs to bus ${foreign.group}`);
  const { folder, namespace } = values as { folder?: string; namespace?: string };
  const where = { ...(folder !== undefined && { folder }), ...(namespace !== undefined && { namespace }) };
  return run[command]({ values, words: rest, terminal, open: (more = {}) => new SharedBus({ ...where, ...more }) });
}
