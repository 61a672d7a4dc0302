import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A folder for rings, in memory where the system has such a place. */
export function sharedFolder(): { folder: string; remove(): void } {
  const folder = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "tickforge-test-"));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
