/** Rings that a system left in memory for its next start, and whose folder is gone: nobody will go on with them. */
import * as fs from "node:fs";
import { basename, dirname, join } from "node:path";

/** In a folder of rings: the folder of their system. */
const OF = "of";

export function markRings(rings: string, folder: string): void {
  fs.writeFileSync(join(rings, OF), folder, { mode: 0o600 });
}

/** Removes those beside `rings`, of this user alone. */
export function sweepRings(rings: string): void {
  const [parent, own] = [dirname(rings), basename(rings)];
  const prefix = own.slice(0, own.lastIndexOf("-") + 1);
  for (const name of fs.readdirSync(parent)) {
    if (!name.startsWith(prefix) || name === own) continue;
    try {
      const path = join(parent, name);
      if (fs.existsSync(fs.readFileSync(join(path, OF), "utf8"))) continue;
      fs.rmSync(path, { recursive: true, force: true });
      fs.rmSync(`${path}.sock`, { force: true });
    } catch {
      // Another one's, or going just now.
    }
  }
}
