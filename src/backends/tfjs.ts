/** Kernels that have a tensor form, on whichever TensorFlow.js is installed: in f32, and only where it is asked for by name. */
import type * as Tfjs from "@tensorflow/tfjs-core";
import { at, type Backend, type Bound, controlSize, type Program } from "../core/backend/backend.js";
import { cut, named, refuses } from "../core/backend/rows.js";
import type { ParamRecord } from "../core/contract/check.js";
import type { Contract, Dims, Real, Tolerance } from "../core/contract/contract.js";
import { ports } from "../core/contract/contract.js";
import { KernelError } from "../core/contract/errors.js";
import { placeOf, type Quantile, tailProbability } from "../kernels/risk/parts/tail.js";

type Core = typeof Tfjs;
type Tensor = Tfjs.Tensor;
type Tensor2D = Tfjs.Tensor2D;

interface Form {
  /** Every step is in f32: about three times what the suite measures. */
  tolerance: Record<string, Tolerance>;
  /** Inputs have the shapes of the contract. */
  outputs(tf: Core, ins: Record<string, Tensor>, params: ParamRecord, dims: Dims): Record<string, Tensor>;
}

/** Less the first row, which is exact where a column does not change, then less the mean. */
function centered(tf: Core, returns: Tensor2D): { first: Tensor; mean: Tensor; rest: Tensor2D } {
  const first = tf.slice(returns, [0, 0], [1, -1]);
  const moved = tf.sub(returns, first);
  const mean = tf.mean(moved, 0, true);
  return { first, mean, rest: tf.sub(moved, mean) };
}

/** Without it an f32 overflows to infinity, and below it a result may be flushed to 0. */
const smallest = 1e-36;

const forms: Record<string, Form> = {
  exp: {
    tolerance: { y: { relative: 3e-7, floor: smallest } },
    outputs: (tf, { x }) => ({ y: tf.exp(x!) }),
  },
  log: {
    tolerance: { y: { relative: 3e-7, floor: 1e-3 } },
    outputs: (tf, { x }) => ({ y: tf.log(x!) }),
  },
  normal_pdf: {
    tolerance: { density: { relative: 1.2e-5, floor: smallest } },
    outputs: (tf, { x }) => ({ density: tf.mul(tf.exp(tf.mul(tf.square(x!), -0.5)), 1 / Math.sqrt(2 * Math.PI)) }),
  },
  sample_covariance: {
    tolerance: { covariance: { relative: 1e-5, floor: 1e-3 }, mean: { relative: 2e-5, floor: 1e-3 } },
    outputs(tf, { returns }, { ddof }, { observation = 0 }) {
      const { first, mean, rest } = centered(tf, returns as Tensor2D);
      const products = tf.matMul(rest, rest, true, false);
      return { covariance: tf.div(products, observation - (ddof as number)), mean: tf.add(first, mean) };
    },
  },
  correlation: {
    tolerance: { correlation: { relative: 5e-6, floor: 1 } },
    outputs(tf, { returns }, { assets }) {
      const { rest } = centered(tf, returns as Tensor2D);
      const length = tf.norm(rest, "euclidean", 0, true);
      const unit = tf.div(rest, length) as Tensor2D; // 0 / 0 is NaN: a column that does not change
      const product = tf.matMul(unit, unit, true, false);
      const value = tf.where(tf.isNaN(product), product, tf.clipByValue(product, -1, 1)); // a clipped NaN may be a number
      const same = tf.cast(tf.eye(assets as number), "bool");
      return { correlation: tf.where(same, tf.div(value, value), value) };
    },
  },
  historical_risk: {
    tolerance: { var: { relative: 5e-7, floor: 1 }, es: { relative: 5e-7, floor: 1 } },
    outputs(tf, { returns, weights }, { confidence, quantile, tail }, { scenario = 0 }) {
      const losses = tf.neg(tf.matMul(weights as Tensor2D, returns as Tensor2D, false, true));
      const alpha = tailProbability(confidence as number);
      const weighed = (of: Map<number, number>) => weighedLosses(tf, losses, of);
      const risk = weighed(between(Math.max(0, placeOf(quantile as Quantile, alpha, scenario)), scenario));
      const es = tail === "exact" ? weighed(worst(alpha * scenario)) : meanFrom(tf, losses, risk);
      const finite = tf.all(tf.isFinite(losses), 1);
      const known = (value: Tensor) => tf.where(finite, value, tf.fill(value.shape, Number.NaN));
      return { var: known(risk), es: known(es) };
    },
  },
};

/** As in the contract: counts that are whole but for rounding are whole. */
const dust = 1e-9;

/** Shares of the worst losses, by their place. */
function between(place: number, count: number): Map<number, number> {
  const below = Math.floor(place + dust);
  const share = Math.max(0, place - below);
  return below + 1 < count
    ? new Map([
        [below, 1 - share],
        [below + 1, share],
      ])
    : new Map([[below, 1]]);
}
function worst(count: number): Map<number, number> {
  const whole = Math.floor(count + dust);
  const part = count - whole > dust ? count - whole : 0;
  if (whole === 0) return new Map([[0, 1]]);
  return new Map(Array.from({ length: whole + (part ? 1 : 0) }, (_, i) => [i, (i < whole ? 1 : part) / (whole + part)]));
}

function weighedLosses(tf: Core, losses: Tensor, shares: Map<number, number>): Tensor {
  const { values } = tf.topk(losses, Math.max(...shares.keys()) + 1);
  const weights = Float32Array.from({ length: values.shape[1]! }, (_, i) => shares.get(i) ?? 0);
  return tf.sum(tf.mul(values, tf.tensor1d(weights)), 1);
}
/** A border that was interpolated in f32 may lie a rounding above the loss that it is. */
function meanFrom(tf: Core, losses: Tensor, risk: Tensor): Tensor {
  const border = tf.expandDims(tf.sub(risk, tf.mul(tf.abs(risk), 1e-6)), 1);
  const beyond = tf.cast(tf.greaterEqual(losses, border), "float32");
  return tf.div(tf.sum(tf.mul(losses, beyond), 1), tf.sum(beyond, 1));
}

let core: Core | undefined;

/** Kernels with a tensor form, and how near they come to the reference. */
export const tensorTolerance = (kernel: string): Record<string, Tolerance> | undefined => forms[kernel]?.tolerance;
export const tensorKernels = (): string[] => Object.keys(forms);

const packages = { node: "@tensorflow/tfjs-node", wasm: "@tensorflow/tfjs-backend-wasm", cpu: "@tensorflow/tfjs-backend-cpu" };
export type TfjsBackend = keyof typeof packages;

/**
 * Makes `{ backend: "tfjs" }` work, on the TensorFlow.js backend named or, without a name, the first that is installed of
 * `node`, `wasm` and `cpu`; returns its name. Columns must be Float32Array then. Throws E_PACKAGE_MISSING where there is none.
 */
export async function useTfjs(wanted?: TfjsBackend): Promise<TfjsBackend> {
  const names = wanted === undefined ? (Object.keys(packages) as TfjsBackend[]) : [wanted];
  const causes: unknown[] = [];
  for (const name of names) {
    try {
      const tf = name === "node" ? await load(packages.node) : await load("@tensorflow/tfjs-core");
      if (name !== "node") await load(packages[name]);
      const known = name === "node" ? "tensorflow" : name;
      if (!(await tf.setBackend(known))) throw new Error(`TensorFlow.js could not begin with its backend '${known}'`);
      core = tf;
      return name;
    } catch (cause) {
      causes.push(cause);
    }
  }
  const needed = names.map((name) => packages[name] ?? `a backend called '${name}'`).join(" or ");
  throw new KernelError("E_PACKAGE_MISSING", `tfjs needs ${needed}, which could not be loaded: ${(causes[0] as Error)?.message}`, {
    cause: causes[0],
    hint: "npm install @tensorflow/tfjs-core @tensorflow/tfjs-backend-wasm",
  });
}

/** The name is a variable, so that no compiler looks for a package that need not be there. */
async function load(name: string): Promise<Core> {
  const found = await import(name);
  return (found.setBackend ? found : found.default) as Core;
}

export const tfjs: Backend = {
  name: "tfjs",
  onlyByName: true,
  bind: (bound) => (core && forms[bound.contract.name] && bound.real === "f32" ? new TensorProgram(core, bound) : undefined),
  cause({ name }: Contract, real: Real) {
    if (!forms[name]) return `${name} has no tensor form; these have: ${tensorKernels().join(", ")}`;
    if (!core) return "await useTfjs() first";
    return real === "f64" ? "it computes in f32: give Float32Array columns" : "";
  },
  tolerance: ({ name }) => tensorTolerance(name),
};

class TensorProgram implements Program {
  readonly control = new Float64Array(controlSize);
  constructor(
    private readonly tf: Core,
    private readonly bound: Bound,
  ) {}

  run(slot: number): void {
    const { tf, bound, control } = this;
    const { contract, params, slots } = bound;
    const frame = slots[slot]!;
    const [from, to] = [control[at.from]!, control[at.to]!];
    const ins = cut(contract.inputs, frame.ins, contract.rows, frame, bound, from, to);
    control.fill(0, at.code);
    if (refuses(bound, ins, named(contract.state ?? {}, frame.state), control)) return;
    const dims = { ...frame.dims, [contract.rows]: to - from };
    const out = cut(contract.outputs, frame.outs, contract.rows, frame, bound, from, to);
    if (to > from)
      tf.tidy(() => {
        const given = ports(contract.inputs).filter(([key]) => ins[key] !== undefined);
        const tensors = given.map(([key, port]) => {
          const shape = port.shape.map((d) => (typeof d === "number" ? d : (dims[d] ?? (params[d] as number))));
          return [key, tf.tensor(ins[key] as Float32Array, shape)] as const;
        });
        const results = forms[contract.name]!.outputs(tf, Object.fromEntries(tensors), params, dims);
        for (const [key, tensor] of Object.entries(results)) (out[key] as Float32Array | undefined)?.set(tensor.dataSync() as Float32Array);
      });
    control[at.consumed] = to - from;
  }
}
