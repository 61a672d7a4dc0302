import {
  type BusCheck,
  type BusValidation,
  faultsOf,
  formula,
  scoreOf,
  type TopologyResult,
  weights,
} from "../../analysis/bus_validation.js";
import { page, type Section } from "../kit/page.js";
import { commandHtml, count, escapeHtml, facts, fixed, Markup, none, percent, plural, significant, table } from "../kit/text.js";

/** Everything on the page. */
export interface BusReport {
  commandLine: string;
  version: string;
  machine: string;
  found: BusValidation;
  seconds: number;
  rows: number;
  quick: boolean;
}

const onWords = { rings: "rings in shared memory", redis: "Redis servers", list: "a list on Redis" } as const;
const milliseconds = (us: number): string => (Number.isFinite(us) ? `${significant(us / 1000, 3)} ms` : none);
const meter = (share: number): Markup => new Markup(`<span class="meter" style="width:${Math.round(120 * share)}px"></span>`);
const finding = (fault: string): string | Markup =>
  fault === "" ? "passed" : new Markup(`<strong>failed</strong> <span class="words">${escapeHtml(fault)}</span>`);

/** The page as one HTML text. */
export function busPage(report: BusReport): string {
  const { found, quick, rows, seconds } = report;
  const { parts, score } = scoreOf(found);
  const faults = faultsOf(found);
  return page({
    title: "The buses",
    subtitle: `${faults.length === 0 ? "every check passed" : plural(faults.length, "check failed", "checks failed")} · ${count(rows)} rows and requests · ${significant(seconds, 3)} s${quick ? " · quick" : ""} · ${report.machine}`,
    opening: [tiles(found), notes(faults, found), scoreBox(parts), howMade(report)].join("\n"),
    sections: [...found.topologies.map(delivery), latency(found), balance(found)].filter((section) => section !== undefined),
    footer: `Made by tickforge ${report.version}. This page is one file: it loads nothing and runs no script. Processes and servers were started for these checks, and really killed.`,
    summary: {
      schema: 1,
      kind: "bus",
      version: report.version,
      machine: report.machine,
      score,
      parts,
      formula,
      faults,
      ...found,
      quick,
      rows,
      seconds,
    },
  });
}

function tiles(found: BusValidation): string {
  const { parts, score } = scoreOf(found);
  const scored = found.topologies.filter(({ compared }) => !compared);
  const checks = scored.flatMap(({ checks: of }) => of);
  const passed = (name: BusCheck["check"]) => {
    const own = checks.filter(({ check }) => check === name);
    return `${count(own.filter(({ fault }) => fault === "").length)} of ${count(own.length)}`;
  };
  const p99 = scored.flatMap(({ pairs }) => pairs.map((of) => of.p99)).filter(Number.isFinite);
  const tile = (name: string, value: string, note: string) =>
    `<div><dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}<small>${escapeHtml(note)}</small></dd></div>`;
  return `<dl class="tiles">${[
    tile("Score", fixed(score, 1), "of 100"),
    tile("Publish", passed("publish"), "buses passed"),
    tile("Subscribe", passed("subscribe"), "buses passed"),
    tile("Failover", passed("failover"), "buses passed"),
    tile("Slowest pair", milliseconds(p99.length > 0 ? Math.max(...p99) : Number.NaN), "99th percentile, request to reply"),
    tile("Balance", fixed(parts.balance, 2), "1 is even over three buses"),
  ].join("")}</dl>`;
}

function notes(faults: readonly string[], { skipped }: BusValidation): string {
  const list = (items: readonly string[]) => `<ul>${items.map((item) => `<li>${escapeHtml(item)}</li>`).join("")}</ul>`;
  const failed = faults.length > 0 ? `<div class="notice"><h2>What failed</h2>${list(faults)}</div>` : "";
  const left =
    skipped.length > 0 ? `<div class="box"><h2>Not looked at</h2>${list(skipped.map(({ what, why }) => `${what}: ${why}`))}</div>` : "";
  return failed + left;
}

function scoreBox(parts: ReturnType<typeof scoreOf>["parts"]): string {
  const names = Object.keys(weights) as (keyof typeof weights)[];
  const points = names.map((name): [string, string] => [
    name[0]!.toUpperCase() + name.slice(1),
    Number.isFinite(parts[name]) ? `${fixed(weights[name] * parts[name], 1)} of ${weights[name]}` : "not looked at",
  ]);
  const lines = [...formula.split("; "), "what was not looked at is left out, and its weight with it"];
  const rules = lines.map((line) => `<li>${escapeHtml(line)}</li>`).join("");
  return `<div class="box"><h2>How the score is made</h2>${facts(points)}<ul class="soft">${rules}</ul></div>`;
}

const howMade = ({ commandLine, version, machine }: BusReport): string =>
  `<details class="box"><summary>How this page was made</summary><pre>${commandHtml(commandLine)}</pre>${facts([
    ["tickforge", version],
    ["machine", machine],
  ])}</details>`;

function delivery({ topology, transport, checks, compared }: TopologyResult): Section {
  const silence = ({ silenceMs }: BusCheck) => (Number.isFinite(silenceMs) ? milliseconds(silenceMs * 1000) : none);
  const body = table({
    caption: `${compared ? "For comparison, not scored: one message at a time, as JSON. " : ""}Rows are numbered: each must come once, in order, with its values. Silence: how long no row came when something was killed`,
    columns: ["Check", "Bus", "Finding", "Expected", "Came", "Twice", "Out of order", "Rows/s", "Silence", "What was done"],
    words: [0, 1, 2, 9],
    rows: checks.map((of) => [
      ...[of.check, of.bus, finding(of.fault)],
      ...[count(of.rows.expected), count(of.rows.got), count(of.rows.duplicates), count(of.rows.disordered)],
      ...[Number.isFinite(of.rowsPerSecond) ? count(of.rowsPerSecond) : none, silence(of)],
      new Markup(`<span class="words">${escapeHtml(of.done)}</span>`),
    ]),
  });
  return { id: `${topology}-${transport}`, heading: `${topology} on ${onWords[transport]}`, body };
}

function latency({ topologies }: BusValidation): Section | undefined {
  const all = topologies.flatMap(({ topology, transport, pairs }) => pairs.map((of) => ({ topology, transport, ...of })));
  if (all.length === 0) return undefined;
  const longest = Math.max(...all.map(({ p99 }) => p99).filter(Number.isFinite));
  const body = table({
    caption:
      "From the input of the first engine in one process to the answer of the second in another, over the bus; medians and 99th percentiles",
    columns: ["Engines", "Topology", "On", "Requests", "Median", "99 %", "", "Finding"],
    words: [0, 1, 2, 6, 7],
    rows: all.map((of) => [
      ...[of.pair, of.topology, of.transport, count(of.requests), milliseconds(of.p50), milliseconds(of.p99)],
      ...[Number.isFinite(of.p99) ? meter(of.p99 / longest) : "", finding(of.fault)],
    ]),
  });
  return { id: "latency", heading: "Request to reply between engines", body };
}

function balance({ balance: of }: BusValidation): Section | undefined {
  if (of.length === 0) return undefined;
  const names = Object.keys(of[0]!.shares);
  const body = table({
    caption:
      "Share of the batches that each bus carried. Variation: standard deviation of the shares over their mean; a strategy with a home uses that alone, others go by what they measure, and least_loaded is to be even",
    columns: ["Strategy", ...names.flatMap((name) => [name, ""]), "Variation", "Finding"],
    words: [0, ...names.map((_, i) => 2 * i + 2), 2 * names.length + 2],
    rows: of.map((one) => [
      one.strategy,
      ...names.flatMap((name) => [percent(one.shares[name]!), meter(0.5 * one.shares[name]!)]),
      fixed(one.variation, 2),
      finding(one.fault),
    ]),
  });
  return { id: "balance", heading: "Load balance of the router", body };
}
