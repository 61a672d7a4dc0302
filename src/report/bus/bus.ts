import { adviceOf } from "../../analysis/bus_advice.js";
import { goalsOf } from "../../analysis/bus_goals.js";
import { faultsOf, formula, scoreOf, weights } from "../../analysis/bus_score.js";
import type { BusCheck, BusValidation } from "../../analysis/bus_validation.js";
import { page } from "../kit/page.js";
import { commandHtml, count, escapeHtml, facts, fixed, none, plural, significant } from "../kit/text.js";
import { balance, delivery, latency, milliseconds, order, silence, topics } from "./bus_sections.js";

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

/** The page as one HTML text. */
export function busPage(report: BusReport): string {
  const { found, quick, rows, seconds } = report;
  const { parts, score } = scoreOf(found);
  const faults = faultsOf(found);
  return page({
    title: "The buses",
    subtitle: `${faults.length === 0 ? "every check passed" : plural(faults.length, "check failed", "checks failed")} · ${count(rows)} rows and requests · ${significant(seconds, 3)} s${quick ? " · quick" : ""} · ${report.machine}`,
    opening: [tiles(found), notes(faults, found), advice(found), scoreBox(parts), howMade(report)].join("\n"),
    sections: [
      ...[topics(found), ...found.topologies.map(delivery), silence(found)],
      ...[latency(found), order(found), balance(found)],
    ].filter((section) => section !== undefined),
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
      advice: adviceOf(found),
      goals: goalsOf(found),
      ...found,
      quick,
      rows,
      seconds,
    },
  });
}

const largest = (values: readonly number[]): number => {
  const known = values.filter(Number.isFinite);
  return known.length > 0 ? Math.max(...known) : Number.NaN;
};

function tiles(found: BusValidation): string {
  const { parts, score } = scoreOf(found);
  const scored = found.topologies.filter(({ compared }) => !compared);
  const checks = scored.flatMap(({ checks: of }) => of);
  const passed = (...names: readonly BusCheck["check"][]) => {
    const own = checks.filter(({ check }) => names.includes(check));
    if (own.length === 0) return none;
    return `${count(own.filter(({ fault }) => fault === "").length)} of ${count(own.length)}`;
  };
  const p99 = scored.flatMap(({ pairs }) => pairs.map((of) => of.p99));
  const tile = (name: string, value: string, note: string) =>
    `<div><dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}<small>${escapeHtml(note)}</small></dd></div>`;
  return `<dl class="tiles">${[
    tile("Score", fixed(score, 1), "of 100"),
    tile("Delivery", passed("publish", "subscribe"), "publish, subscribe: passed"),
    tile("Failover", passed("failover"), "buses passed"),
    tile("Longest silence", milliseconds(1000 * largest(found.silences.map(({ worstMs }) => worstMs))), "of a failover"),
    tile("Slowest pair", milliseconds(largest(p99)), "99th percentile, request to reply"),
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

function advice(found: BusValidation): string {
  const all = adviceOf(found);
  if (all.length === 0 && !Number.isFinite(scoreOf(found).score)) return "";
  const items = all.map(
    ({ about, measured, change }) =>
      `<li><strong>${escapeHtml(change)}</strong><br><span class="soft">${escapeHtml(`${about}: ${measured}`)}</span></li>`,
  );
  const body = all.length > 0 ? `<ul>${items.join("")}</ul>` : "<p>Nothing: every goal was met, and no figure stands out.</p>";
  return `<div class="box"><h2>What to change</h2>${body}</div>`;
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
