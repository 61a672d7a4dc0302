import { type ChildProcess, fork } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "rolldown";
import { packageRoot } from "../../../src/addon/addon.js";
import type { Role, Said } from "./process.js";

/** Bundles a script from the sources as they are now, inside the package so that it finds the add-on. */
export async function bundleScript(source: string): Promise<{ file: string; remove(): void }> {
  const out = join(packageRoot(), "out");
  mkdirSync(out, { recursive: true });
  const folder = mkdtempSync(join(out, "script-"));
  const file = join(folder, "script.mjs");
  const input = fileURLToPath(new URL(source, import.meta.url));
  await build({ input, platform: "node", logLevel: "silent", output: { file, format: "esm", codeSplitting: false } });
  return { file, remove: () => rmSync(folder, { recursive: true }) };
}

export interface Running {
  readonly child: ChildProcess;
  /** What it says of this kind, the first time; fails if it ends before. */
  said(kind: string): Promise<Said & Record<string, any>>;
  kill(): Promise<void>;
}

/** Starts processes and ends them all, whatever happened. */
export class Processes {
  private readonly running = new Set<Running>();

  start(file: string, role: Role, ...more: string[]): Running {
    const child = fork(file, [JSON.stringify(role), ...more], {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
      serialization: "advanced",
    });
    const heard: Said[] = [];
    const listeners = new Set<() => void>();
    const tell = () => {
      for (const listener of listeners) listener();
    };
    child.on("message", (said: Said) => {
      heard.push(said);
      tell();
    });
    const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
    child.once("exit", tell);
    const said = (kind: string) =>
      new Promise<any>((resolve, reject) => {
        const look = () => {
          const found = heard.find((one) => one.kind === kind);
          if (found) resolve(found);
          else if (child.exitCode !== null || child.signalCode !== null) reject(new Error(`${role.role} ended before it said '${kind}'`));
        };
        listeners.add(look);
        look();
      });
    const kill = () => {
      child.kill("SIGKILL");
      return ended;
    };
    const one = { child, said, kill };
    this.running.add(one);
    return one;
  }

  async end(): Promise<void> {
    await Promise.all([...this.running].map((one) => one.kill()));
    this.running.clear();
  }
}
