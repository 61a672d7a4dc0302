/** What the numbers were measured on: stored beside every result. */
import { cpus, totalmem } from "node:os";
import { loadAddon } from "../src/addon/addon.js";

export interface Machine {
  date: string;
  processor: string;
  cores: number;
  memoryGiB: number;
  /** Build of the add-on that ran, of those that the processor has. */
  cpu: string;
  cpus: string[];
  node: string;
  platform: string;
  quick: boolean;
}

export function describeMachine(quick: boolean): Machine {
  const { addon } = loadAddon();
  const all = cpus();
  return {
    date: new Date().toISOString().slice(0, 10),
    processor: all[0]?.model.trim() ?? "unknown",
    cores: all.length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    cpu: addon?.cpu ?? "none",
    cpus: addon?.cpus ?? [],
    node: process.versions.node,
    platform: `${process.platform}-${process.arch}`,
    quick,
  };
}

export const machineLine = (m: Machine): string =>
  `cpu: ${m.processor}, ${m.cores} cores, ${m.memoryGiB} GiB; build ${m.cpu}${m.cpus.length > 1 ? ` of ${m.cpus.join(", ")}` : ""}\n` +
  `runtime: node ${m.node} ${m.platform}, one thread, ${m.date}`;
