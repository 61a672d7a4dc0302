/** Help screens: examples first, at most 24 lines of at most 100 characters. */
import type { Flag } from "./kit/flag.js";
import { replayFlags } from "./replay/flags.js";

export const commands: Readonly<Record<string, string>> = {
  replay: "order-flow toxicity (VPIN) of trade files, or of a simulated tape",
  validate: "every bad row of trade files, and what else is odd; or whether the buses deliver",
  risk: "VaR, ES, back-tests and performance of a table of prices",
  factors: "factors of many assets: how they foretell returns, what they returned, what is left",
  bus: "topics in shared memory: make and hold them, who is attached, rows as they come, recordings played",
  doctor: "what works here, and what to do about what does not",
  explain: "what an error code means and what to do about it",
};

export const mainHelp = (
  version: string,
): string => `tickforge ${version}: order-flow toxicity, risk and factor kernels, fed by a shared-memory bus

  npx tickforge replay trades.csv.gz --report toxicity.html
  npx tickforge doctor

commands
${Object.entries(commands)
  .map(([name, doc]) => `  ${name.padEnd(9)}${doc}`)
  .join("\n")}

tickforge COMMAND --help, or tickforge help COMMAND, shows its flags. tickforge --version shows the version.
The answer goes to stdout; progress, warnings and errors to stderr. "-" is stdin.
Exit codes: 0 ok, 1 failed, 2 usage, 3 bad data, 4 add-on missing, 129 hung up, 130 Ctrl-C, 143 terminated.
`;

const usage = (flag: Flag, all: readonly Flag[]): string =>
  [flag.name, ...(flag.with ?? [])]
    .map((name, i) => {
      const { value } = all.find((f) => f.name === name)!;
      return `--${name}${value && i === (flag.with?.length ?? 0) ? ` ${value}` : ""}`;
    })
    .join(" ");

export function replayHelp(): string {
  const together = new Set(replayFlags.flatMap((flag) => flag.with ?? []));
  let group = "";
  const lines = replayFlags
    .filter((flag) => !together.has(flag.name))
    .map((flag) => {
      const head = flag.group === group ? "" : flag.group;
      group = flag.group;
      return `${head.padEnd(8)}${usage(flag, replayFlags).padEnd(43)}${flag.doc}`.trimEnd();
    });
  return `tickforge replay [FILE...]   VPIN of trades (csv, json, dbn, arrow, parquet, packed or not); else of a simulation
  tickforge replay trades.csv.gz --report toxicity.html
  zcat trades.csv.gz | tickforge replay - --bucket-volume 250 --out vpin.csv
${lines.join("\n")}
`;
}

export const validateHelp = `tickforge validate FILE... | bus   bad rows of trade files; whether buses deliver; exit 3 where something is bad
  tickforge validate trades.csv.gz
  tickforge validate --json --most 100000 a.csv.gz b.csv.gz
  tickforge validate bus --quick                     delivery, failover, latency of engines, a score
  tickforge validate bus dual legacy --redis --report bus.html
input   --time --price --size --side --symbol COL    columns, by name or number from 0
        --buy --sell --unknown WORD                  what the side column says, or several with commas
        --time-format --where COL=VALUE,VALUE        such as '%Y%m%d %H:%M:%S.%f'; rows that are read
        --zone NAME --date DATE --only SYMBOL        of times; of times since midnight; symbol that is read
        --decimal comma|point                        before the decimals (default: told from the numbers)
        --session HOURS                              such as 09:30-16:00@America/New_York
        --most N                                     bad rows listed of each file (default: 20); all are counted
        --backend NAME                               native or reference (default: the fastest that loads)
bus     single dual triple legacy                    topologies that are looked at (default: all of them)
        --redis                                      also on redis-server processes that it starts and kills
        --quick                                      fewer rows and requests
        --report FILE.html --out FILE.json --force   one page, no network; what --json prints; overwrite
output  --json --quiet --no-color                    one JSON object; errors only; plain text
`;

export const doctorHelp = `tickforge doctor   what works here, and what to do about what does not
  tickforge doctor
  tickforge doctor --report mac.md   a file to post: this machine, its backends, their errors and speed
measure --calibrate     from how many rows on which backend is the fastest; calls choose by it from then on
        --report FILE   .md or .json; with no name of a host or user and no path in it. Takes about a minute
        --only LIST     with either: these kernels alone, names with commas
        --force         overwrite the report
output  --json          one JSON object; for a bug report
        --no-color      plain text
`;

export const explainHelp = `tickforge explain CODE   what an error code means and what to do about it
  tickforge explain E_BAD_VALUE
  tickforge explain            lists all codes
`;
