/** What can be measured beside VPIN, from trades and the quotes beside them: one kernel a measure, fed by a slot's trades or by their time bars. */
import type { BoundKernel } from "../core/call/bind.js";
import type { Contract } from "../core/contract/contract.js";
import { didYouMean, TickforgeError } from "../core/contract/errors.js";
import { amihudIlliquidity } from "../kernels/flow/liquidity/amihud_illiquidity.js";
import { corwinSchultzSpread } from "../kernels/flow/liquidity/corwin_schultz_spread.js";
import { effectiveSpread } from "../kernels/flow/liquidity/effective_spread.js";
import { hasbrouckLambda } from "../kernels/flow/liquidity/hasbrouck_lambda.js";
import { kyleLambda } from "../kernels/flow/liquidity/kyle_lambda.js";
import { realizedSpread } from "../kernels/flow/liquidity/realized_spread.js";
import { rollSpread } from "../kernels/flow/liquidity/roll_spread.js";
import { orderFlowImbalance } from "../kernels/flow/toxicity/order_flow_imbalance.js";
import { tradeImbalance } from "../kernels/flow/toxicity/trade_imbalance.js";
import { bipowerVariation } from "../kernels/flow/variation/bipower_variation.js";
import { realizedVariance } from "../kernels/flow/variation/realized_variance.js";
import { signedJump } from "../kernels/flow/variation/signed_jump.js";
import type { QuoteMeasureName } from "./quote_measures.js";

/** A kernel whose ports are told by its contract at run time. */
export interface AnyKernel {
  readonly contract: Contract;
  bind(arrays: object, options: object, how: object): BoundKernel;
  stateBytes(options: object): number;
}

interface Source {
  /** Rows are trades as they lie in a slot, or time bars of them. */
  clock: "trade" | "bar";
  kernel: AnyKernel;
  /** Input port by the column that it reads. */
  inputs: Readonly<Record<string, string>>;
  /** Of the quotes beside the trades: a measure of this name. */
  quotes?: QuoteMeasureName;
  /** Rows looked at; undefined where the kernel has no window. */
  window: number | undefined;
}

const bars = (of: object, inputs: Source["inputs"], windowed = true): Source => {
  const kernel = of as AnyKernel;
  return { clock: "bar", kernel, inputs, window: windowed ? Number(kernel.contract.params.window?.default) : undefined };
};
const trades = (kernel: object, inputs: Source["inputs"]): Source => ({
  clock: "trade",
  kernel: kernel as AnyKernel,
  inputs,
  // A hundred trades pass within a second of a busy market.
  window: 1000,
});

const table = {
  trade_imbalance: trades(tradeImbalance, { size: "size", side: "side" }),
  roll_spread: trades(rollSpread, { price: "price" }),
  corwin_schultz_spread: bars(corwinSchultzSpread, { high: "high", low: "low" }, false),
  kyle_lambda: bars(kyleLambda, { price: "last", signedVolume: "signedVolume" }),
  hasbrouck_lambda: bars(hasbrouckLambda, { price: "last", signedVolume: "signedVolume" }),
  amihud_illiquidity: bars(amihudIlliquidity, { price: "last", volume: "volume" }),
  realized_variance: bars(realizedVariance, { price: "last" }),
  bipower_variation: bars(bipowerVariation, { price: "last" }),
  signed_jump: bars(signedJump, { price: "last" }),
};
const quotes = (name: QuoteMeasureName, kernel: object): Source => ({ ...trades(kernel, {}), quotes: name });
const sources: Readonly<Record<string, Source>> = {
  ...table,
  effective_spread: quotes("effective_spread", effectiveSpread),
  realized_spread: quotes("realized_spread", realizedSpread),
  order_flow_imbalance: quotes("order_flow_imbalance", orderFlowImbalance),
};

/** Of a list as `parseMeasures` takes it, the names that are columns; of a text not known beforehand, none. */
export type MeasureNames<List extends string> = string extends List
  ? never
  : List extends "all"
    ? keyof typeof table
    : Exclude<Named<List>, (typeof always)[number] | "none">;
type Named<List extends string> = List extends `${infer One},${infer Rest}` ? Name<One> | Named<Rest> : Name<List>;
type Name<Word extends string> = Word extends ` ${infer Rest}`
  ? Name<Rest>
  : Word extends `${infer Text}${":" | " "}${string}`
    ? Text
    : Word;

export interface Measure extends Source {
  name: string;
  output: string;
  unit: string;
}

const measureNames: readonly string[] = Object.keys(sources);
/** Those that every file has. */
const ofTrades = Object.keys(table);
/** Columns that are there in any case, and may be named too. */
const always = ["vpin", "cdf", "imbalance"] as const;
/** What a page shows where nothing is said. */
export const usualMeasures = "trade_imbalance,roll_spread,kyle_lambda,amihud_illiquidity,realized_variance";

const refuse = (what: string, hint: string): never => {
  throw new TickforgeError("E_MEASURE", what, { hint });
};

/** `kyle_lambda,roll_spread:500`: names, each with a window of its own where one follows; `all`, or `none`. */
export function parseMeasures(text: string): Measure[] {
  if (text === "none") return [];
  const words = text === "all" ? ofTrades : text.split(",").map((word) => word.trim());
  const found = words.filter((word) => !always.some((name) => name === word)).map(parseOne);
  const twice = found.find(({ name }, i) => found.findIndex((other) => other.name === name) < i);
  if (twice) refuse(`measure ${twice.name} is named twice`, "name each once");
  return found;
}

function parseOne(word: string): Measure {
  const [name = "", wide] = word.split(":");
  const source = Object.hasOwn(sources, name) ? sources[name] : undefined;
  if (!source) {
    const near = didYouMean(name, [...measureNames, ...always]);
    return refuse(`no measure is called '${name}'`, near ? `did you mean ${near}?` : `expected ${measureNames.join(", ")}, all or none`);
  }
  const window = wide === undefined ? source.window : windowOf(name, source, wide);
  const [output, port] = Object.entries(source.kernel.contract.outputs)[0]! as [string, { unit: string }];
  // A spread of the kernel may be relative too: here it is in units of price.
  return { ...source, name, window, output, unit: source.quotes && output === "spread" ? "price" : port.unit };
}

/** Those of quotes hold their window themselves. */
const mostQuotes = { min: 1, max: 1_000_000 };

function windowOf(name: string, { window, clock, kernel }: Source, text: string): number {
  if (window === undefined) refuse(`measure ${name} has no window, got '${text}'`, `write ${name}`);
  const { min = 1, max = Number.MAX_SAFE_INTEGER } = (kernel.contract.params.window ?? mostQuotes) as { min?: number; max?: number };
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  return refuse(`window of ${name} is '${text}', expected ${min} to ${max} ${clock}s`, `such as ${name}:${window}`);
}
