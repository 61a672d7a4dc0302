import { parseArgs } from "node:util";

/** What can be run alone, in the order of the whole run. */
export const parts = ["threads", "shared", "hash", "zeromq", "nats", "redis", "pair", "router"] as const;
export type Part = (typeof parts)[number];

const help = `npm run bench:bus -- --only redis --quick
  --only PART  one of them, or several with commas; all take a quarter of an hour:
               threads  the ring, a plain copy and postMessage between two threads
               shared   the shared bus between two processes, round trips, depth
               hash     rows of trades through the hash of a topic, with the add-on and without
               zeromq   the same records through zeromq
               nats     and through NATS, where nats-server and its client are installed
               redis    and through Redis, with and without the bus
               pair     the longest silence when one of two servers is ended
               router   delays of each strategy over three servers, and rates while one of two dies
  --quick      one short run of each, for a look: --seconds 0.3 --runs 1, fewer batches for pair and router
  --seconds N  seconds a run (1)
  --runs N     runs of each path; their median is told (5)
  --alone      each process on a core of its own, in real time where permitted
  --json FILE  the rows as an array, too
  --help`;

export interface Options {
  readonly only: readonly Part[];
  readonly quick: boolean;
  readonly seconds: number;
  readonly runs: number;
  readonly json: string | undefined;
}

/** Of this process; ends it with 2 where one is not known. */
export function options(): Options {
  try {
    // --alone is read by the module of the processes.
    const { values } = parseArgs({
      options: {
        only: { type: "string", default: parts.join() },
        quick: { type: "boolean", default: false },
        seconds: { type: "string" },
        runs: { type: "string" },
        alone: { type: "boolean", default: false },
        json: { type: "string" },
        help: { type: "boolean", default: false },
      },
    });
    const { quick, json } = values;
    const [seconds, runs] = [Number(values.seconds ?? (quick ? 0.3 : 1)), Number(values.runs ?? (quick ? 1 : 5))];
    const only = values.only.split(",") as Part[];
    const other = only.find((part) => !parts.includes(part));
    if (other !== undefined) throw new RangeError(`--only is '${other}', expected ${parts.join(", ")}`);
    if (!(seconds > 0)) throw new RangeError(`--seconds is ${values.seconds}, expected a number above 0`);
    if (!(Number.isInteger(runs) && runs > 0)) throw new RangeError(`--runs is ${values.runs}, expected a whole number above 0`);
    if (!values.help) return { only, quick, seconds, runs, json };
    console.log(help);
    process.exit(0);
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${help}`);
    process.exit(2);
  }
}
