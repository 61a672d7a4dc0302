/** tickforge explain CODE: what a code means and what to do, for every code that tickforge has. */
import { didYouMean } from "../../core/contract/errors.js";
import { explanations, families } from "../explanations/explanations.js";
import { exit, UsageError } from "../kit/exit.js";
import { wrapped } from "../kit/format.js";
import type { Terminal } from "../kit/terminal.js";

export function explain(words: readonly string[], terminal: Terminal): number {
  const [word, ...rest] = words;
  if (rest.length > 0) throw new UsageError("explain takes one code", "tickforge explain E_BAD_VALUE");
  if (word === undefined) {
    terminal.answer(listing());
    return exit.ok;
  }
  const code = word.toUpperCase().replace(/^\[|\]$/g, "");
  const found = explanations[code];
  if (!found) {
    const near = didYouMean(code, Object.keys(explanations));
    throw new UsageError(`no error has the code '${word}'`, near ? `did you mean ${near}?` : "tickforge explain lists all codes");
  }
  terminal.answer(`${code}\n${paragraph(found.what)}\n\nwhat to do\n${paragraph(found.fix)}\n\nexit code ${exit[found.exit]}\n`);
  return exit.ok;
}

/** Every code with the first of what it means, family by family. */
function listing(): string {
  const widest = Math.max(...Object.keys(explanations).map((code) => code.length));
  const first = (what: string) => {
    const [sentence] = what.split(/[.:;](?= |$)/) as [string];
    return sentence.length <= 80 ? sentence : `${sentence.slice(0, sentence.lastIndexOf(" ", 77))} ...`;
  };
  const blocks = families.map(([name, entries]) => {
    const lines = entries.flatMap(([codes, what]) => codes.split(" ").map((code) => `  ${code.padEnd(widest)}  ${first(what)}`));
    return [name, ...lines.sort()].join("\n");
  });
  return `${blocks.join("\n\n")}\n\ntickforge explain CODE says the rest, and what to do\n`;
}

const paragraph = (text: string): string =>
  wrapped(text, 87)
    .map((line) => `  ${line}`)
    .join("\n");
