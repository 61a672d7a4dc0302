/** The answer of drill on a terminal. */
import { heldUpOf, type Recovery, recoveriesOf, recoverySummary, type Verdict, verdictsOf } from "../../analysis/drill.js";
import type { DrillReport } from "../../report/drill/drill.js";
import { columns, count, none, plural, short } from "../kit/format.js";
import type { Terminal } from "../kit/terminal.js";

const inSeconds = (value: number): string => (Number.isFinite(value) ? `${value.toFixed(2)} s` : none);
const micro = (us: number): string => (!Number.isFinite(us) ? none : us < 1000 ? `${us} us` : `${count(us / 1000)} ms`);

export function drillScreen(report: DrillReport, terminal: Terminal, written: readonly string[]): string {
  const { drill, market, system, asked } = report;
  const { bursts, burst, pace, samples } = drill;
  const told = (verdict: Verdict) => {
    const [word, style] =
      verdict.kept === undefined
        ? (["-     ", "dim"] as const)
        : verdict.kept
          ? (["kept  ", "green"] as const)
          : (["BROKEN", "red"] as const);
    const [first, ...more] = verdict.happened.slice(0, 5);
    const rest = verdict.happened.length > 5 ? [`and ${verdict.happened.length - 5} more`] : [];
    return [
      `${terminal.style(style, word, terminal.stdout)}  ${verdict.says}: ${first}`,
      ...[...more, ...rest].map((text) => `        ${text}`),
    ];
  };
  const all = recoveriesOf(drill);
  const length = bursts[0]!.to - bursts[0]!.from;
  return `${[
    `${market}`,
    `${system}   ${plural(bursts.length, "burst")} of ${Number(length.toFixed(2))} s, ${burst} times ${Number(pace.toPrecision(3))} s of the market a second${Number.isFinite(asked) ? `: about ${short(asked)} trades/s` : ""}   ${plural(samples.length, "look")}`,
    "",
    ...verdictsOf(drill).flatMap(told),
    heldUp(report),
    "",
    recoveryTable(
      all,
      drill.engines.map(({ name }) => name),
    ),
    "",
    summary("lag back", all, "lagSeconds"),
    summary("latency back", all, "latencySeconds"),
    ...written.map((path) => `wrote ${path}`),
  ].join("\n")}\n`;
}

function heldUp({ drill }: DrillReport): string {
  const { marketSeconds, runSeconds, by } = heldUpOf(drill);
  if (marketSeconds < 1e-3) return "        the market was never held up";
  const topics = by.slice(0, 3).map(({ topic, full }) => `${topic} full ${count(full)} times`);
  return `        the market was held up: ${count(marketSeconds)} s of it, ${runSeconds.toFixed(2)} s at the pace of a burst (${topics.join(", ")})`;
}

const summary = (what: string, all: readonly Recovery[], of: "lagSeconds" | "latencySeconds"): string => {
  const { median, p99, worst, late, of: known } = recoverySummary(all, of);
  const missing = late > 0 ? `   ${late} of ${known} not before the next burst` : "";
  return `${what.padEnd(13)} median ${inSeconds(median)}   p99 ${inSeconds(p99)}   worst ${inSeconds(worst)}${missing}`;
};

/** The worst burst of each engine. */
function recoveryTable(all: readonly Recovery[], engines: readonly string[]): string {
  const worst = (values: readonly number[]) => (values.some(Number.isNaN) ? Number.NaN : Math.max(...values));
  return columns(
    [
      ["engine", "lag before", "in bursts", "back after", "p99 before", "in bursts", "back after"],
      ...engines.map((name) => {
        const own = all.filter(({ engine }) => engine === name);
        const [lags, lates] = [own.map(({ lagSeconds }) => lagSeconds), own.map(({ latencySeconds }) => latencySeconds)];
        const highest = (values: readonly number[]) => Math.max(...values.filter(Number.isFinite));
        return [
          ...[name, count(highest(own.map(({ lagBefore }) => lagBefore))), count(highest(own.map(({ lagMost }) => lagMost)))],
          ...[inSeconds(worst(lags)), micro(highest(own.map(({ p99Before }) => p99Before)))],
          ...[micro(highest(own.map(({ p99Most }) => p99Most))), inSeconds(worst(lates))],
        ];
      }),
    ],
    [1, 2, 3, 4, 5, 6],
  );
}
