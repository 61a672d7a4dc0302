/** What the bus suites use of the test runner, for places where that does not start (an emulated processor). */
import { deepStrictEqual, fail, ok, strictEqual } from "node:assert/strict";

type Act = () => unknown;
interface Group {
  readonly name: string;
  readonly before: Act[];
  readonly after: Act[];
}
const tests: { name: string; group: Group; act: Act }[] = [];
const last: Act[] = [];
let group: Group = { name: "", before: [], after: [] };

export function describe(name: string, act: Act): void {
  const outer = group;
  group = { name: `${outer.name}${name}: `, before: [...outer.before], after: [...outer.after] };
  act();
  group = outer;
}
const declare = (name: string, ...given: unknown[]): void => void tests.push({ name, group, act: given.at(-1) as Act });
const skip = () => {};
export const it = Object.assign(declare, {
  skipIf: (skipped: unknown) => (skipped ? skip : declare),
  runIf: (wanted: unknown) => (wanted ? declare : skip),
});
export const beforeEach = (act: Act): void => void group.before.push(act);
export const afterEach = (act: Act): void => void group.after.push(act);
export const afterAll = (act: Act): void => void last.push(act);

export const expect = (got: any, what?: string) => ({
  toBe: (want: unknown) => strictEqual(got, want, what),
  toEqual: (want: unknown) => deepStrictEqual(got, want, what),
  toBeUndefined: () => strictEqual(got, undefined, what),
  toBeDefined: () => ok(got !== undefined, what),
  toBeTruthy: () => ok(got, what),
  toBeGreaterThan: (want: number) => ok(got > want, `${got} is not above ${want}`),
  toBeGreaterThanOrEqual: (want: number) => ok(got >= want, `${got} is below ${want}`),
  toBeLessThan: (want: number) => ok(got < want, `${got} is not below ${want}`),
  toBeLessThanOrEqual: (want: number) => ok(got <= want, `${got} is above ${want}`),
  toContain: (want: unknown) => ok(got.includes(want), `${got} does not hold ${want}`),
  not: { toBe: (want: unknown) => (Object.is(got, want) ? fail(`is ${want}`) : undefined) },
});

/** Runs everything that was declared; failures by name. */
export async function run(): Promise<{ passed: number; failures: string[] }> {
  const failures: string[] = [];
  let passed = 0;
  for (const { name, group: of, act } of tests) {
    try {
      for (const before of of.before) await before();
      await act();
      passed++;
    } catch (error) {
      failures.push(`${of.name}${name}: ${(error as Error).message}`);
    }
    for (const after of of.after) await after();
  }
  for (const act of last) await act();
  return { passed, failures };
}
