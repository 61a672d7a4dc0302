/** Systems of engines that misbehave, as modules of a temporary folder, run by the built supervisor. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SystemStatus } from "../../../src/system/supervisor/status.js";
import type { Supervisor } from "../../../src/system/supervisor/supervisor.js";
import { built } from "../../support/cli.js";

const modules = {
  /** Rows 0, 1, 2, ... as fast as the topic takes them. */
  counter: `export default {
    name: "counter", doc: "counts", takes: () => ({}), stateBytes: () => 8,
    options: { rows: { type: "number", default: 1e15, doc: "rows in all" }, each: { type: "number", default: 64, doc: "rows a batch" },
      pause: { type: "number", default: 0, doc: "ms between batches" } },
    gives: () => ({ ticks: { doc: "rows", topic: { name: "ticks",
      columns: { time: { dtype: "i64" }, value: { dtype: "f64" } }, rows: 64, slots: 16, backpressure: "block" } } }),
    begin({ state, options: { rows, each, pause }, gives: { ticks } }) {
      const next = new Float64Array(state, 0, 1);
      return { turn() {
        if (next[0] >= rows) return Infinity;
        const slot = ticks.claim();
        if (!slot) return 1;
        const count = Math.min(each, rows - next[0]);
        for (let i = 0; i < count; i++) { slot.columns.time[i] = BigInt(next[0] + i); slot.columns.value[i] = next[0] + i; }
        next[0] += count;
        ticks.commit(count);
        return pause;
      } };
    },
  };`,
  /** Gives what it takes, and from row \`at\` on does what \`how\` says; with \`once\`, a file by that name, only where that is not there. */
  sick: `import { closeSync, existsSync, openSync } from "node:fs";
  const kept = [];
  const deeds = {
    spin: () => { for (;;); },
    heap: (c) => { for (let i = 0; i < 20_000; i++) kept.push({ a: i, b: [i] }); return c.usual(); },
    buffers: (c) => { if (kept.length < 100) kept.push(new Uint8Array(2 ** 20).fill(1)); return c.usual(); },
    gorge: () => { for (;;) kept.push(new Array(100).fill(Math.random())); },
    flood: (c) => c.usual(),
    silent: (c) => c.from,
    throws: () => { throw new Error("the moon is full"); },
    exits: () => process.exit(3),
    rejects: (c) => { Promise.reject(new Error("nobody caught this")); return c.usual(); },
    later: (c) => { setTimeout(() => { throw new Error("thrown by a timer"); }, 1); return c.usual(); },
  };
  export default {
    name: "sick", doc: "sick", stateBytes: () => 8,
    options: { how: { type: "text", default: "well", doc: "deed" }, at: { type: "number", default: 0, doc: "row" },
      once: { type: "text", optional: true, doc: "file" }, pause: { type: "number", default: 0, doc: "ms a batch" } },
    takes: () => ({ ticks: { doc: "rows", topic: "ticks", columns: { time: { dtype: "i64" }, value: { dtype: "f64" } } } }),
    gives: ({ name }) => ({ out: { doc: "the same", topic: { name: "out." + name,
      columns: { time: { dtype: "i64" }, value: { dtype: "f64" } }, rows: 64, slots: 16, backpressure: "block" } } }),
    begin({ state, options: { how, at, once, pause }, gives: { out } }) {
      if (how === "loud") { console.log("to stdout"); console.error("to stderr"); }
      if (how === "begin") throw new Error("there is no key");
      if (how === "begin-rejects") return Promise.reject(new Error("there is no key"));
      const due = () => { if (!once) return true; if (existsSync(once)) return false; closeSync(openSync(once, "w")); return true; };
      const sum = new Float64Array(state, 0, 1);
      return {
        take(port, { columns, rows }, from) {
          const usual = () => {
            if (pause) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pause);
            const slot = out.claim();
            if (!slot) return from;
            for (let i = from; i < rows; i++) {
              sum[0] += columns.value[i];
              slot.columns.time[i - from] = columns.time[i];
              slot.columns.value[i - from] = sum[0];
            }
            out.commit(rows - from);
            return rows;
          };
          return deeds[how] && columns.value[rows - 1] >= at && due() ? deeds[how]({ usual, from }) : usual();
        },
        ...(how === "turn" && { turn() { throw new Error("it is Sunday"); } }),
        close() { if (how === "close") throw new Error("will not leave"); if (how === "close-rejects") return Promise.reject(new Error("will not leave")); },
      };
    },
  };`,
  /** Found out in the thread alone. */
  unlicensed: `import { isMainThread } from "node:worker_threads";
  import sick from "./sick.mjs";
  if (!isMainThread) throw new Error("no such license");
  export default sick;`,
  /** Takes everything, and keeps nothing. */
  sink: `export default {
    name: "sink", doc: "takes", options: {}, stateBytes: () => 0, gives: () => ({}),
    takes: () => ({ any: { doc: "all", topic: "*", columns: {}, many: true } }),
    begin: () => ({ take: (port, { rows }) => rows }),
  };`,
} as const;

export interface EngineEntry {
  readonly module: keyof typeof modules;
  readonly [key: string]: unknown;
}
export type Engines = Readonly<Record<string, EngineEntry>>;
/** What tests read of a log. */
export type Line = {
  readonly level: string;
  readonly engine?: string;
  readonly message: string;
  readonly code?: string;
  readonly hint?: string;
};

export const until = async (ready: () => boolean, what: string, ms = 60_000): Promise<void> => {
  const end = performance.now() + ms;
  while (!ready()) {
    if (performance.now() > end) throw new Error(`not within ${ms} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};

/** A folder with the modules; `remove` at the end. */
export function sickFolder() {
  const folder = mkdtempSync(join(tmpdir(), "tickforge-sick-"));
  for (const [name, text] of Object.entries(modules)) writeFileSync(join(folder, `${name}.mjs`), text);
  let count = 0;
  return {
    folder,
    /** A system file in a folder of its own for state and log. */
    file(engines: Readonly<Record<string, object>>, more: object = {}): string {
      const name = `s${++count}`;
      const entries = Object.entries(engines).map(([engine, entry]) => {
        const { module, ...rest } = entry as Partial<EngineEntry>;
        return [engine, { ...(module && { module: `./${module}.mjs` }), ...rest }];
      });
      const system = { instruments: ["A"], folder: `./${name}`, ...more, engines: Object.fromEntries(entries) };
      writeFileSync(join(folder, `${name}.json`), JSON.stringify(system));
      return join(folder, `${name}.json`);
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Its threads and processes by the numbers of their runners, to be killed. */
export const membersOf = (supervisor: Supervisor) =>
  (supervisor as unknown as { readonly members: Map<number, { readonly pid: number; kill(): void }> }).members;
export interface Started {
  readonly supervisor: Supervisor;
  readonly lines: Line[];
  engine(name: string): SystemStatus["engines"][number];
  /** Text of every line of the log of this engine. */
  said(engine: string): string[];
}

interface StartOptions {
  readonly fresh?: boolean;
  readonly cores?: number;
  readonly host?: string;
  readonly folder?: string;
}
export async function start(file: string, { fresh = false, cores = 4, ...where }: StartOptions = {}): Promise<Started> {
  const { Supervisor } = await built<typeof import("../../../src/system/supervisor/supervisor.js")>("system/supervisor/supervisor.js");
  const { readSystem } = await built<typeof import("../../../src/system/plan/read_system.js")>("system/plan/read_system.js");
  const plan = await readSystem({ file, cores, ...where });
  const lines: Line[] = [];
  const supervisor = (await Supervisor.start(plan, { fresh })) as unknown as Supervisor;
  lines.push(...logOf(plan.folder));
  supervisor.log.listen((line) => lines.push(line));
  return {
    supervisor,
    lines,
    engine: (name) => supervisor.status().engines.find((engine) => engine.name === name)!,
    said: (engine) => lines.filter((line) => line.engine === engine).map(({ message }) => message),
  };
}

export const logOf = (folder: string): Line[] =>
  readFileSync(join(folder, "log.jsonl"), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Line);

export const hashes = (status: SystemStatus): Record<string, string> =>
  Object.fromEntries(status.topics.map(({ name, rows, hash }) => [name, `${rows} ${hash?.rows} ${hash?.crc32c}`]));
