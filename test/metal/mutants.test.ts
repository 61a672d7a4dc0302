/**
 * Every literal and operator of the shaders and of their headers is made wrong, one at a time, and a comparison of metal.test.ts or
 * metal-backend.test.ts must fail. The suite takes a sample; MUTANTS=all takes all, MUTANTS=seen those without a reason in
 * unseen_mutants.ts (as TICKFORGE_DEEP does), MUTANTS=normal.h those of a file:
 * MUTANTS=all npx vitest run --project all test/metal/mutants.test.ts
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { shaderFiles, shaderSource } from "../../src/backends/metal.js";
import { seeded } from "../../src/kernels/parts/sample.js";
import { kernels } from "../support/kernels.js";
import { callChecks, functionChecks, tailChecks } from "./kit/checks.js";
import { type Mutant, withMutants } from "./kit/mutants.js";
import { build, buildAddon, type Program } from "./kit/stand_in.js";
import { unseen } from "./kit/unseen_mutants.js";

const linux = process.platform === "linux";
const wanted = process.env.MUTANTS ?? (process.env.TICKFORGE_DEEP === undefined ? undefined : "seen");
const { text, mutants } = withMutants(shaderSource([...shaderFiles(), "test/metal/stand_in/functions.metal"]));
const told = ({ place, change }: Mutant) => `${place} | ${change}`;
const reasonOf = (mutant: Mutant) => unseen.find(([pattern]) => pattern.test(told(mutant)));

// Calls of vpin (buckets.ts) take too long for each of many changes; its shaders are held by themselves (bucket_checks.ts).
const withShader = readdirSync("native/metal")
  .map((name) => basename(name, ".cc"))
  .filter((name) => name !== "vpin");
const list = "out/metal/unseen.txt";
const room = linux ? mkdtempSync(join(tmpdir(), "tickforge-mutants-")) : "";
const most = 1 << 15; // as program.h has it

describe.skipIf(!linux)(`a wrong shader is seen${linux ? "" : " (skipped: the stand-in needs Linux)"}`, () => {
  let program: Program;
  const checks: { name: string; passes(): boolean; took: number; reaches: Uint8Array }[] = [];
  beforeAll(async () => {
    const flags = ["-w"]; // no sanitizer: a wrong number is looked for
    const [made, rough, folder] = await Promise.all([
      build("mutants", text, { flags }),
      build("mutants", text, { flags, rough: true }),
      buildAddon(),
    ]);
    program = made;
    Object.assign(process.env, { TICKFORGE_PREBUILD: folder, STAND_IN: program.path });
    const calls = [...kernels.filter(({ contract }) => withShader.includes(contract.name)).flatMap(callChecks), ...tailChecks];
    for (const arithmetic of [program, rough])
      for (const { name, ratio } of functionChecks)
        checks.push({ name, passes: () => ratio(arithmetic) <= 1, took: 0, reaches: new Uint8Array() });
    for (const { name, worst } of calls) checks.push({ name, passes: () => worst().ratio <= 1, took: 0, reaches: new Uint8Array() });
  }, 600_000);
  afterAll(() => {
    for (const name of ["MUTANT", "REACHED", "STAND_IN"]) delete process.env[name];
    rmSync(room, { recursive: true, force: true });
  });

  it("nothing fails as they are, and every one of them is reached", { timeout: 600_000 }, () => {
    for (const [i, check] of checks.entries()) {
      process.env.MUTANT = String(-2 - i); // another process, which marks what it reaches
      process.env.REACHED = join(room, "reached");
      writeFileSync(process.env.REACHED, new Uint8Array(most));
      const start = performance.now();
      expect(check.passes(), check.name).toBe(true);
      check.took = performance.now() - start;
      check.reaches = readFileSync(process.env.REACHED);
    }
    delete process.env.REACHED;
    checks.sort((a, b) => a.took - b.took);
    const never = mutants.filter(({ number }) => !checks.some(({ reaches }) => reaches[number & ~1]));
    expect(never.filter((mutant) => !reasonOf(mutant)).map(told)).toEqual([]);
  });

  const seen = (mutant: Mutant): boolean => {
    process.env.MUTANT = String(mutant.number);
    return checks.some((check) => {
      if (!check.reaches[mutant.number & ~1]) return false;
      try {
        return !check.passes();
      } catch {
        return true;
      }
    });
  };

  const draw = seeded(11);
  const sample = mutants.filter((mutant) => !reasonOf(mutant)).map((mutant) => ({ mutant, key: draw() }));
  sample.sort((a, b) => a.key - b.key);
  const chosen =
    wanted === undefined
      ? sample.slice(0, 30).map(({ mutant }) => mutant)
      : mutants.filter((mutant) => wanted === "all" || (wanted === "seen" ? !reasonOf(mutant) : mutant.place.includes(wanted)));

  it(`${wanted ?? "a sample"}: ${chosen.length} of ${mutants.length} changes`, { timeout: 3_600_000 }, () => {
    const passed = chosen.filter((mutant) => !seen(mutant));
    if (wanted) writeFileSync(list, passed.map((mutant) => `${told(mutant)}\n`).join(""));
    expect(passed.filter((mutant) => !reasonOf(mutant)).map(told)).toEqual([]);
    if (wanted === "all")
      expect(unseen.filter(([pattern]) => !passed.some((mutant) => pattern.test(told(mutant)))).map(String)).toEqual([]);
  });
});
