// docs/engines.md: every engine of the table, from what it declares: used by docs.mjs. Needs dist.
import { layoutOf } from "../../dist/src/bus/frame.js";
import * as kernels from "../../dist/src/kernels/index.js";
import { checkEngineOptions } from "../../dist/src/system/kit/options.js";
import { optionRows } from "../../dist/src/system/plan/schema.js";
import { engines } from "../../dist/src/system/table/engines.js";

const instruments = ["ALPHA", "BETA", "GAMMA"];
/** Options that an engine cannot be described without, how it works, and the kernels whose sources are its own. */
const told = {
  market_data: {
    method:
      "Simulated: uninformed and informed traders that come and go at random, labels of what was put in, and a flash crash in phases after that of 6 May 2010 (CFTC & SEC 2010; Kirilenko, Kyle, Samadi & Tuzun 2017, J. Finance 72(3)). The same seed gives the same bits. Recordings and files are merged in order of time and played at any speed.",
  },
  toxicity: {
    options: { bucketVolume: 100 },
    kernels: ["vpin"],
    method: "The alarm ranks each VPIN among the earlier values of its instrument alone.",
  },
  features: {
    options: { levels: 3 },
    kernels: ["microprice", "realizedVariance", "bipowerVariation"],
    method: "Order-flow imbalance after Cont, Kukanov & Stoikov (2014), of levels after Xu, Gould & Howison (2019).",
  },
  risk: {
    kernels: ["rollingHistoricalRisk", "ewmaVolatility", "historicalRisk"],
    method: "The back-test that runs along is the proportion of failures of Kupiec (1995).",
  },
  collateral: { kernels: ["marginGrid", "portfolioMargin"] },
  factor: {
    kernels: ["factorReturns", "factorCovariance", "specificRisk", "factorRisk"],
    page: "its assets and styles come from a file, so columns are not listed here",
  },
  portfolio: {
    kernels: ["meanVariance", "equalRiskContribution", "inverseVolatility", "ledoitWolf", "rebalance"],
    method: "[weights.md](weights.md) says what its columns mean, and has an example.",
  },
  strategy: {
    options: { strategy: "market_maker" },
    kernels: ["book"],
    method:
      "[backtest.md](backtest.md#on-paper-in-a-running-system) has an example, and says what a strategy knows. Its clock is event time: that of the latest row it was given; a timer wakes it before the first row behind its time. Hooks are called between rows, as often as a row, a timer or an answer says so, and what they ask for is written before the next row. What lies in the strategy's `state` and `stateEach` is kept over restarts with its orders, positions, cash and timers; all else that it remembers begins anew. Rows whose prices are off the grid are left out and told. A strategy that throws ends the engine, which begins again from its last snapshot; one that does not return is ended after `lagSeconds`.",
  },
  execution: {
    kernels: ["matching"],
    method:
      "Rows are taken as they come: one with an earlier time than the row before counts as of that time. Quotes tell of the best level alone: an order behind it waits with an unknown queue until its price is the best one, and an order that takes finds what is quoted. A trade of no side is of that side whose quote it met. [books.md](books.md#own-orders-in-a-recorded-market) says how an order moves up.",
  },
  analytics: {
    method:
      "Average cost: what is bought moves the average, what is sold realizes the difference to it. Shortfall is against the price at decision.",
  },
  recorder: { page: "it records the topics that the key `takes` of its entry lists, each into a file of its name" },
  monitor: {
    method:
      "The score is 100 times the mean over all engines of what each is worth: 1 where nothing is wrong with it, less by its worst fault.",
  },
  gateway: { page: "see [gateway.md](gateway.md) for what is said and who may ask" },
};

const cell = (text) => String(text).replaceAll("|", "\\|");
const row = (...cells) => `| ${cells.map(cell).join(" | ")} |`;
const table = (head, rows) => [row(...head), row(...head.map(() => "---")), ...rows].join("\n");

function allowed({ min, above, max, nan, ascending, instrument, optional }) {
  return [
    above !== undefined && `> ${above}`,
    min !== undefined && `>= ${min}`,
    max !== undefined && `<= ${max}`,
    instrument && "an instrument",
    ascending && "never falls",
    nan && "or NaN",
    optional && "may be left out",
  ]
    .filter(Boolean)
    .join(", ");
}
const columnOf = (name, { dtype, width = 1 }, more = "") => `\`${name}\` ${dtype}${width > 1 ? ` x ${width}` : ""}${more && ` (${more})`}`;

function takesText(takes) {
  const rows = Object.entries(takes).map(([port, { doc, topic, columns, optional, many }]) => {
    const list = Object.entries(columns).map(([name, column]) => columnOf(name, column, allowed(column)));
    const which = many ? (topic === "*" ? "all topics" : "topics that it is given") : `\`${topic}\``;
    return row(`\`${port}\`${optional ? " (optional)" : ""}`, which, list.join(", ") || "any", doc);
  });
  return rows.length > 0 ? table(["takes", "topic", "columns", "meaning"], rows) : "It takes nothing.";
}
function givesText(gives) {
  const rows = Object.entries(gives).map(([port, { doc, topic }]) => {
    const list = layoutOf(topic).columns.map((column) => columnOf(column.name, column));
    return row(`\`${port}\``, `\`${topic.name}\``, list.join(", "), `${topic.slots} slots of ${topic.rows}, ${topic.backpressure}`, doc);
  });
  return rows.length > 0 ? table(["gives", "topic", "columns", "room", "meaning"], rows) : "It gives no topic.";
}
function optionsText(engine) {
  const shown = (value) => (value === undefined ? "" : typeof value === "string" ? `\`${value}\`` : String(value));
  const rows = optionRows(engine).map(({ key, values, unit, default: fallback, needed, doc }) =>
    row(`\`${key}\``, unit === undefined ? values : `${values}, ${unit}`, needed ? "needed" : shown(fallback), doc),
  );
  return table(["option", "values", "default", "meaning"], rows);
}

/** Ports as they are with the usual options; undefined where they hang on a file of the user's. */
async function shapeOf(name, engine) {
  const around = { engine: name, instruments, resolve: (path) => path };
  try {
    const settings = { name, instruments, options: checkEngineOptions(engine.options, told[name].options ?? {}, around) };
    await engine.load?.(settings);
    return { takes: engine.takes(settings), gives: engine.gives(settings), bytes: engine.stateBytes(settings) };
  } catch {
    return undefined;
  }
}

async function section(name, engine) {
  const { kernels: used = [], method, page } = told[name];
  const shape = await shapeOf(name, engine);
  if (!shape && !page) throw new Error(`engines_page.mjs: say on page why the ports of ${name} cannot be listed`);
  const sources = used.map((one) => `\`${kernels[one].contract.name}\`: ${kernels[one].contract.source}`);
  const says = [method, sources.length > 0 && `Sources: ${sources.join("; ")}.`].filter(Boolean).join(" ");
  return [
    `## ${name}`,
    engine.doc,
    ...(page ? [`${page[0].toUpperCase()}${page.slice(1)}.`] : []),
    ...(says ? [says] : []),
    ...(shape ? [takesText(shape.takes), givesText(shape.gives)] : []),
    optionsText(engine),
    ...(shape
      ? [
          `State: ${shape.bytes.toLocaleString("en-US")} bytes for three instruments${told[name].options ? ` and ${JSON.stringify(told[name].options)}` : ""}.`,
        ]
      : []),
    ...(engine.live ? ["It depends on the clock or the world outside: what it gives has no hash that a replay reproduces."] : []),
  ].join("\n\n");
}

/** What `docs/engines.md` should be. */
export async function enginesPage() {
  const head = `# The engines

Written from what the engines declare by \`npm run docs\`; edit those. An engine takes topics and gives topics; [system.md](system.md) says how a system file puts them together, [writing_engines.md](writing_engines.md) how to write one. Ports and state are shown as they are with the usual options and three instruments.

Rows in which a column has a value that is not allowed are refused one by one, counted, and told in the log; the rows around them are taken. Every engine goes on from its last snapshot with the same bits when it, its thread or the whole system was killed. How long a batch takes from its commit to its end in an engine, \`tickforge status\` says of each (p50 and p99, upper bounds in powers of two): that is the latency on your machine with your options, and no other figure is promised here. What the columns are and where the definitions come from: [engine-methods.md](engine-methods.md); whether a system keeps its promises under load: [drill.md](drill.md).

Orders of \`strategy\`, of \`portfolio\`, or of a module of your own are filled on paper by \`execution\`, whose \`fills\` \`analytics\` takes; what your broker fills comes from a module of your own. There is no engine yet that learns: what expects returns of \`toxicity\`, \`features\` and \`risk\` is a module of your own, whose \`signals\` \`portfolio\` takes.`;
  const sections = await Promise.all(Object.entries(engines).map(([name, engine]) => section(name, engine)));
  return `${[head, ...sections].join("\n\n")}\n`;
}
