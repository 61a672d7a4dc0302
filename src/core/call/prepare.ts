/** A call checked against its contract, with its dimensions; and the outputs that it needs. */
import {
  allocate,
  type Columns,
  checkAliases,
  checkOptions,
  checkViews,
  dtypeOf,
  lengthError,
  type ParamRecord,
  realOf,
  sizeOf,
  solveDims,
  takeColumns,
} from "../contract/check.js";
import { type Contract, type Dims, type Port, type Ports, ports, type Real, type View } from "../contract/contract.js";
import { KernelError } from "../contract/errors.js";

export interface Prepared {
  real: Real;
  params: ParamRecord;
  dims: Dims;
  /** As they were when they were checked. */
  inputs: Columns;
  ins: (View | undefined)[];
  given: number;
}

export function prepare(contract: Contract, given: unknown, options: unknown, how: "call" | "bind"): Prepared {
  const kernel = contract.name;
  const params = checkOptions(kernel, contract.params, options);
  const inputs = takeColumns(kernel, contract.inputs, given, "input");
  const real = realOf(inputs, contract.inputs);
  checkViews(kernel, contract.inputs, inputs, real, "input");
  if (contract.refuse) {
    const as = how === "bind" && inPieces(contract, params) ? "stream" : "call";
    refuse(contract, params, as, new Set(Object.keys(inputs)));
  }
  const dims = solveDims(kernel, contract.inputs, inputs, params);
  const counted = params[contract.rows];
  if (typeof counted === "number") dims[contract.rows] = counted;
  if (contract.needs) checkNeeds(contract, contract.needs(params), dims, inputs);
  const ins = inOrder(contract.inputs, inputs);
  return { real, params, dims, inputs, ins, given: givenOf(ins) };
}

/** A bit for each input that is there. */
export const givenOf = (ins: readonly (View | undefined)[]): number => ins.reduce((sum, view, i) => sum + (view ? 2 ** i : 0), 0);

/** Whether state lets rows arrive in pieces. */
export const inPieces = (contract: Contract, params: ParamRecord): boolean => contract.state !== undefined && !contract.oneRun?.(params);

/** Fewer rows than the method needs: the dimension and an input that has it are named. */
function checkNeeds(contract: Contract, needs: Dims, dims: Dims, inputs: Columns): void {
  for (const [dim, least] of Object.entries(needs)) {
    if (dims[dim] === undefined || dims[dim] >= least) continue;
    const port = ports(contract.inputs).find(([key, p]) => p.shape.includes(dim) && inputs[key] !== undefined)![0];
    throw new KernelError("E_TOO_FEW", `${contract.name}: '${port}' has ${dims[dim]} ${dim} rows, the method needs at least ${least}`, {
      kernel: contract.name,
      port,
      value: dims[dim],
      hint: "give more data, or a method that needs less",
    });
  }
}

export function refuse(contract: Contract, params: ParamRecord, how: "call" | "stream", given: ReadonlySet<string> | undefined): void {
  const why = contract.refuse?.(params, how, given);
  if (why !== undefined) throw new KernelError("E_OPTIONS", `${contract.name}: ${why}`, { kernel: contract.name, hint: why });
}

/** Outputs in the contract's order: those given, or new ones; one that depends on an absent input is left out. */
export function outputsFor(
  contract: Contract,
  p: Prepared,
  inputs: Columns,
  capacity: number,
  given?: Columns,
): Record<string, View | undefined> {
  if (given) checkViews(contract.name, contract.outputs, given, p.real, "output");
  const dims = contract.produces ? { ...p.dims, [contract.produces]: capacity } : p.dims;
  const made: Record<string, View | undefined> = {};
  for (const [key, port] of ports(contract.outputs)) {
    const absent = typeof port.optional === "string" && inputs[port.optional] === undefined;
    if (absent) continue;
    const produced = port.shape[0] === contract.produces;
    const view = given?.[key];
    if (given && view === undefined) throw missingOutput(contract, key, port);
    if (view && !produced && view.length !== sizeOf(port, dims, p.params))
      throw lengthError(contract.name, key, port, view.length, sizeOf(port, dims, p.params));
    made[key] = view ?? allocate(contract.name, `output '${key}'`, dtypeOf(port, p.real), sizeOf(port, dims, p.params));
  }
  if (given) checkAliases(contract.name, inputs, made);
  return made;
}

/** `checkViews` asks for the others: this one is written because an optional input is there. */
function missingOutput({ name: kernel }: Contract, port: string, { optional }: Port): KernelError {
  const hint = `give an array for '${port}', or leave the input '${optional}' out`;
  return new KernelError("E_PORT_MISSING", `${kernel}: output '${port}' is missing, the input '${optional}' is given; ${hint}`, {
    kernel,
    port,
    hint,
  });
}

export const inOrder = (declared: Ports, views: Columns) => ports(declared).map(([key]) => views[key]);
