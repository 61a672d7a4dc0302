/** Binary problems: what must hold of every answer, and optima that others published. */
import { describe, expect, it } from "vitest";
import { quboAnneal, quboBifurcation, quboExact, quboTempering } from "../../../src/index.js";
import { seeded } from "../../../src/kernels/parts/sample.js";
import { bqp50 } from "./bqp50.js";

const heuristics = {
  qubo_anneal: (problem: Problem, threads = 1) => quboAnneal(problem, { seed: 3, threads }),
  qubo_tempering: (problem: Problem, threads = 1) => quboTempering(problem, { seed: 3, threads, replicas: 3, rounds: 100 }),
  "qubo_bifurcation, ballistic": (problem: Problem, threads = 1) => quboBifurcation(problem, { seed: 3, threads, replicas: 64 }),
  "qubo_bifurcation, discrete": (problem: Problem, threads = 1) =>
    quboBifurcation(problem, { seed: 3, threads, replicas: 64, method: "discrete", steps: 500 }),
};
type Problem = { linear: Float64Array; quadratic?: Float64Array; loading?: Float64Array; factorWeight?: Float64Array };

/** By definition. */
function energyOf({ linear, quadratic, loading, factorWeight }: Problem, x: Uint8Array): number {
  const n = linear.length;
  let energy = 0;
  for (let i = 0; i < n; i++) energy += linear[i]! * x[i]!;
  for (let i = 0; quadratic && i < n; i++) for (let j = 0; j < n; j++) energy += quadratic[i * n + j]! * x[i]! * x[j]!;
  const k = factorWeight?.length ?? 0;
  for (let f = 0; f < k; f++) {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += loading![i * k + f]! * x[i]!;
    energy += factorWeight![f]! * sum * sum;
  }
  return energy;
}

function factors(n: number, k: number, seed: number): Problem & { loading: Float64Array; factorWeight: Float64Array } {
  const random = seeded(seed);
  const signed = (length: number) => Float64Array.from({ length }, () => 2 * random() - 1);
  return { linear: signed(n), loading: signed(n * k), factorWeight: signed(k) };
}
/** The same problem with its couplings written out. */
function written({ linear, loading, factorWeight }: ReturnType<typeof factors>): Problem {
  const [n, k] = [linear.length, factorWeight.length];
  const quadratic = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++)
      for (let f = 0; f < k; f++) quadratic[i * n + j]! += factorWeight[f]! * loading[i * k + f]! * loading[j * k + f]!;
  return { linear, quadratic };
}

const close = (a: number, b: number, by = 1e-10) => expect(Math.abs(a - b)).toBeLessThanOrEqual(by * Math.max(1, Math.abs(b)));

describe("every answer", () => {
  for (const [name, solve] of Object.entries(heuristics))
    it(`${name}: its energy is that of its variables, no single change lowers it, and the best is no lower than the least`, () => {
      for (let seed = 1; seed <= 12; seed++) {
        const problem = factors(4 + seed, 1 + (seed % 5), seed);
        for (const form of [problem, written(problem)]) {
          const { solution, energy, energies } = solve(form);
          close(energy[0]!, energyOf(form, solution));
          close(energy[0]!, Math.min(...energies));
          for (let i = 0; i < solution.length; i++) {
            const changed = solution.slice();
            changed[i]! ^= 1;
            expect(energyOf(form, changed)).toBeGreaterThanOrEqual(energy[0]! - 1e-9);
          }
          const least = quboExact(form).energy[0]!;
          expect(energy[0]!).toBeGreaterThanOrEqual(least - 1e-10);
          // So small a problem is solved, but for the discrete form, whose momenta may be caught in a cycle.
          if (!name.endsWith("discrete")) close(energy[0]!, least);
        }
      }
    });

  for (const [name, solve] of Object.entries(heuristics))
    it(`${name}: the same bits on any number of threads`, () => {
      const random = seeded(5);
      const quadratic = Float64Array.from({ length: 300 * 300 }, () => 2 * random() - 1);
      // Spins without a field: replicas go different ways.
      const linear = Float64Array.from({ length: 300 }, (_, i) => {
        let sum = 0;
        for (let j = 0; j < 300; j++) sum -= 0.5 * (quadratic[i * 300 + j]! + quadratic[j * 300 + i]!);
        return sum;
      });
      const problem = { linear, quadratic };
      const one = solve(problem);
      const three = solve(problem, 3);
      expect(three).toEqual(one);
      expect(new Set(one.energies).size).toBeGreaterThan(1); // replicas differ, so that a mix-up would show
    });

  it("of 20 variables: the least of all states, and the next", () => {
    const problem = written(factors(20, 6, 9));
    const { solution, energy, runnerUp } = quboExact(problem, { threads: 2 });
    let [least, next] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
    // States in the order of a Gray code: one variable changes at a time.
    const x = new Uint8Array(20);
    const rise = (i: number) => {
      let slope = problem.linear[i]! + problem.quadratic![i * 21]!;
      for (let j = 0; j < 20; j++) if (j !== i && x[j]) slope += problem.quadratic![i * 20 + j]! + problem.quadratic![j * 20 + i]!;
      return x[i] ? -slope : slope;
    };
    for (let state = 1, at = 0; state <= 2 ** 20; state++) {
      if (at < least - 1e-9) [least, next] = [at, least];
      else if (at > least + 1e-9) next = Math.min(next, at);
      if (state === 2 ** 20) break;
      const i = 31 - Math.clz32(state & -state);
      at += rise(i);
      x[i]! ^= 1;
    }
    close(energy[0]!, least, 1e-9);
    close(runnerUp[0]!, next, 1e-9);
    close(energyOf(problem, solution), least, 1e-9);
  });
});

describe("OR-Library, bqp50: best known values of Beasley (1998), proven optimal since", () => {
  for (const [name, solve] of Object.entries(heuristics))
    it(name, () => {
      for (const { best, entries } of bqp50) {
        const quadratic = new Float64Array(50 * 50);
        for (let at = 0; at < entries.length; at += 3) {
          const [i, j, value] = [entries[at]! - 1, entries[at + 1]! - 1, entries[at + 2]!];
          quadratic[i * 50 + j] = i === j ? -value : -2 * value; // a maximum there, and couplings once each
        }
        expect(-solve({ linear: new Float64Array(50), quadratic }).energy[0]!).toBe(best);
      }
    });
});

describe("refusals", () => {
  const linear = new Float64Array(27);
  const wrong = (run: () => unknown, message: RegExp) => expect(run).toThrow(message);
  it("more variables than can be looked at", () => {
    wrong(() => quboExact({ linear, quadratic: new Float64Array(27 * 27) }), /at most 26 variables/);
  });
  it("no form, two forms, half a form, temperatures that rise", () => {
    wrong(() => quboAnneal({ linear }, { seed: 1 }), /'quadratic'.*missing/);
    const loading = new Float64Array(27);
    wrong(() => quboAnneal({ linear, loading }, { seed: 1 }), /together/);
    const both = { linear, loading, factorWeight: new Float64Array(1), quadratic: new Float64Array(27 * 27) };
    wrong(() => quboBifurcation(both, { seed: 1 }), /two forms/);
    wrong(() => quboTempering({ linear, quadratic: both.quadratic }, { seed: 1, hot: 1, cold: 2 }), /fall/);
  });
  it("a problem without couplings is solved by descent alone", () => {
    const alone = Float64Array.from([1, -2, 0, -3]);
    for (const solve of Object.values(heuristics)) {
      const { solution, energy } = solve({ linear: alone, quadratic: new Float64Array(16) });
      expect(energy[0]).toBe(-5);
      expect([solution[0], solution[1], solution[3]]).toEqual([0, 1, 1]);
    }
  });
});
