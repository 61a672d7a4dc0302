/** Rates, lag, latency and memory over the run, bursts shaded; a small chart for each engine, all on one axis of time. */
import { type Drill, latencyCourse } from "../../analysis/drill.js";
import { timeChart } from "../kit/chart.js";
import { slices } from "../kit/decimate.js";
import { narrow, type TimeChart, wide } from "../kit/layout.js";
import type { Section } from "../kit/page.js";
import { type Kept, stackOf } from "../kit/stack.js";
import { count, escapeHtml, none, significant, table } from "../kit/text.js";

interface Part {
  readonly name: string;
  readonly y: Float64Array;
}
interface Charts {
  readonly id: string;
  readonly heading: string;
  readonly says: string;
  /** Of the vertical axis, behind the name of the part. */
  readonly unit: string;
  readonly scale: "linear" | "log";
  readonly parts: readonly Part[];
  readonly written: (value: number) => string;
}

/** One of several under each other. */
const small = { wide: { ...wide, height: 150 }, narrow: { ...narrow, height: 150 } };
const microseconds = (us: number): string => (Number.isFinite(us) ? (us < 1000 ? `${us} µs` : `${significant(us / 1000, 3)} ms`) : none);
const megabytes = (bytes: number): string => `${count(bytes)} MB`;
const times = "Few rows or many: the axis is logarithmic, and what is 0 lies on its floor.";

export function courses(drill: Drill, kept?: Kept): Section[] {
  const { samples, engines, topics } = drill;
  const x = Float64Array.from(samples, ({ seconds }) => 1000 * seconds);
  const each = (value: (e: number) => ArrayLike<number>): Part[] =>
    engines.map(({ name }, e) => ({ name, y: Float64Array.from(value(e)) }));
  const all: Charts[] = [
    {
      ...{ id: "rate", heading: "Rows a second", unit: "rows/s", scale: "log", written: count },
      says: `What the market gave, of all its topics, and each topic made of it. ${times}`,
      parts: ratesOf(drill),
    },
    {
      ...{ id: "lag", heading: "Lag by engine", unit: "rows that wait", scale: "log", written: count },
      says: `Rows that wait for each engine, over all topics that it takes. ${times}`,
      parts: each((e) => samples.map((sample) => sample.engines[e]!.lag)).filter(({ y }) => y.some((value) => value > 0)),
    },
    {
      ...{ id: "latency", heading: "Latency by engine", unit: "99 % of batches", scale: "log", written: (v) => microseconds(v) },
      says: "From the commit of a batch to its end in the engine: an upper bound of 99 % of the batches of the last looks, in microseconds. One batch of eight is timed; where the line breaks there was none.",
      parts: each((e) => latencyCourse(samples, e)).filter(({ y }) => y.some(Number.isFinite)),
    },
    {
      ...{ id: "memory", heading: "Memory", unit: "MB", scale: "linear", written: megabytes },
      says: "Resident memory of the processes, then heap and buffers of each thread: engines that share one have one line.",
      parts: [
        { name: "resident", y: Float64Array.from(samples, ({ residentBytes }) => residentBytes / 2 ** 20) },
        ...merged(each((e) => samples.map((sample) => sample.engines[e]!.memoryBytes / 2 ** 20))),
      ],
    },
    {
      ...{ id: "behind", heading: "The market held up", unit: "s behind", scale: "linear", written: (v) => `${significant(v, 4)} s` },
      says: "Seconds of the market by which it is behind where it would be had every topic always had room. A source makes up for one second of run time at most, so what a burst held up stays.",
      parts: [{ name: "market", y: Float64Array.from(samples, ({ behindSeconds }) => behindSeconds) }],
    },
  ];
  const bursts = drill.bursts.map(({ from, to }, i) => ({ from: 1000 * from, to: 1000 * to, label: `burst ${i + 1}` }));
  const chartsOf = ({ id, unit, scale, parts, written }: Charts) => {
    // Beside each other, equal heights are equal values.
    const highest = Math.max(10, ...parts.flatMap(({ y }) => [...y].filter(Number.isFinite)));
    return parts.map(({ name, y }, i): TimeChart => {
      const known = [...y].filter(Number.isFinite);
      const description = `${name}, ${unit}: lowest ${written(Math.min(...known))}, highest ${written(Math.max(...known))}, last ${written(known.at(-1) ?? Number.NaN)}; ${bursts.length} bursts are shaded.`;
      return {
        ...{
          id: `${id}-${i}`,
          title: name,
          description,
          axis: `${name}: ${unit}`,
          x,
          y,
          scale,
          form: "line",
          straight: true,
          alarms: bursts,
          ...(scale === "log" && { domain: [1, highest] as const }),
        },
      };
    });
  };
  const drawn = all.map((of) => ({ of, charts: chartsOf(of) }));
  const stack = stackOf(
    drawn.flatMap(({ charts }) => charts),
    { elapsed: true, kept },
  );
  return drawn
    .filter(({ charts }) => charts.length > 0 && topics.length > 0)
    .map(({ of, charts }): Section => {
      const one = charts.length === 1;
      // Powers of ten need little height, other numbers more.
      const layouts = one || of.scale === "linear" ? { wide, narrow } : small;
      const pictures = charts.map((chart) => timeChart(chart, layouts.wide, stack) + timeChart(chart, layouts.narrow, stack));
      const body =
        `<p class="soft">${escapeHtml(of.says)}</p><figure>${pictures.join("\n")}</figure>` +
        `<details><summary>Numbers of ${one ? "this chart" : "these charts"}</summary>${numbers(of, x)}</details>\n`;
      return { id: of.id, heading: of.heading, body };
    });
}

/** Between looks; the market's topics together, the others each. */
function ratesOf({ samples, topics, engines }: Drill): Part[] {
  const market = engines.find(({ name }) => topics.some(({ giver, name: topic }) => giver === name && topic === "trades"))?.name;
  const rate = (which: readonly number[]) =>
    Float64Array.from(samples, ({ rows, seconds }, i) => {
      const before = samples[i - 1];
      if (!before || !(seconds > before.seconds)) return Number.NaN;
      return which.reduce((sum, t) => sum + rows[t]! - before.rows[t]!, 0) / (seconds - before.seconds);
    });
  const own = [...topics.keys()].filter((t) => topics[t]!.giver === market);
  const others = [...topics.keys()].filter((t) => !own.includes(t) && topics[t]!.takers.length + (topics[t]!.rows > 0 ? 1 : 0) > 0);
  const shown = others.filter((t) => !/^order\./.test(topics[t]!.name) && topics[t]!.backpressure === "block").slice(0, 5);
  return [...(own.length > 0 ? [{ name: "market", y: rate(own) }] : []), ...shown.map((t) => ({ name: topics[t]!.name, y: rate([t]) }))];
}

/** Engines of one thread are told the same. */
function merged(parts: readonly Part[]): Part[] {
  const found: { name: string; y: Float64Array }[] = [];
  for (const { name, y } of parts) {
    const same = found.find((one) => one.y.every((value, i) => value === y[i]));
    if (same) same.name += `, ${name}`;
    else found.push({ name, y });
  }
  return found.filter(({ y }) => y.some((value) => value > 0));
}

/** Equal slices of the run, with the highest value of each part in each. */
function numbers({ heading, unit, parts, written }: Charts, x: Float64Array): string {
  const most = 16;
  const width = ((x.at(-1) ?? 0) - (x[0] ?? 0)) / most;
  const cells = parts.map(({ y }) => {
    const found = slices(x, y, most);
    return Array.from({ length: most }, (_, i) => found.find(({ from }) => Math.abs(from - (x[0]! + i * width)) < width / 2));
  });
  const rows = Array.from({ length: most }, (_, i) => [
    `${((x[0]! + i * width) / 1000).toFixed(1)} s`,
    ...cells.map((part) => (part[i] ? written(part[i].highest) : none)),
  ]);
  return table({
    caption: `${heading}, ${unit}: highest in each of ${most} equal slices of the run`,
    columns: ["From", ...parts.map(({ name }) => name)],
    rows,
  });
}
