/** Values of --sweep and --walk-forward -> values of parameters, and lengths of windows. */

import type { AnyStrategy } from "../../backtest/strategy/strategy.js";
import { mostRuns } from "../../backtest/sweep/axes.js";
import { text, type Values } from "../kit/args.js";
import { UsageError } from "../kit/exit.js";
import { linesOf, paramValue } from "./backtest_settings.js";

const number = "[+-]?(?:\\d+\\.?\\d*|\\.\\d+)(?:e[+-]?\\d+)?";
const range = new RegExp(`^(${number})\\.\\.(${number})(?::(${number}))?$`, "i");

/** `1..10`, `0.1..1:0.1`, `1,2,5`, `twap,pov` of each parameter that is swept; undefined where none is. */
export function sweepOf(strategy: AnyStrategy, values: Values): Record<string, (number | string)[]> | undefined {
  const lines = linesOf(values.sweep);
  if (lines.length === 0) return undefined;
  const sweep: Record<string, (number | string)[]> = {};
  for (const line of lines) {
    const [, name, given] = /^([^=]+)=(.+)$/.exec(line) ?? [];
    if (name === undefined)
      throw new UsageError(`--sweep is '${line}', expected NAME=VALUES`, "such as --sweep spread=1..10, or --sweep spread=1,2,5");
    if (name in sweep) throw new UsageError(`--sweep ${name} is given twice`, "give its values once, between commas");
    sweep[name] = given!
      .split(",")
      .flatMap((part) => (range.test(part) ? rangeOf(strategy, name, part) : [paramValue(strategy, "sweep", name, part)]));
  }
  return sweep;
}

function rangeOf(strategy: AnyStrategy, name: string, part: string): number[] {
  const [, first, last, by] = range.exec(part)!;
  paramValue(strategy, "sweep", name, first!);
  const [from, to, step] = [Number(first), Number(last), by === undefined ? 1 : Number(by)];
  if (strategy.params[name]!.type === "enum")
    throw new UsageError(
      `--sweep ${name}=${part}: ${name} is a word, and words have no range`,
      `such as --sweep ${name}=${(strategy.params[name] as { values: readonly string[] }).values.join(",")}`,
    );
  if (!(step > 0))
    throw new UsageError(
      `--sweep ${name}=${part}: the step is ${step}, expected one above 0`,
      `such as --sweep ${name}=${first}..${last}:1`,
    );
  if (!(to > from))
    throw new UsageError(
      `--sweep ${name}=${part}: it ends at ${to}, not above ${from}`,
      `such as --sweep ${name}=${to < from ? `${last}..${first}` : `${first}..${from + 10}`}`,
    );
  const count = Math.floor((to - from) / step + 1e-9) + 1;
  if (count < 2)
    throw new UsageError(
      `--sweep ${name}=${part}: a step of ${step} leaves one value`,
      `a smaller step: --sweep ${name}=${first}..${last}:${Number(((to - from) / 10).toPrecision(2))}`,
    );
  if (count > mostRuns)
    throw new UsageError(
      `--sweep ${name}=${part}: it has ${count.toLocaleString("en-US")} values, expected ${mostRuns.toLocaleString("en-US")} at the most`,
      "a larger step",
    );
  // Whole multiples, so that no error grows: 0.1, 0.2, 0.3.
  return Array.from({ length: count }, (_, i) => Number((from + i * step).toPrecision(12)));
}

const units: Readonly<Record<string, bigint>> = { s: 1n, m: 60n, min: 60n, h: 3600n, d: 86_400n };

/** `20d/5d`: chosen in the first part, traded in the second. */
export function walkOf(values: Values): { choose: bigint; trade: bigint; purge?: bigint; embargo?: bigint } | undefined {
  const given = text(values.walkForward);
  const { purge, embargo } = values as { purge?: bigint; embargo?: bigint };
  if (given === undefined) {
    const other = purge !== undefined ? "purge" : embargo !== undefined ? "embargo" : undefined;
    if (other !== undefined)
      throw new UsageError(`--${other} is about a walk forward, and none is asked for`, `--walk-forward 20d/5d --${other} 1h`);
    return undefined;
  }
  if (values.sweep === undefined)
    throw new UsageError(
      "--walk-forward chooses among the values of --sweep, and none are given",
      "--sweep spread=1..10 --walk-forward 20d/5d",
    );
  const parts = given.split("/").map((part) => /^(\d{1,6})(s|m|min|h|d)$/.exec(part));
  const [choose, trade] = parts.map((part) => (part ? BigInt(part[1]!) * units[part[2]!]! * 1_000_000_000n : 0n));
  if (parts.length !== 2 || !choose || !trade)
    throw new UsageError(`--walk-forward is '${given}', expected the lengths of two parts`, "such as 20d/5d, 2h/30min or 60s/10s");
  if (purge !== undefined && purge >= choose)
    throw new UsageError("--purge leaves nothing of the first part", `less than ${given.split("/")[0]}`);
  if (embargo !== undefined && embargo >= trade)
    throw new UsageError("--embargo leaves nothing of the second part", `less than ${given.split("/")[1]}`);
  return { choose, trade, ...(purge !== undefined && { purge }), ...(embargo !== undefined && { embargo }) };
}
