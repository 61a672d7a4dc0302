/** Tasks of kernels beside npm packages that do the same work, where they are installed. */
import { createRequire } from "node:module";
import { checkOptions } from "../src/core/contract/check.js";
import { rowsOf, withRows } from "../src/measure/cases.js";
import { type Arrays, bytesOf, inputsOf, kernelNamed, type Prepared, type Task } from "./case.js";
import { comparison } from "./chains.js";

type Columns = Record<string, Float64Array>;
type Params = Record<string, number>;
/** Brings the columns into the form that the package takes; what it answers with does the work. */
type Form = (library: any, columns: Columns, params: Params) => () => Arrays;

/** A series for each asset. */
function series({ returns }: Columns, { assets }: Params): number[][] {
  const rows = returns!.length / assets!;
  return Array.from({ length: assets! }, (_, j) => Array.from({ length: rows }, (_, k) => returns![k * assets! + j]!));
}
const matrix = (rows: readonly (readonly number[])[]): Arrays => ({ covariance: Float64Array.from(rows.flat()) });

const forms: Readonly<Record<string, Readonly<Record<string, Form>>>> = {
  "sample_covariance: 100 assets": {
    "simple-statistics": (library, columns, params) => {
      const all = series(columns, params);
      return () => matrix(all.map((a) => all.map((b) => library.sampleCovariance(a, b))));
    },
    "portfolio-allocation": (library, columns, params) => {
      const all = series(columns, params);
      const bessel = all[0]!.length / (all[0]!.length - 1);
      return () =>
        matrix(
          library
            .covarianceMatrix(all)
            .toRowArray()
            .map((row: number[]) => row.map((x) => x * bessel)),
        );
    },
    "@railpath/finance-toolkit": (library, columns, params) => {
      const all = series(columns, params);
      return () => matrix(library.calculateCovarianceMatrix({ returns: all }).matrix);
    },
  },
  "equal_risk_contribution: 100 assets": {
    "portfolio-allocation": (library, { covariance }, { assets }) => {
      const rows = Array.from({ length: assets! }, (_, i) => Array.from(covariance!.subarray(i * assets!, (i + 1) * assets!)));
      return () => ({ weights: Float64Array.from(library.equalRiskContributionWeights(rows)) });
    },
  },
  "black_scholes: in cache": {
    // Without a yield of the asset: the spot is what is left of it at expiry.
    greeks: (library, { spot, strike, expiry, volatility, rate, dividendYield, call }) => {
      const left = spot!.map((_, i) => Math.exp(-dividendYield![i]! * expiry![i]!));
      const each = (f: (s: number, k: number, t: number, v: number, r: number, kind: string) => number, power: number) =>
        spot!.map(
          (s, i) => f(s * left[i]!, strike![i]!, expiry![i]!, volatility![i]!, rate![i]!, call![i] ? "call" : "put") * left[i]! ** power,
        );
      return () => ({ delta: each(library.getDelta, 1), gamma: each(library.getGamma, 2) });
    },
  },
};

/** Their results are their own affair: one that is refused is told, and is no failure of ours. */
export const packageNames: readonly string[] = [...new Set(Object.values(forms).flatMap(Object.keys))];

const require = createRequire(import.meta.url);
function installed(name: string): unknown {
  try {
    return require(name);
  } catch {
    return undefined;
  }
}

function prepare(task: Task, rows: number, form: Form, library: unknown): Prepared {
  const { contract } = kernelNamed(task.kernel)!;
  const one = contract.bench.find((c: { label?: string }) => (c.label ?? "") === task.label)!;
  const sized = withRows(contract, one, rows);
  const params = checkOptions(contract.name, contract.params, { ...contract.example, ...sized.options }) as Params;
  const columns = inputsOf(contract, sized);
  const work = form(library, columns as unknown as Columns, params);
  const counted = rowsOf(contract, sized)!;
  return {
    rows: counted,
    ...contract.cost({ ...sized.dims, [contract.rows]: counted }, params),
    workingSet: bytesOf(columns),
    run: work,
    outputs: work,
  };
}

/** What a peer gives, where it gives a number: at expiry or without volatility some do not. */
function answered(got: Arrays, want: Arrays): { got: Arrays; want: Arrays } {
  const known = (key: string) => (_: unknown, i: number) => Number.isFinite((got[key] as Float64Array)[i]);
  const cut = (of: Arrays) => Object.fromEntries(Object.keys(got).map((key) => [key, (of[key] as Float64Array).filter(known(key))]));
  return { got: cut(got), want: cut(want) };
}

/** The same tasks, with the packages beside those that they have. */
export const withPackages = (tasks: Task[]): Task[] =>
  tasks.map((task) => {
    const here = Object.entries(forms[`${task.kernel}: ${task.label}`] ?? {}).flatMap(([name, form]) => {
      const library = installed(name);
      return library ? [{ name, form, library }] : [];
    });
    if (here.length === 0) return task;
    const names = here.map(({ name }) => name);
    const compare = comparison(kernelNamed(task.kernel)!.contract, names);
    return {
      ...task,
      peers: [...(task.peers ?? []), ...names],
      make(backend, rows) {
        const peer = here.find(({ name }) => name === backend);
        return peer ? prepare(task, rows, peer.form, peer.library) : task.make(backend, rows);
      },
      compare(got, want, backend) {
        if (!names.includes(backend)) return task.compare(got, want, backend);
        const both = answered(got, want);
        return compare(both.got, both.want, backend);
      },
    };
  });
