/** What `tickforge doctor --report` writes: a machine, its backends, how near they come to the reference and how fast they are. Nothing personal. */
import { cpus, homedir, hostname, release, tmpdir, totalmem, type } from "node:os";
import { loadAddon, packageRoot, packageVersion } from "../../addon/addon.js";
import { crossoverText } from "../../backends/calibration.js";
import { openMetal } from "../../backends/metal.js";
import { useTfjs } from "../../backends/tfjs.js";
import { allBackends, type Backend } from "../../core/call/choose.js";
import { worstOf } from "../../core/contract/compare.js";
import { type Case, followsReal, type Real } from "../../core/contract/contract.js";
import { crossoverOf, measurable, Shares } from "../../measure/calibrate.js";
import { type AnyKernel, inputsOf, kernels, optionsOf } from "../../measure/cases.js";
import { type Limits, measure, type Point } from "../../measure/measure.js";
import { machine } from "../kit/diagnosis.js";
import type { Check } from "./checks.js";

export const reportFormats = [".md", ".json"] as const;

interface Parity {
  kernel: string;
  real: Real;
  backend: string;
  /** Cases of the contract's parity list that were run, of all; large ones are left out where the reference takes too long. */
  cases: number;
  of: number;
  /** Worst element: share of what the contract allows, and relative error. */
  ratio: number;
  error: number;
  wrong?: string;
}
interface Speed {
  kernel: string;
  real: Real;
  unit: string;
  /** 0 where there was no time for any size. */
  rows: number;
  /** Nanoseconds a row, of one call, by backend. */
  ns: Record<string, number>;
  crossover: string | null;
}
export interface MachineReport {
  schema: 1;
  tickforge: string;
  date: string;
  machine: {
    processor: string;
    cores: number;
    memoryGiB: number;
    os: string;
    platform: string;
    node: string;
    build: string;
    linalg: string;
  };
  backends: { name: string; ready: boolean; cause: string }[];
  checks: { name: string; status: string; text: string }[];
  parity: Parity[];
  speed: Speed[];
}

/** Milliseconds that the reference may take for the parity of one kernel and dtype. */
const patience = 100;

const places = () => [packageRoot(), homedir(), tmpdir(), process.cwd()].filter((path) => path.length > 1);

/** A text without the folders, and without the name of the host, that a message of the system may have in it. */
export function impersonal(text: string): string {
  const known = places().reduce((left, path) => left.replaceAll(path, "..."), text);
  const bare = known
    .replace(/(?:file:\/\/)?(?:\b[A-Za-z]:)?(?!\/dev\/)(?:[\\/][^\s\\/:'"]+)+(?=[\\/])/g, "...")
    .replaceAll("......", "...");
  return hostname().length > 3 ? bare.replaceAll(hostname(), "...") : bare;
}

function parityOf(kernel: AnyKernel, real: Real): Parity[] {
  const { contract } = kernel;
  const able = allBackends().filter((backend) => backend.name !== "reference" && backend.cause(contract, real) === "");
  const rows = able.map(
    ({ name }): Parity => ({ kernel: contract.name, real, backend: name, cases: 0, of: contract.parity.length, ratio: 0, error: 0 }),
  );
  let spent = 0;
  for (const one of rows.length > 0 ? (contract.parity as Case[]) : []) {
    if (spent > patience) break;
    const [inputs, options] = [inputsOf(contract, one, real), optionsOf(contract, one)];
    const started = performance.now();
    const want = kernel(inputs, options, { backend: "reference" });
    spent += performance.now() - started;
    for (const row of rows) {
      row.cases++;
      const tolerance = able.find(({ name }) => name === row.backend)!.tolerance?.(contract);
      try {
        const worst = worstOf(contract, real, kernel(inputs, options, { backend: row.backend }), want, tolerance);
        row.ratio = Math.max(row.ratio, worst.ratio);
        row.error = Math.max(row.error, worst.error);
        if (!(worst.ratio <= 1)) row.wrong ??= `'${worst.port}' row ${worst.row} is ${worst.got}, the reference says ${worst.want}`;
      } catch (error) {
        row.ratio = Number.POSITIVE_INFINITY;
        row.wrong ??= impersonal((error as Error).message);
      }
    }
  }
  return rows.map((row) => ({ ...row, ratio: finite(row.ratio), error: finite(row.error) }));
}

/** JSON has no infinity. */
const finite = (value: number): number => (value <= Number.MAX_VALUE ? value : Number.MAX_VALUE);

/** Seconds that the table of speed takes at most. */
const patienceForSpeed = 30;

/** What the table of speed shows: f64, and f32 where more backends take it. */
const shown = (kernel: AnyKernel) => {
  const [first, ...others] = measurable(kernel);
  return [first!, ...others.filter(({ backends }) => backends.length > first!.backends.length)];
};

/** The largest size that all backends ran, and the largest of all where some went on. */
function speedOf(kernel: AnyKernel, { real, backends }: ReturnType<typeof shown>[number], limits: Limits): Speed[] {
  const { contract } = kernel;
  const { call } = measure(kernel, real, backends, limits).points;
  if (call.length === 0) return [{ kernel: contract.name, real, unit: contract.rows, rows: 0, ns: {}, crossover: null }];
  const first = backends.find((backend) => !backend.onlyByName)!.name;
  const crossover = crossoverText(crossoverOf(call, first), first) ?? null;
  return telling(call).map(({ rows, times }): Speed => {
    const ns = Object.fromEntries(Object.entries(times).map(([name, time]) => [name, time / Math.max(1, rows)]));
    return { kernel: contract.name, real, unit: contract.rows, rows: Math.max(1, rows), ns, crossover };
  });
}

/** Of points by size: the last with the most backends, and the last of all. */
export function telling(points: readonly Point[]): Point[] {
  const count = ({ times }: Point) => Object.keys(times).length;
  const most = Math.max(...points.map(count));
  return [...new Set([points.findLast((point) => count(point) === most), points.at(-1)])].filter((point) => point !== undefined);
}

/** Whether a backend can run, and if not, why. */
async function backendRow(backend: Backend): Promise<MachineReport["backends"][number]> {
  const { name } = backend;
  if (name === "tfjs") {
    const tried = await useTfjs().then(
      (on) => ({ ready: true, cause: `on ${on}` }),
      (error: Error) => ({ ready: false, cause: impersonal(error.message) }),
    );
    return { name, ...tried };
  }
  // Of the backend as a whole: what single kernels lack says less.
  const whole = name === "native" ? loadAddon().cause : name === "metal" ? openMetal().cause : undefined;
  if (whole !== undefined) return { name, ready: false, cause: impersonal(whole) };
  const causes = kernels.map(({ contract }) => backend.cause(contract, "f32"));
  const ready = causes.includes("");
  return { name, ready, cause: ready ? "" : impersonal(causes[0] ?? "") };
}

/** Takes about a minute; `watch` is told what begins, and what it gives hears of each kernel. */
export async function machineReport(
  checks: readonly Check[],
  watch: (what: string) => (done: number, total: number) => void,
  some: readonly AnyKernel[] = kernels,
): Promise<MachineReport> {
  const { addon } = loadAddon();
  const backends = [];
  for (const backend of allBackends()) backends.push(await backendRow(backend));
  const [parity, speed]: [Parity[], Speed[]] = [[], []];
  const each = (what: string, work: (kernel: AnyKernel, i: number) => void) => {
    const progress = watch(what);
    some.forEach((kernel, i) => {
      work(kernel, i);
      progress(i + 1, some.length);
    });
  };
  each("comparing", (kernel) => {
    for (const real of followsReal(kernel.contract) ? (["f64", "f32"] as const) : (["f64"] as const))
      parity.push(...parityOf(kernel, real));
  });
  const asked = some.map(shown);
  const shares = new Shares(patienceForSpeed, asked.flat().length); // from now on: what was compared took its own time
  each("measuring", (kernel, i) => {
    for (const dtype of asked[i]!) speed.push(...speedOf(kernel, dtype, shares.next()));
  });
  return {
    schema: 1,
    tickforge: packageVersion(),
    date: new Date().toISOString().slice(0, 10),
    machine: {
      processor: cpus()[0]?.model.trim() ?? "unknown",
      cores: cpus().length,
      memoryGiB: Math.round(totalmem() / 2 ** 30),
      os: `${type()} ${release()}`,
      platform: machine(),
      node: process.versions.node,
      build: addon?.cpu ?? "none",
      linalg: addon?.linalg ?? "none",
    },
    backends,
    checks: checks.map(({ name, status, text }) => ({ name, status, text: impersonal(text) })),
    parity,
    speed,
  };
}

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`).join("\n");
const nanoseconds = (value: number | undefined): string =>
  value === undefined ? "" : value >= 100 ? value.toFixed(0) : value.toPrecision(3);

/** The report as people post it. */
export function asMarkdown({ tickforge, date, machine: of, backends, checks, parity, speed }: MachineReport): string {
  const wrong = parity.filter((row) => row.wrong !== undefined);
  const names = [...new Set(speed.flatMap(({ ns }) => Object.keys(ns)))];
  const byBackend = [...new Set(parity.map(({ backend }) => backend))].map((name) => {
    const rows = parity.filter(({ backend }) => backend === name);
    const worst = rows.reduce((a, b) => (b.ratio > a.ratio ? b : a));
    const cases = rows.reduce((sum, row) => sum + row.cases, 0);
    const right = rows.filter((row) => row.wrong === undefined).length;
    return [name, `${right} of ${rows.length}`, String(cases), `${worst.ratio.toPrecision(2)} (${worst.kernel} ${worst.real})`];
  });
  return `# tickforge ${tickforge} on ${of.processor}

${date}; ${of.cores} cores, ${of.memoryGiB} GiB; ${of.os}; ${of.platform}; native build ${of.build}, linalg ${of.linalg}.

${table(
  ["backend", "ready", "cause"],
  backends.map(({ name, ready, cause }) => [name, ready ? "yes" : "no", cause]),
)}

${table(
  ["check", "", ""],
  checks.map(({ name, status, text }) => [name, status, text]),
)}

## Against the reference

On the contracts' own parity sizes, f64 and f32; the worst element as a share of what its contract allows.

${table(["backend", "kernels right", "cases", "worst"], byBackend)}
${wrong.map(({ kernel, real, backend, wrong: why }) => `\n- ${backend}, ${kernel} ${real}: ${why}`).join("")}
## Speed

One call on one thread, the shortest of a few: ns a row, at the largest size that a run of every backend was short at. Quick, so within a factor of two.

${table(
  ["kernel", "columns", "rows", ...names, "fastest by size"],
  speed.map(({ kernel, real, unit, rows, ns, crossover }) => [
    kernel,
    real,
    rows > 0 ? `${rows} (${unit})` : "not measured, the time was over",
    ...names.map((name) => nanoseconds(ns[name])),
    crossover ?? "",
  ]),
)}
`;
}
