/** The backends there are, in order, and which one runs a bound call. */
import type { Backend, Bound, Program } from "../backend/backend.js";
import { OnDevice } from "../backend/on_device.js";
import { reference } from "../backend/reference.js";
import type { Real } from "../contract/contract.js";
import { didYouMean, KernelError } from "../contract/errors.js";

export type { Backend };

/** Which backend is the fastest from how much work on, ascending from 0; undefined: the first that has the kernel. */
export type Crossover = readonly { readonly work: number; readonly rows: number; readonly backend: string | undefined }[];
/** Of one kernel and dtype: calls on whole columns, and calls of what was bound. */
export type Ways = { readonly [way in "call" | "bound"]?: Crossover };
/** By the kernel's name: what a calibration of this machine found. */
export type Crossovers = ReadonlyMap<string, { readonly [real in Real]?: Ways }>;

const backends: Backend[] = [reference];
let preferred: () => string = () => "auto";
let tell: (backend: string, error: KernelError) => void = () => {};
/** Backends whose device failed where they were chosen: they are not chosen again. */
const failed = new Set<string>();
let load: (() => Crossovers | undefined) | undefined;
/** Crossovers by way and dtype, as a call finds them quickest; kernels that never change backend are not in them. */
let tables: { readonly [way in "call" | "bound"]: { readonly [real in Real]: ReadonlyMap<string, Crossover> } } | undefined;

/** Adds a backend in front of those there are, and says how the default is chosen (a name, or "auto": the first that has the kernel). */
export function use(backend: Backend, prefer?: () => string): void {
  if (!backends.includes(backend)) backends.unshift(backend);
  if (prefer) preferred = prefer;
}
export const backendNames = (): string[] => backends.map((b) => b.name);
export const allBackends = (): readonly Backend[] => backends;
/** Those that "auto" tries, in their order. */
export const chosenBackends = (): Backend[] => backends.filter((b) => !b.onlyByName);

/** Those that a calibration may put in their place. */
export const maybeChosen = (backend: Backend): boolean => !backend.onlyByName || backend.whereMeasured === true;

/** Says where the crossovers come from, which are asked for once, at the first choice, and who is told of a device that failed, once too. */
export function chooseBy(from: () => Crossovers | undefined, told: typeof tell = () => {}): void {
  load = from;
  tell = told;
  failed.clear();
}

/** Operations and bytes of the largest slot, by the contract's own count: it rises with the rows, and with what a row is. */
export function workOf({ contract, params, slots }: Pick<Bound, "contract" | "params" | "slots">): number {
  let most = 0;
  for (const { dims } of slots) {
    const { flops, bytes } = contract.cost(dims, params);
    if (!(flops + bytes <= most)) most = flops + bytes; // NaN stays: it finds no crossover
  }
  return most;
}

/**
 * The backend that was the fastest for so much work; undefined where none was measured. What keeps state from call to call is left to the
 * order of the backends, so that one state never changes hands.
 */
export function fastest(bound: Bound): Backend | undefined {
  if (load) {
    const found = load();
    tables = found && {
      call: { f64: tableOf(found, "call", "f64"), f32: tableOf(found, "call", "f32") },
      bound: { f64: tableOf(found, "bound", "f64"), f32: tableOf(found, "bound", "f32") },
    };
    load = undefined;
  }
  const { contract, real, once } = bound;
  if (tables === undefined || (contract.state !== undefined && !once)) return undefined;
  const steps = tables[once ? "call" : "bound"][real].get(contract.name);
  if (steps === undefined) return undefined;
  const work = workOf(bound);
  for (let i = steps.length - 1; i >= 0; i--) {
    if (!(work >= steps[i]!.work)) continue;
    const { backend } = steps[i]!;
    return backend === undefined ? undefined : backends.find((one) => one.name === backend && maybeChosen(one) && !failed.has(one.name));
  }
  return undefined;
}

function tableOf(found: Crossovers, way: "call" | "bound", real: Real): ReadonlyMap<string, Crossover> {
  const entries = [...found].flatMap(([kernel, ways]): [string, Crossover][] => {
    const steps = ways[real]?.[way];
    return steps?.some(({ backend }) => backend !== undefined)
      ? [[kernel, steps.map(({ work, rows, backend }) => ({ work, rows, backend }))]]
      : [];
  });
  return new Map(entries);
}

/** A measured backend's program; where its device fails the call is not lost, and the order of the backends rules from then on. */
const goingOn = ({ name }: Backend, measured: Program, bound: Bound): Program =>
  new OnDevice(measured, bound, {
    usable: () => !failed.has(name),
    failed(error) {
      if (!failed.has(name)) tell(name, error);
      failed.add(name);
    },
    program: () => programFor(bound, "auto"),
  });

/** The program that runs `bound`; errors tell every cause why a backend asked for by name cannot. */
export function programFor(bound: Bound, wanted = preferred()): Program {
  const chosen = wanted === "auto" ? fastest(bound) : undefined;
  const measured = chosen?.bind(bound);
  if (measured) return chosen!.whereMeasured ? goingOn(chosen!, measured, bound) : measured;
  const candidates = wanted === "auto" ? chosenBackends() : backends.filter((b) => b.name === wanted);
  const kernel = bound.contract.name;
  if (candidates.length === 0) {
    const near = didYouMean(wanted, backendNames());
    const hint =
      backends.length === 1
        ? 'only the reference is there: import from "tickforge", whose entry adds the others'
        : wanted === "accelerate"
          ? "Accelerate is what native multiplies matrices with on macOS: name native"
          : near
            ? `did you mean ${near}?`
            : `backends here: ${backendNames().join(", ")}`;
    throw new KernelError("E_BACKEND_UNKNOWN", `${kernel}: no backend is called '${wanted}'; ${hint}`, { kernel, value: wanted, hint });
  }
  for (const backend of candidates) {
    const program = backend.bind(bound);
    if (program) return program;
  }
  const causes = candidates.map((b) => `${b.name}: ${b.cause(bound.contract, bound.real)}`).join("; ");
  throw new KernelError("E_BACKEND_MISSING", `${kernel}: ${causes}`, { kernel, value: wanted, hint: "tickforge doctor tells more" });
}
