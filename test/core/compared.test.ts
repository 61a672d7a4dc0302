/** What TypeScript and C++ agree on is compared, not copied: names, words of options and scratch memory that differ are refused, and told. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { type AddonKernels, loadAddon, packageRoot } from "../../src/addon/addon.js";
import { handshake } from "../../src/backends/index.js";
import { rowIn } from "../../src/backends/native.js";
import type { Contract, Param, Params, Ports, Real } from "../../src/core/contract/contract.js";
import { garch, vpin } from "../../src/index.js";
import { kernels } from "../support/kernels.js";

const { addon, cause } = loadAddon();

/** The contract with the first name of one of its parts spelt otherwise. */
function renamed(contract: Contract, part: "inputs" | "params" | "state" | "outputs"): Contract | undefined {
  const entries = Object.entries((contract[part] ?? {}) as Ports | Params);
  if (entries.length === 0) return undefined;
  return { ...contract, [part]: Object.fromEntries(entries.map(([name, of], i) => [i === 0 ? `${name}Renamed` : name, of])) };
}

/** The contract with the words of an option the other way round. */
const swapped = (contract: Contract, key: string): Contract => {
  const param = contract.params[key] as Param & { type: "enum" };
  return { ...contract, params: { ...contract.params, [key]: { ...param, values: [...param.values].reverse() } } };
};
const choices = (contract: Contract) => Object.keys(contract.params).filter((key) => contract.params[key].type === "enum");

describe.skipIf(!addon)(`a contract that says something else than its native row${addon ? "" : ` (skipped: ${cause})`}`, () => {
  const told = (contract: Contract, real: Real = "f64") => rowIn(addon!, contract, real);

  for (const { contract } of kernels as readonly { contract: Contract }[])
    it(`${contract.name}: a name, a word or scratch memory that differs is refused`, () => {
      for (const real of ["f64", "f32"] as const) expect(told(contract, real)).toEqual(expect.any(Number));
      for (const part of ["inputs", "params", "state", "outputs"] as const) {
        const other = renamed(contract, part);
        const name = Object.keys(contract[part] ?? {})[0];
        if (other)
          expect(told(other)).toMatch(
            new RegExp(`^the add-on's ${contract.name} takes ${name}:\\S+, its contract says ${name}Renamed:\\S+$`),
          );
      }
      for (const key of choices(contract)) {
        const { values } = contract.params[key];
        const words = (of: readonly string[]) => `${key}:${of.join("|").replaceAll("-", "_")}`;
        const sides = `takes ${words(values)}, its contract says ${words([...values].reverse())}`;
        expect(told(swapped(contract, key))).toBe(`the add-on's ${contract.name} ${sides}`);
      }
      const { workspace: _, ...without } = contract;
      const other = { ...(contract.workspace ? without : { ...contract, workspace: true }) } as Contract;
      expect(told(other)).toMatch(new RegExp(`^the add-on's ${contract.name} takes .*, its contract says .*$`));
      expect(told(other)).toContain("workspace");
    });

  it("is not run, and the handshake of doctor and the suites names it", () => {
    const other = swapped(garch.contract as unknown as Contract, "mean");
    expect(handshake([other]).map(({ kernel, cause: why }) => [kernel, why])).toEqual(
      ["f64", "f32"].map(() => ["garch", "the add-on's garch takes mean:constant|zero, its contract says mean:zero|constant"]),
    );
  });

  it("is told the same way where the row is the one that was changed", () => {
    const { contract } = vpin as unknown as { contract: Contract };
    const changed = (from: string, to: string): AddonKernels => {
      const rows = addon!.rows.map((row) => ({ ...row, signature: row.signature.replace(from, to) }));
      return { rows, declare: addon!.declare, bind: addon!.bind, call: addon!.call };
    };
    expect(rowIn(changed("size:f64[]", "lots:f64[]"), contract, "f64")).toBe(
      "the add-on's vpin takes lots:f64[], its contract says size:f64[]",
    );
    expect(rowIn(changed("given|tick_rule", "tick_rule|given"), contract, "f64")).toBe(
      "the add-on's vpin takes classify:tick_rule|given, its contract says classify:given|tick_rule",
    );
    expect(rowIn(changed(")->(", ";workspace)->("), contract, "f64")).toMatch(/^the add-on's vpin takes workspace, its contract says /);
  });
});

const compiler = spawnSync("g++", ["--version"]).status === 0;
describe.skipIf(!compiler)(`what the native side sees of itself${compiler ? "" : " (skipped: g++ is not installed)"}`, () => {
  const root = packageRoot();
  const folder = join(root, "out/compared");
  const source = join(root, "test/core/compared/scratch.cc");
  const flags = ["-std=c++20", "-Wall", "-Wextra", "-pthread"];
  beforeAll(() => void mkdirSync(folder, { recursive: true }));

  it("counts an execution that writes just before or behind its scratch memory, which begins as no number", () => {
    const program = join(folder, "scratch");
    execFileSync("g++", [...flags, source, "-o", program]);
    const lines = execFileSync(program, ["0", "9", "10", "-1", "73", "-64"], { encoding: "utf8" }).trim().split("\n");
    // place, values, whether it began as NaN at the second execution, executions that broke a fence
    expect(lines).toEqual(["0 10 0 0", "9 10 1 0", "10 10 1 2", "-1 10 1 2", "73 10 1 2", "-64 10 1 2", "0 10 0 0"]);
  }, 120_000);

  const planted: Readonly<Record<string, RegExp>> = {
    NO_SUCH_INPUT: /the_contract_has_no_such_name/,
    ONE_NAME_TOO_FEW: /the_contract_has_no_such_name/,
    NO_SIZE: /scratch_size\(const Sizes&\) goes with a Workspace argument/,
  };
  for (const [macro, said] of Object.entries(planted))
    it(`does not compile with ${macro}`, () => {
      const { status, stderr } = spawnSync("g++", [...flags, `-D${macro}`, "-fsyntax-only", source], { encoding: "utf8" });
      expect(status).not.toBe(0);
      expect(stderr).toMatch(said);
    }, 120_000);
});
