import { type Drill, heldUpOf, recoveriesOf, recoverySummary, type Verdict, verdictsOf } from "../../analysis/drill.js";
import { fitted, type Live, type PageScript, page } from "../kit/page.js";
import { commandHtml, count, escapeHtml, facts, fixed, none, plural, significant } from "../kit/text.js";
import { courses } from "./drill_charts.js";
import { accounts, recovery } from "./drill_tables.js";

/** Everything on the page. */
export interface DrillReport {
  readonly commandLine: string;
  readonly version: string;
  readonly machine: string;
  /** In words: what was played, and in which system. */
  readonly market: string;
  readonly system: string;
  /** Trades a second that a burst was to bring; NaN where it is not known. */
  readonly asked: number;
  readonly drill: Drill;
}

const seconds = (value: number): string => (Number.isFinite(value) ? `${fixed(value, 2)} s` : none);

/** The page as one HTML text; with a script of its own its charts follow the cursor. */
export function drillPage(report: DrillReport, own?: PageScript): string {
  const { drill, machine, market, version } = report;
  const verdicts = verdictsOf(drill);
  const broken = verdicts.filter(({ kept }) => kept === false).length;
  const { samples, ...told } = drill;
  const all = recoveriesOf(drill);
  const [lag, latency] = [recoverySummary(all, "lagSeconds"), recoverySummary(all, "latencySeconds")];
  const made = (_: number, live?: Live) =>
    page({
      title: "Flash-crash drill",
      subtitle: `${broken === 0 ? "every promise was kept" : plural(broken, "promise was broken", "promises were broken")} · ${market} · ${machine}`,
      opening: [promises(verdicts), tiles(report), howMade(report)].join("\n"),
      sections: [recovery(drill), ...courses(drill, live), accounts(drill)],
      footer: `Made by tickforge ${version}. This page is one file: it loads nothing and runs no script. Shaded: bursts.`,
      live,
      summary: {
        ...{ schema: 1, kind: "drill", version, machine, market, system: report.system, ok: broken === 0, verdicts, ...told },
        ...{ recovery: { lag, latency, each: all }, heldUp: heldUpOf(drill), samples: samples.length },
      },
    });
  return fitted(made, own);
}

function promises(verdicts: readonly Verdict[]): string {
  const word = ({ kept }: Verdict) => (kept === undefined ? "not looked at" : kept ? "kept" : "broken");
  const items = verdicts.map((verdict) => {
    const happened = verdict.happened.slice(0, 10).map(escapeHtml).join("<br>");
    return `<li><strong>${word(verdict)}</strong>: ${escapeHtml(verdict.says)}<br><span class="soft">${happened}</span></li>`;
  });
  const broken = verdicts.some(({ kept }) => kept === false);
  return `<div class="${broken ? "notice" : "box"}"><h2>What was promised, and what happened</h2><ul>${items.join("")}</ul></div>`;
}

function tiles({ drill, asked }: DrillReport): string {
  const { bursts, samples, topics } = drill;
  const all = recoveriesOf(drill);
  const lag = recoverySummary(all, "lagSeconds");
  const latency = recoverySummary(all, "latencySeconds");
  const held = heldUpOf(drill);
  const lost = topics.flatMap(({ takers }) => takers.map((one) => one.lost)).reduce((sum, one) => sum + one, 0);
  const inBursts = samples.filter(({ seconds: at }) => bursts.some(({ from, to }) => at >= from && at < to));
  const total = (sample: (typeof samples)[number] | undefined) => sample?.rows.reduce((sum, one) => sum + one, 0) ?? 0;
  const tile = (name: string, value: string, note: string) =>
    `<div><dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}<small>${escapeHtml(note)}</small></dd></div>`;
  return `<dl class="tiles">${[
    tile(
      "Burst",
      `${significant(drill.burst, 4)} ×`,
      `${bursts.length} of ${seconds(bursts[0]!.to - bursts[0]!.from)}${Number.isFinite(asked) ? `, ${count(asked)} trades/s` : ""}`,
    ),
    tile("Lag back", seconds(lag.p99), `99 %; median ${seconds(lag.median)}, worst ${seconds(lag.worst)}`),
    tile("Latency back", seconds(latency.p99), `99 %; median ${seconds(latency.median)}, worst ${seconds(latency.worst)}`),
    tile("Held up", seconds(held.runSeconds), `at a burst's pace; ${count(held.marketSeconds)} s of the market`),
    tile("Told as lost", count(lost), "rows of topics that evict"),
    tile("Rows", count(total(samples.at(-1))), `over all topics; ${fixed(inBursts.length, 0)} looks in bursts`),
  ].join("")}</dl>`;
}

const howMade = ({ commandLine, version, machine, market, system, drill: { pace } }: DrillReport): string =>
  `<details class="box"><summary>How this page was made</summary><pre>${commandHtml(commandLine)}</pre>${facts([
    ["market", market],
    ["system", system],
    ["pace between bursts", `${significant(pace, 3)} s of the market a second`],
    ["tickforge", version],
    ["machine", machine],
  ])}</details>`;
