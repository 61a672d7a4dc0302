/** Several tapes of one call beside each other. */
import { count, percent, plural } from "../kit/format.js";
import { byInstrument, type InstrumentLine } from "./statistics.js";
import { head, instrumentTable, next } from "./summary.js";
import type { Answer } from "./tape_answer.js";
import { type Thin, thinText } from "./thin.js";

/** Every instrument of every tape under a name that tells them apart; tapes in the order of the files. */
export function comparedLines(answers: readonly Answer[], tapes = answers.length): { answer: Answer; line: InstrumentLine }[] {
  return answers.flatMap((answer) => {
    const lines = byInstrument(answer.result, answer.threshold);
    const name = (line: InstrumentLine) =>
      tapes === 1 ? line.name || `instrument ${line.id}` : lines.length === 1 ? answer.title : `${answer.title} ${line.name}`;
    return lines.map((line) => ({ answer, line: { ...line, name: name(line) } }));
  });
}

export function comparison(answers: readonly Answer[], leftOut: readonly Thin[]): string {
  const [first] = answers as readonly [Answer];
  const tapes = answers.length + leftOut.length;
  const compared = comparedLines(answers, tapes);
  const lines = compared.map(({ line }) => line);
  const alarms = lines.reduce((sum, { statistics }) => sum + statistics.alarms.length, 0);
  return `${[
    `${plural(tapes, "tape")}, each by itself (--join: the files are parts of one tape)`,
    ...leftOut.map((thin) => `left out: ${thinText(thin)}`),
    ...answers.flatMap(head),
    `buckets of ${first.chosen.bucketVolume ? first.result.bucketVolumes[0] : "a volume by each tape"}, window ${first.window}`,
    ...instrumentTable(
      first,
      lines,
      compared.map(({ answer }) => answer.result),
    ),
    `all ${plural(lines.length, "instrument")}: ${plural(alarms, "alarm")} above ${percent(first.threshold)} of ${count(first.minHistory)} or more earlier values`,
    ...first.written.map((path) => `wrote ${path}`),
    ...next(first),
  ].join("\n")}\n`;
}
