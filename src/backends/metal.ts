/** Kernels with a shader, on the GPU of an Apple machine: in numbers of two floats, where it is asked for by name or was measured to be faster. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { loadAddon, packageRoot } from "../addon/addon.js";
import { at, type Backend, codes, type Program } from "../core/backend/backend.js";
import { type Contract, followsReal, type Real, type Tolerance } from "../core/contract/contract.js";
import { KernelError } from "../core/contract/errors.js";
import { program, rowIn } from "./native.js";

/** All shaders, by their paths in the package. */
export const shaderFiles = (): string[] =>
  readdirSync(join(packageRoot(), "shaders"))
    .filter((name) => name.endsWith(".metal"))
    .map((name) => `shaders/${name}`);

/** The text of shaders, with what they include, once each: a library that is compiled from text looks for no files. */
export function shaderSource(files = shaderFiles()): string {
  const taken = new Set<string>();
  const textOf = (file: string): string => {
    if (taken.has(file)) return "";
    taken.add(file);
    const lines = readFileSync(join(packageRoot(), file), "utf8").split("\n");
    const whole = lines.map((line, i) => {
      if (line.startsWith("#pragma once")) return "";
      const included = /^#include "(.+)"/.exec(line)?.[1];
      return included === undefined ? line : `${textOf(join(dirname(file), included))}\n#line ${i + 2} "${file}"`;
    });
    return `#line 1 "${file}"\n${whole.join("\n")}`;
  };
  return files.map(textOf).join("\n");
}

interface Opened {
  device?: string;
  /** Why there is no device. */
  cause?: string;
  /** Why a row cannot run, "" where it can. */
  causes: string[];
}
let opened: Opened | undefined;

/** The device, opened when it is first asked for: compiling the shaders takes a while. */
export function openMetal(): Opened {
  const { addon, cause } = loadAddon();
  if (!addon) return { cause: cause ?? "the add-on is not loaded", causes: [] };
  try {
    opened ??= addon.metal.open(shaderSource());
  } catch (error) {
    opened = { cause: (error as Error).message, causes: [] };
  }
  return opened;
}

/** The device's name, without compiling the shaders; "" where there is none. */
export const metalDevice = (): string => loadAddon().addon?.metal.device() ?? "";

/** Kernels with a shader. */
export const metalKernels = (): string[] => loadAddon().addon?.metal.rows.map(({ name }) => name) ?? [];

function findRow(contract: Contract, real: Real): number | string {
  const table = loadAddon().addon?.metal;
  const rows = table?.rows ?? [];
  if (rows.length > 0 && !rows.some(({ name }) => name === contract.name))
    return `${contract.name} has no shader; these have: ${metalKernels().join(", ")}`;
  if (real === "f64" && followsReal(contract)) return "its columns are f32: give Float32Array columns";
  const { cause, causes } = openMetal();
  if (cause !== undefined) return cause;
  const row = rowIn(table!, contract, real);
  return typeof row === "number" ? causes[row] || row : row;
}

/** A GPU may take what is below the normal numbers of f32 for 0. */
const smallest = 2 ** -126;

/** The contract's own tolerances, but for results so small that they may be 0. */
export const metalTolerance = (contract: Contract): Record<string, Tolerance> =>
  Object.fromEntries(
    Object.entries(contract.compare as Record<string, { f32: Tolerance }>).map(([key, { f32 }]) => [
      key,
      f32.exact ? f32 : { relative: f32.relative!, floor: Math.max(f32.floor ?? 0, smallest / f32.relative!) },
    ]),
  );

export const metal: Backend = {
  name: "metal",
  onlyByName: true,
  whereMeasured: true,
  bind(bound) {
    const row = findRow(bound.contract, bound.real);
    if (typeof row === "string") return undefined;
    const addon = loadAddon().addon!;
    return failing(bound.contract.name, program(addon, addon.metal, row, bound));
  },
  cause(contract, real) {
    const row = findRow(contract, real);
    return typeof row === "string" ? row : "";
  },
  tolerance: metalTolerance,
};

/** A device that fails, where there was one, is an error of its own. */
function failing(kernel: string, made: Program): Program {
  const { control } = made;
  const error = () =>
    control[at.code] === codes.deviceFailed
      ? new KernelError("E_DEVICE", `${kernel}: the GPU could not run it: ${loadAddon().addon!.metal.failure()}`, {
          kernel,
          hint: "use another backend; tickforge doctor tells more",
        })
      : undefined;
  return {
    control,
    run(slot) {
      made.run(slot);
      const failed = error();
      if (failed) throw failed;
    },
    start: (slot, settled) => made.start!(slot, () => settled(error())),
  };
}
