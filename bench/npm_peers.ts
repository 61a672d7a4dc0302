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

/** Smallest x'Qx / 2 with a budget of 1 and no short positions: arrays from 1 on, constraints as columns, the first an equality. */
function longOnly(rows: readonly (readonly number[])[]): unknown[] {
  const of1 = <T>(first: T, values: readonly T[]): T[] => [first, ...values];
  const identity = (i: number) => rows.map((_, j) => (i === j ? 1 : 0));
  return [
    of1<number[]>(
      [],
      rows.map((row) => of1(0, row)),
    ),
    of1(
      0,
      rows.map(() => 0),
    ),
    of1<number[]>(
      [],
      rows.map((_, i) => of1(0, [1, ...identity(i)])),
    ),
    of1(0, [1, ...rows.map(() => 0)]),
    1,
  ];
}

/** Rockafellar & Uryasev's programme as the text that the solver reads: the mean of losses beyond z, at the best z. */
function tailText(returns: Float64Array, assets: number, confidence: number): string {
  const periods = returns.length / assets;
  const sum = (terms: readonly (readonly [number, string])[]) =>
    terms.map(([by, name]) => `${by < 0 ? "-" : "+"} ${Math.abs(by)} ${name}`).join(" ");
  const asset = Array.from({ length: assets }, (_, i) => i);
  const period = Array.from({ length: periods }, (_, t) => t);
  const beyond = (t: number) => `c${t}: z + u${t} ${sum(asset.map((i) => [returns[t * assets + i]!, `w${i}`]))} >= 0`;
  return [
    `Minimize obj: z ${sum(period.map((t) => [1 / (periods * (1 - confidence)), `u${t}`]))}`,
    `Subject To budget: ${sum(asset.map((i) => [1, `w${i}`]))} = 1`,
    ...period.map(beyond),
    "Bounds z free",
    ...asset.map((i) => `0 <= w${i} <= 1`),
    "End",
  ].join("\n");
}

const rowsOfMatrix = (all: Float64Array, n: number) => Array.from({ length: n }, (_, i) => Array.from(all.subarray(i * n, (i + 1) * n)));

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
      const rows = rowsOfMatrix(covariance!, assets!);
      return () => ({ weights: Float64Array.from(library.equalRiskContributionWeights(rows)) });
    },
  },
  "minimum_variance: 500 assets, long only": {
    quadprog: (library, { covariance }, { assets }) => {
      const programme = longOnly(rowsOfMatrix(covariance!, assets!));
      return () => ({ weights: Float64Array.from(library.solveQP(...programme).solution.slice(1)) });
    },
  },
  "minimum_cvar: 10 assets, 60 scenarios: as many as the reference can check": {
    highs: (library, { returns }, { assets, confidence }) => {
      const text = tailText(returns!, assets!, confidence!);
      return () => ({ objective: Float64Array.of(library.solve(text).ObjectiveValue) });
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
/** Compiled to WebAssembly: loading it is a promise. */
const highs: unknown = await (installed("highs") as (() => unknown) | undefined)?.();

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
      const library = name === "highs" ? highs : installed(name);
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
