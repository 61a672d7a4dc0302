/** Help screens, made of what the commands declare: examples first, at most 115 columns. */
import type { Command } from "./kit/command.js";
import type { FlagLine } from "./kit/flag.js";
import { wrapped } from "./kit/format.js";

const widest = 115;
/** Columns of the names of groups; the most that flags take. */
const [groupWidth, flagsWidth] = [8, 43];

export function mainHelp(version: string, commands: readonly Command[]): string {
  const list = commands.map(({ name, summary }) => `  ${name.padEnd(11)}${summary}`);
  return `tickforge ${version}: order-flow toxicity, risk, factor and portfolio kernels, fed by a shared-memory bus
  npx tickforge replay trades.csv.gz --report toxicity.html
  npx tickforge doctor
commands
${list.join("\n")}
COMMAND --help shows its flags, --version the version. Answers go to stdout, all else to stderr; "-" is stdin.
Exit codes: 0 ok, 1 failed, 2 usage, 3 bad data, 4 add-on missing, 129 hung up, 130 Ctrl-C, 143 terminated.
`;
}

export function commandHelp({ name, synopsis, summary, examples, notes = [], flags }: Command): string {
  const lines = Object.entries(flags).flatMap(([group, all]) => all.map((line, i) => ({ group: i === 0 ? group : "", line })));
  const width = Math.min(flagsWidth, Math.max(0, ...lines.map(({ line }) => usage(line).length)) + 2);
  const shown = lines.flatMap(({ group, line }) => {
    const [first, ...more] = wrapped(docs(line), widest - groupWidth - width);
    return [
      `${group.padEnd(groupWidth)}${usage(line).padEnd(width)}${first}`,
      ...more.map((text) => " ".repeat(groupWidth + width) + text),
    ];
  });
  return `${[`tickforge ${[name, synopsis].join(" ").trimEnd()}   ${summary}`, ...examples.map((text) => `  ${text}`), ...notes, ...shown].join("\n")}\n`;
}

/** The value stands behind the last of those that take the same. */
const usage = (line: FlagLine): string =>
  line.map(({ name, value }, i) => `--${name}${value === undefined || value === line[i + 1]?.value ? "" : ` ${value}`}`).join(" ");

const docs = (line: FlagLine): string => [...new Set(line.map(({ doc }) => doc))].join("; ");
