/** What the reference answers, kept for the suites of the add-on's other builds: it is the same for each, and took most of their time. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { deserialize, serialize } from "node:v8";
import { referenceOnTrial } from "./kernels.js";

/** Of this run alone; none where one build is tried by itself. */
const folder = process.env.TICKFORGE_ANSWERS;

/** The build that has the reference on trial asks and keeps, the others read, and ask where nothing was kept. */
export function keptAnswer<T>(name: string, ask: () => T): T {
  if (!folder) return ask();
  const file = join(folder, encodeURIComponent(name));
  if (!referenceOnTrial && existsSync(file)) return deserialize(readFileSync(file));
  const answer = ask();
  if (referenceOnTrial) writeFileSync(file, serialize(answer));
  return answer;
}
