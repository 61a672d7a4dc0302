/** Several tapes of one call beside each other. */
import { count, percent, plural } from "./format.js";
import { byInstrument, type InstrumentLine } from "./statistics.js";
import { type Answer, head, instrumentTable, next } from "./summary.js";

/** Every instrument of every tape under a name that tells them apart; tapes in the order of the files. */
export function comparedLines(answers: readonly Answer[]): { answer: Answer; line: InstrumentLine }[] {
  return answers.flatMap((answer) => {
    const lines = byInstrument(answer.result, answer.threshold);
    const name = (line: InstrumentLine) =>
      answers.length === 1 ? line.name || `instrument ${line.id}` : lines.length === 1 ? answer.title : `${answer.title} ${line.name}`;
    return lines.map((line) => ({ answer, line: { ...line, name: name(line) } }));
  });
}

export function comparison(answers: readonly Answer[]): string {
  const [first] = answers as readonly [Answer];
  const lines = comparedLines(answers).map(({ line }) => line);
  const alarms = lines.reduce((sum, { statistics }) => sum + statistics.alarms.length, 0);
  return `${[
    `${plural(answers.length, "tape")}, each by itself (--join: the files are parts of one tape)`,
    ...answers.flatMap(head),
    `buckets of ${first.chosen.bucketVolume ? first.result.bucketVolumes[0] : "a volume by each tape"}, window ${first.window}`,
    ...instrumentTable(first, lines),
    `all ${plural(lines.length, "instrument")}: ${plural(alarms, "alarm")} above ${percent(first.threshold)} of ${count(first.minHistory)} or more earlier values`,
    ...first.written.map((path) => `wrote ${path}`),
    ...next(first),
  ].join("\n")}\n`;
}
