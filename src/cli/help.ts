/** Help screens: examples first, at most 24 lines of at most 100 characters. */
import { type Flag, replayFlags } from "./flags.js";

export const commands: Readonly<Record<string, string>> = {
  replay: "order-flow toxicity (VPIN) of trade files, or of a simulated tape",
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

tickforge COMMAND --help shows a command's flags. tickforge --version shows the version.
The answer goes to stdout; progress, warnings and errors to stderr. "-" is stdin.
Exit codes: 0 ok, 1 failed, 2 usage, 3 bad data, 4 add-on missing, 130 Ctrl-C, 143 terminated.
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
  return `tickforge replay [FILE...]   VPIN of trades (csv, gzip, zip, zstd, recordings); without FILE, of a simulated tape
  tickforge replay trades.csv.gz --report toxicity.html
  zcat trades.csv.gz | tickforge replay - --bucket-volume 250 --out vpin.csv
${lines.join("\n")}
`;
}

export const doctorHelp = `tickforge doctor [--json]   what works here, and what to do about what does not
  tickforge doctor
  tickforge doctor --json      for a bug report
`;

export const explainHelp = `tickforge explain CODE   what an error code means and what to do about it
  tickforge explain E_BAD_VALUE
  tickforge explain            lists all codes
`;
