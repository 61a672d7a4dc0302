/** The tables of the page: what was checked, and what was measured. */
import { latencyGoal, silenceGoal } from "../../analysis/bus_goals.js";
import type { BusCheck, BusValidation, TopologyResult } from "../../analysis/bus_validation.js";
import type { Section } from "../kit/page.js";
import { count, escapeHtml, fixed, Markup, none, percent, significant, table } from "../kit/text.js";

const onWords = { rings: "rings in shared memory", redis: "Redis servers", list: "a list on Redis" } as const;
export const milliseconds = (us: number): string => (Number.isFinite(us) ? `${significant(us / 1000, 3)} ms` : none);
const meter = (share: number): Markup => new Markup(`<span class="meter" style="width:${Math.round(120 * share)}px"></span>`);
const finding = (fault: string): string | Markup =>
  fault === "" ? "passed" : new Markup(`<strong>failed</strong> <span class="words">${escapeHtml(fault)}</span>`);
/** What was measured over its goal, marked where it is more. */
function beside(measured: number, goal: number): string | Markup {
  if (!Number.isFinite(measured)) return none;
  const told = escapeHtml(milliseconds(measured));
  return new Markup(`${measured > goal ? `<strong>${told}</strong>` : told}<small>goal ${escapeHtml(milliseconds(goal))}</small>`);
}

export function delivery({ topology, transport, checks, compared }: TopologyResult): Section {
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

export function topics({ topics: of }: BusValidation): Section | undefined {
  if (of.length === 0) return undefined;
  const body = table({
    caption:
      "Looked at and nothing else: nothing was published on them and no place taken. Lag in batches, of the slowest subscriber; lost in rows; full: times that a publisher found no slot, since the topic began and while it was looked at",
    columns: [
      "Topic",
      "Bus",
      "Finding",
      "When full",
      "Published",
      "Rows/s",
      "Rows a batch",
      "Readers",
      "Lag",
      "Slots",
      "Lost",
      "Full",
      "Meanwhile",
    ],
    words: [0, 1, 2, 3],
    rows: of.map((one) => [
      ...[one.topic, one.bus, one.fault === "" ? (one.inUse ? "in use" : "left behind") : finding(one.fault), one.backpressure],
      ...[one.published, one.rowsPerSecond, one.rowsABatch, one.subscribers, one.lag, one.slots, one.lost, one.full, one.fullMeanwhile].map(
        count,
      ),
    ]),
  });
  return { id: "topics", heading: "Topics of the system", body };
}

export function silence({ silences }: BusValidation): Section | undefined {
  if (silences.length === 0) return undefined;
  const longest = Math.max(...silences.map(({ worstMs }) => worstMs).filter(Number.isFinite));
  const body = table({
    caption:
      "How long a subscriber hears nothing when the process that publishes, or the server, is killed (SIGKILL) or stands still (SIGSTOP) and a standby takes over, at a row a millisecond. Who is killed is missed at once, on rings; who stands still, or publishes on a server, by its silence, which standbys wait for. Usual: 99th percentile between two rows while all is well. Needless: a standby took over from a publisher that lived. A goal is that wait plus what a quiet machine needs, or a multiple of what is usual if that is more",
    columns: ["What", "On", "Finding", "Failovers", "Median", "Worst", "", "Waited for", "Usual", "Rows lost", "Needless"],
    words: [0, 1, 2, 6],
    rows: silences.map((of) => {
      const goal = silenceGoal(of);
      return [
        ...[`${of.who} ${of.how}`, of.transport, finding(of.fault), count(of.failovers)],
        ...[beside(1000 * of.medianMs, 1000 * goal.median), beside(1000 * of.worstMs, 1000 * goal.worst)],
        Number.isFinite(of.worstMs) ? meter(of.worstMs / longest) : "",
        ...[milliseconds(1000 * of.waitsMs), milliseconds(1000 * of.usualMs)],
        ...[count(of.rows.expected - of.rows.got), count(of.needless)],
      ];
    }),
  });
  return { id: "silence", heading: "Silence of a failover", body };
}

export function latency({ topologies }: BusValidation): Section | undefined {
  const all = topologies.flatMap(({ topology, transport, pairs, base }) =>
    pairs.map((of) => ({ topology, transport, base, goal: latencyGoal(transport, base), ...of })),
  );
  if (all.length === 0) return undefined;
  const longest = Math.max(...all.map(({ p99 }) => p99).filter(Number.isFinite));
  const body = table({
    caption:
      "From the input of the first engine in one process to the answer of the second in another, over the bus; medians and 99th percentiles. A bare trip is one there and back between two processes without the bus, on words in shared memory or entries of the server, made between the requests; a goal is what a quiet machine needs, or a multiple of the bare trip if that is more",
    columns: ["Engines", "Topology", "On", "Finding", "Requests", "Median", "99 %", "", "Bare trip", "99 %"],
    words: [0, 1, 2, 3, 7],
    rows: all.map(({ base, goal, ...of }) => [
      ...[of.pair, of.topology, of.transport, finding(of.fault), count(of.requests)],
      ...[beside(of.p50, goal.p50), beside(of.p99, goal.p99), Number.isFinite(of.p99) ? meter(of.p99 / longest) : ""],
      ...[milliseconds(base?.p50 ?? Number.NaN), milliseconds(base?.p99 ?? Number.NaN)],
    ]),
  });
  return { id: "latency", heading: "Request to reply between engines", body };
}

export function order({ order: of }: BusValidation): Section | undefined {
  if (of.length === 0) return undefined;
  const body = table({
    caption:
      "Keys moved between a bus that is read late and one that is read at once, while their rows are under way: batches that came before an earlier one of their key overtook it, and must be handed over behind it",
    columns: ["Buses", "Finding", "Batches", "Keys moved", "Overtook", "Rows", "Out of order", "Lost"],
    words: [0, 1],
    rows: of.map(({ fault, batches, moves, overtook, rows }) => [
      ...["slow and fast", finding(fault), count(batches), count(moves), count(overtook)],
      ...[count(rows.expected), count(rows.disordered), count(rows.expected - rows.got)],
    ]),
  });
  return { id: "order", heading: "Order of keys that change their bus", body };
}

export function balance({ balance: of }: BusValidation): Section | undefined {
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
