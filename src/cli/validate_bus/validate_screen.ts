/** The answer of validate bus on a terminal. */
import { adviceOf } from "../../analysis/bus_advice.js";
import { latencyGoal, silenceGoal } from "../../analysis/bus_goals.js";
import { faultsOf, formula, scoreOf, weights } from "../../analysis/bus_score.js";
import type { BusCheck, BusValidation, TopologyResult } from "../../analysis/bus_validation.js";
import { columns, count, fixed, none, percent, seconds, short } from "../kit/format.js";
import type { Terminal } from "../kit/terminal.js";

export interface BusAnswer {
  readonly found: BusValidation;
  readonly seconds: number;
  readonly rows: number;
  readonly quick: boolean;
  readonly written: readonly string[];
}

const word = ({ fault }: { readonly fault: string }): string => (fault === "" ? "ok" : "FAIL");
const onlyFail = ({ fault }: { readonly fault: string }): string => (fault === "" ? "" : "FAIL");
const ms = (us: number): string => (Number.isFinite(us) ? `${fixed(us / 1000, us < 100 ? 3 : us < 10_000 ? 2 : 1)} ms` : none);
/** A table, or nothing where it has no rows. */
const table = (heads: readonly string[], rows: readonly (readonly string[])[], right: readonly number[]): string =>
  rows.length > 0 ? columns([heads, ...rows], right) : "";

function busRows({ topology, transport, checks }: TopologyResult): string[][] {
  const buses = [...new Set(checks.map(({ bus }) => bus))];
  return buses.map((bus) => {
    const of = (name: string) => checks.find((one) => one.check === name && one.bus === bus);
    const [publish, subscribe, failover] = ["publish", "subscribe", "failover"].map(of);
    const told = (check: BusCheck | undefined) => (check ? word(check) : none);
    const rows = subscribe?.rows;
    return [
      ...[topology, transport, bus, told(publish), told(subscribe), told(failover)],
      ...[rows ? `${count(rows.got)} of ${count(rows.expected)}` : none, subscribe ? short(subscribe.rowsPerSecond) : none],
      failover ? ms(failover.silenceMs * 1000) : none,
    ];
  });
}

const checksTable = ({ topologies }: BusValidation) =>
  table(
    ["topology", "on", "bus", "publish", "subscribe", "failover", "rows read", "rows/s", "silence"],
    topologies.flatMap(busRows),
    [6, 7, 8],
  );

const silenceTable = ({ silences }: BusValidation) =>
  table(
    ["failover silence", "on", "failovers", "median", "worst", "goals", "usual", "rows lost", ""],
    silences.map((of) => {
      const { median, worst } = silenceGoal(of);
      return [
        ...[`${of.who} ${of.how}`, of.transport, count(of.failovers), ms(of.medianMs * 1000), ms(of.worstMs * 1000)],
        ...[`${fixed(median, 0)}, ${fixed(worst, 0)} ms`, ms(of.usualMs * 1000), count(of.rows.expected - of.rows.got), onlyFail(of)],
      ];
    }),
    [2, 3, 4, 5, 6, 7],
  );

const latencyTable = ({ topologies }: BusValidation) =>
  table(
    ["request to reply", "topology", "on", "requests", "p50", "p99", "goals", ""],
    topologies.flatMap(({ topology, transport, pairs, base }) => {
      const goal = latencyGoal(transport, base);
      const goals = `${fixed(goal.p50 / 1000, 2)}, ${fixed(goal.p99 / 1000, 1)} ms`;
      return [
        ...pairs.map((of) => [of.pair, topology, transport, count(of.requests), ms(of.p50), ms(of.p99), goals, onlyFail(of)]),
        ...(base && pairs.length > 0 ? [["a bare trip", topology, transport, count(base.trips), ms(base.p50), ms(base.p99), "", ""]] : []),
      ];
    }),
    [3, 4, 5, 6],
  );

const orderTable = ({ order }: BusValidation) =>
  table(
    ["order of keys", "batches", "keys moved", "overtook", "rows out of order", "lost", ""],
    order.map((of) => [
      ...["slow and fast bus", count(of.batches), count(of.moves), count(of.overtook)],
      ...[count(of.rows.disordered), count(of.rows.expected - of.rows.got), onlyFail(of)],
    ]),
    [1, 2, 3, 4, 5],
  );

function balanceTable({ balance }: BusValidation): string {
  const names = Object.keys(balance[0]?.shares ?? {});
  return table(
    ["load balance", ...names, "variation", ""],
    balance.map((of) => [of.strategy, ...names.map((name) => percent(of.shares[name]!)), fixed(of.variation, 2), onlyFail(of)]),
    [...names.map((_, i) => i + 1), names.length + 1],
  );
}

const topicsTable = ({ topics }: BusValidation) =>
  table(
    ["topic", "bus", "when full", "published", "rows/s", "a batch", "readers", "lag", "lost", "full", ""],
    topics.map((of) => [
      ...[of.topic, of.bus, of.backpressure, count(of.published), short(of.rowsPerSecond), count(of.rowsABatch), count(of.subscribers)],
      ...[count(of.lag), count(of.lost), count(of.full), of.fault === "" ? (of.inUse ? "" : "left behind") : "FAIL"],
    ]),
    [3, 4, 5, 6, 7, 8, 9],
  );

function remarks({ topologies, skipped, ...rest }: BusValidation, terminal: Terminal): string {
  const compared = topologies
    .filter(({ compared: only }) => only)
    .flatMap(({ topology, checks }) =>
      checks
        .filter(({ fault }) => fault !== "")
        .map(({ check, fault }) => `${topology}, for comparison and not scored: ${check}: ${fault}`),
    );
  const faults = faultsOf({ topologies, ...rest });
  return [
    ...faults.map((fault) => terminal.style("red", `failed: ${fault}`, terminal.stdout)),
    ...compared,
    ...skipped.map(({ what, why }) => `skipped: ${what}: ${why}`),
  ].join("\n");
}

function advice(found: BusValidation): string {
  const all = adviceOf(found);
  if (all.length === 0 && !Number.isFinite(scoreOf(found).score)) return "";
  if (all.length === 0) return "nothing to recommend: every goal was met, and no figure stands out";
  return all.map(({ about, measured, change }) => `change: ${about}: ${measured}\n  ${change}`).join("\n");
}

function score(found: BusValidation): string {
  const { parts, score: points } = scoreOf(found);
  if (!Number.isFinite(points)) return "no score: nothing was checked that counts";
  const names = Object.keys(weights) as (keyof typeof weights)[];
  const each = names.map(
    (name) => `${name} ${Number.isFinite(parts[name]) ? `${fixed(weights[name] * parts[name], 1)}/${weights[name]}` : none}`,
  );
  return [`score ${fixed(points, 1)} of 100   ${each.join("  ")}`, ...formula.split("; ").map((part) => `  ${part}`)].join("\n");
}

export function busScreen({ found, seconds: took, rows, quick, written }: BusAnswer, terminal: Terminal): string {
  const names = [...new Set(found.topologies.map(({ topology }) => topology))];
  const blocks = [
    `buses of ${names.join(", ") || "no topology"}${quick ? ", quick" : ""}   ${count(rows)} rows and requests   ${seconds(took)}`,
    ...[topicsTable, checksTable, silenceTable, latencyTable, orderTable, balanceTable].map((of) => of(found)),
    remarks(found, terminal),
    advice(found),
    score(found),
    ...(written.length > 0 ? [`wrote ${written.join(", ")}`] : []),
  ];
  return `${blocks.filter((block) => block !== "").join("\n\n")}\n`;
}
