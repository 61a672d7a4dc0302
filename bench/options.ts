import { parseArgs } from "node:util";

export const help = `npm run bench -- --quick --json results.json
npm run bench -- --only vpin --backends native

Times every kernel on every backend, each line in a process of its own, after comparing it with the reference.
  --quick            one line a kernel, fewer repetitions and rows, several lines in a process: three minutes at most for all of
                     them; lines for which a busy machine leaves no time are counted, not measured
  --json FILE        writes the lines as an array to FILE, the machine and date to FILE with .meta.json
  --only NAME        lines of this kernel, or whose kernel or label contains NAME
  --backends LIST    all (default), or names with commas: native,wasm,reference,tfjs; tfjs is tfjs-wasm and tfjs-cpu; peers,
                     which are not ours, are plain-js, numpy and npm packages where they are installed
  --cpu NAME         build of the add-on: base, v3 or v4 (as TICKFORGE_CPU)
  --help

Lines: minimum and median of at least 15 repetitions of at least 20 ms (--quick: 3 of 4 ms), ns a row. A kernel with state is timed as a call on
whole columns into arrays that are there, one without as a bound call. Lines of several kernels are named with a +.
Exit: 0 done, 1 a result was refused or a line failed, 2 usage.`;

export interface Options {
  quick: boolean;
  json: string | undefined;
  only: string | undefined;
  /** Undefined: all. */
  backends: string[] | undefined;
  cpu: string | undefined;
  help: boolean;
}

/** Throws with a sentence where an argument is not known. */
export function parse(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      quick: { type: "boolean", default: false },
      json: { type: "string" },
      only: { type: "string" },
      backends: { type: "string", default: "all" },
      cpu: { type: "string" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  const { quick, json, only, backends, cpu, help: asked } = values;
  return { quick, json, only, cpu, help: asked, backends: backends === "all" ? undefined : backends.split(",").map((name) => name.trim()) };
}
