/** An attack as a test: a small seeded share of it with the others, all of it where TICKFORGE_DEEP is set (npm run test:deep). */
import { expect, it } from "vitest";
import { attack, type Limits, told } from "./harness.js";

const deep = process.env.TICKFORGE_DEEP !== undefined;
const seed = Number(process.env.TICKFORGE_ATTACK_SEED ?? 1);

/** `module` is a file of this folder; `share` and `all` are how many attempts are made. */
export function attacks(module: string, { share, all, ...limits }: Limits & { share: number; all: number }): void {
  it(`${module}: answered or refused by name, nothing else`, { timeout: deep ? 3_600_000 : 120_000 }, async () => {
    const outcome = await attack(module, seed, deep ? all : share, limits);
    process.stdout.write(`${told(module, outcome)}\n`);
    expect(outcome.failures).toEqual([]);
  });
}
