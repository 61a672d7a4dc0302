// What the playground does: a file -> columns, columns -> values, values -> a picture. The parser and the kernels are the package's own.
import uPlot from "uplot";
import { loadWasm } from "#built/backends/wasm.js";
import { DataError } from "#built/core/contract/errors.js";
import { detectLayout } from "#built/files/layout/detect.js";
import { Intake } from "#built/files/trades/intake.js";
import { Parser } from "#built/files/trades/parser.js";
import { timeBars } from "#built/kernels/flow/bars/time_bars.js";
import { rollSpread } from "#built/kernels/flow/liquidity/roll_spread.js";
import { tickRule } from "#built/kernels/flow/sides/tick_rule.js";
import { vpin } from "#built/kernels/flow/toxicity/vpin.js";
import { realizedVariance } from "#built/kernels/flow/variation/realized_variance.js";
import { simulate } from "#built/market/simulate.js";
import { tradeArrays } from "#built/market/trade_columns.js";
import "uplot/dist/uPlot.min.css";

/** Without them everything computes too, on the reference; why is told beside the result. */
const compiled = loadWasm({ families: ["files", "flow", "book"] }).catch((error) => error);

const slotRows = 1 << 16;
const headBytes = 1 << 16;
const names = ["time", "price", "size", "side"];

function joined(slots, rows) {
  const columns = {};
  for (const name of names) {
    const whole = new slots[0].columns[name].constructor(rows);
    let at = 0;
    for (const { columns: part, rows: count } of slots) {
      whole.set(part[name].subarray(0, count), at);
      at += count;
    }
    columns[name] = whole;
  }
  return columns;
}

async function bytesOf(file) {
  const packed = new Uint8Array(await file.slice(0, 2).arrayBuffer());
  const gzip = packed[0] === 0x1f && packed[1] === 0x8b;
  if (!gzip) return new Uint8Array(await file.arrayBuffer());
  const unpacked = file.stream().pipeThrough(new DecompressionStream("gzip"));
  try {
    return new Uint8Array(await new Response(unpacked).arrayBuffer());
  } catch {
    throw new DataError("E_FILE_CORRUPT", `${file.name}: its gzip data is damaged or cut off`, { hint: "download or copy it again" });
  }
}

/** Where the rows begin: behind a byte order mark and the header. */
function beginOf(bytes, header) {
  let start = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  let lines = 0;
  while (header) {
    const end = bytes.indexOf(10, start);
    const next = end < 0 ? bytes.length : end + 1;
    header = /^\s*$/.test(new TextDecoder().decode(bytes.subarray(start, next))) && next < bytes.length;
    start = next;
    lines++;
  }
  return { start, lines };
}

/** @param {File} file */
export async function readTrades(file) {
  const without = await compiled;
  const started = performance.now();
  const bytes = await bytesOf(file);
  const mark = bytes[0] === 0xef ? 3 : 0;
  const head = bytes.subarray(mark, headBytes);
  if (head.subarray(0, 4096).includes(0))
    throw new DataError("E_FILE_BINARY", `${file.name}: is not text`, { hint: "the command tickforge reads binary files too" });
  const layout = detectLayout(file.name, head, bytes.length <= headBytes);
  if (layout.json)
    throw new DataError("E_FORMAT_UNKNOWN", `${file.name}: holds JSON`, {
      hint: "the command tickforge reads it; this page reads columns of text",
    });
  const slots = [];
  let open;
  const sink = {
    claim: () => (open = { columns: tradeArrays(slotRows), rows: 0 }),
    commit(rows) {
      open.rows = rows;
      slots.push(open);
    },
  };
  const intake = new Intake(sink);
  const parser = new Parser(intake, { begins() {} }, {});
  const refused = [];
  let refusals = 0;
  parser.refused = ({ line, columnName, value, refusal }) => {
    refusals++;
    if (refused.length < 3) refused.push(`line ${line}${columnName === undefined ? "" : `, ${columnName}`}: '${value}' (${refusal})`);
  };
  const { start, lines } = beginOf(bytes, layout.header);
  parser.open(file.name, layout, lines);
  await parser.feed(bytes.subarray(start));
  await parser.end();
  if (intake.rows > 0) intake.flush();
  const rows = slots.reduce((sum, slot) => sum + slot.rows, 0);
  if (rows === 0)
    throw new DataError("E_FILE_EMPTY", `${file.name}: holds no trade`, {
      hint: refused[0] ?? "its columns must hold time, price and size",
    });
  const columns = joined(slots, rows);
  const remarks = [
    layout.name,
    ...(refusals > 0 ? [`${refusals.toLocaleString("en-US")} rows refused, such as ${refused.join("; ")}`] : []),
    ...sided(columns),
    ...(without instanceof Error ? [`computed on the reference, for WebAssembly did not load: ${without.message}`] : []),
  ];
  return { name: file.name, columns, remarks, milliseconds: performance.now() - started };
}

/** Sides by the tick rule where the file has none. */
function sided(columns) {
  if (columns.side.some((side) => side !== 0)) return [];
  columns.side = tickRule({ price: columns.price }).side;
  return ["no side in the file: sides by the tick rule"];
}

export async function simulatedTrades() {
  await compiled;
  const started = performance.now();
  const { batches } = simulate({ seed: 1 });
  const slots = [];
  for (const { time, price, size, side } of batches())
    slots.push({ columns: { time: time.slice(), price: price.slice(), size: size.slice(), side: side.slice() }, rows: time.length });
  const rows = slots.reduce((sum, slot) => sum + slot.rows, 0);
  const remarks = ["a simulated tape: informed traders come and go"];
  return { name: "Simulated tape", columns: joined(slots, rows), remarks, milliseconds: performance.now() - started };
}

const seconds = (times) => Float64Array.from(times, (time) => Number(time / 1_000_000n) / 1000);
const finite = (values) => values.filter(Number.isFinite);
function summaryOf(values) {
  const known = finite(values).sort();
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
  return { last: values.at(-1), mean, "95 of 100 below": known[Math.floor(0.95 * known.length)], highest: known.at(-1) };
}

/** @returns times in seconds, a value for each, and what they come to. */
export function compute({ columns }, { measure, buckets, window, seconds: interval }) {
  const { time, price, size, side } = columns;
  if (measure === "vpin") {
    const volume = size.reduce((sum, one) => sum + one, 0);
    const out = vpin({ time, price, size, side }, { bucketVolume: volume / buckets, window });
    return { times: seconds(out.endTime), values: out.vpin, summary: { ...summaryOf(out.vpin), "volume of a bucket": volume / buckets } };
  }
  if (measure === "volatility") {
    const bars = timeBars({ time, price, size }, { interval, empty: "emit" });
    const { variance } = realizedVariance({ price: bars.last }, { window });
    const values = variance.map(Math.sqrt);
    return { times: seconds(bars.endTime), values, summary: summaryOf(values) };
  }
  const bars = timeBars({ time, price, size }, { interval });
  const { spread } = rollSpread({ price: bars.last }, { window });
  return { times: seconds(bars.endTime), values: spread, summary: summaryOf(spread) };
}

export const csvOf = ({ times, values }) =>
  ["time,value", ...Array.from(times, (time, i) => `${new Date(time * 1000).toISOString()},${values[i]}`)].join("\n");

/** A line of as many points as a screen shows. */
const most = 4000;
export function drawn(place, { times, values }, title) {
  const step = Math.max(1, Math.ceil(times.length / most));
  const some = (list) => Array.from({ length: Math.ceil(list.length / step) }, (_, i) => list[Math.min(list.length - 1, i * step)]);
  const style = getComputedStyle(document.documentElement);
  const [text, grid, line] = ["--vp-c-text-1", "--vp-c-divider", "--vp-c-brand-1"].map((name) => style.getPropertyValue(name));
  const axis = { stroke: text, grid: { stroke: grid, width: 1 }, ticks: { stroke: grid, width: 1 } };
  const data = [some(times), some(values).map((value) => (Number.isFinite(value) ? value : null))];
  const size = () => ({ width: place.clientWidth, height: 320 });
  const plot = new uPlot(
    {
      ...size(),
      axes: [axis, { ...axis, size: 70 }],
      series: [{ value: "{YYYY}-{MM}-{DD} {HH}:{mm}" }, { label: title, stroke: line, width: 1.5 }],
      tzDate: (at) => uPlot.tzDate(new Date(at * 1000), "UTC"),
    },
    data,
    place,
  );
  const sized = new ResizeObserver(() => plot.setSize(size()));
  sized.observe(place);
  return {
    destroy() {
      sized.disconnect();
      plot.destroy();
    },
  };
}
