/** The command line in a process that goes on: one line after another, each as a process of its own would be given it. */
import { dispatch } from "../../src/cli/dispatch.js";

export interface Line {
  readonly args: readonly string[];
  readonly cwd: string;
  /** Written to both streams behind all that the line wrote. */
  readonly mark: string;
}

const environment = { ...process.env };
const heard = [
  [process.stdout, ["error"]],
  [process.stderr, ["error"]],
  [process, ["SIGHUP", "SIGINT", "SIGTERM"]],
] as const;

/** What a line has left on is not the next one's; what it has left running keeps this process from its end, which is seen. */
function restore(): void {
  for (const name of Object.keys(process.env)) if (!(name in environment)) delete process.env[name];
  Object.assign(process.env, environment);
  for (const [on, events] of heard) for (const event of events) on.removeAllListeners(event);
  process.exitCode = 0;
}

process.on("message", async ({ args, cwd, mark }: Line) => {
  process.chdir(cwd);
  await dispatch(args);
  process.send!(process.exitCode ?? 0);
  restore();
  for (const stream of [process.stdout, process.stderr]) stream.write(mark);
});
