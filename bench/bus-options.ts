import { parseArgs } from "node:util";

const help = `npm run bench:bus -- --alone --json bus.json
  --seconds N  seconds a run (1)
  --runs N     runs of each path; their median is told (5)
  --alone      each process on a core of its own, in real time where permitted
  --json FILE  the rows as an array, too
  --help`;

/** Of this process; ends it with 2 where one is not known. */
export function options(): { seconds: number; runs: number; json: string | undefined } {
  try {
    // --alone is read by the module of the processes.
    const { values } = parseArgs({
      options: {
        seconds: { type: "string", default: "1" },
        runs: { type: "string", default: "5" },
        alone: { type: "boolean", default: false },
        json: { type: "string" },
        help: { type: "boolean", default: false },
      },
    });
    const [seconds, runs] = [Number(values.seconds), Number(values.runs)];
    if (!(seconds > 0)) throw new RangeError(`--seconds is ${values.seconds}, expected a number above 0`);
    if (!(Number.isInteger(runs) && runs > 0)) throw new RangeError(`--runs is ${values.runs}, expected a whole number above 0`);
    if (!values.help) return { seconds, runs, json: values.json };
    console.log(help);
    process.exit(0);
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${help}`);
    process.exit(2);
  }
}
