/** The child of an attack: child.js MODULE SEED FROM TO FILE. Each attempt is written down before it is made, so that a crash names it. */
import { appendFileSync, openSync, writeSync } from "node:fs";
import { TickforgeError } from "../../../src/core/contract/errors.js";
import { Broken, type Failure, type MakeAttack, progress } from "./harness.js";

const [module, seed, from, to, file] = process.argv.slice(2) as [string, string, string, string, string];
const make = ((await import(`./${module}.js`)) as { default: MakeAttack }).default;
const attack = await make(Number(seed));
const bytes = Buffer.alloc(8 * progress.size + progress.text);
const opened = openSync(file, "r+");
const count = { [progress.answered]: 0, [progress.named]: 0, [progress.failed]: 0 };
const put = () => {
  for (const [at, value] of Object.entries(count)) bytes.writeDoubleLE(value, 8 * Number(at));
  writeSync(opened, bytes, 0, bytes.length, 0);
};
const at = (what: string) => {
  bytes.fill(0, 8 * progress.size);
  bytes.write(what, 8 * progress.size);
  put();
};

for (let index = Number(from); index < Number(to); index++) {
  bytes.writeDoubleLE(index, 8 * progress.index);
  at("making it");
  const { what, run } = attack.attempt(index);
  at(what);
  try {
    await run();
    count[progress.answered]!++;
  } catch (error) {
    if (error instanceof TickforgeError) count[progress.named]!++;
    else {
      count[progress.failed]!++;
      const how = error instanceof Broken ? "broken" : "unnamed";
      const message = error instanceof Error ? (how === "broken" ? error.message : (error.stack ?? error.message)) : String(error);
      const failure: Failure = { index, what, how, message };
      appendFileSync(`${file}.failures`, `${JSON.stringify(failure)}\n`);
    }
  }
}
put();
await attack.close?.();
process.exit(0);
