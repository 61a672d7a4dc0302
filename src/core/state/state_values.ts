/** Holds the values of state ports against what their contract says: a block of memory may come from anywhere. */
import { expectation, findBad, type ParamRecord } from "../contract/check.js";
import { type Check, type Contract, type Port, ports, type View } from "../contract/contract.js";
import { KernelError } from "../contract/errors.js";

/** Elements of a port that an execution by the reference looks at each time: memory that is shared may have changed since it was opened. */
const few = 64;

interface Place {
  name: string;
  port: Port;
  check: Check;
  /** Place of the last dimension, where places differ. */
  place: number | undefined;
}

const declared = new WeakMap<Contract, readonly Place[]>();
function placesOf(contract: Contract): readonly Place[] {
  let places = declared.get(contract);
  if (places === undefined) {
    places = ports(contract.state).flatMap(([name, port]) => [
      ...(port.check ? [{ name, port, check: port.check, place: undefined }] : []),
      ...Object.entries(port.places ?? {}).map(([place, check]) => ({ name, port, check, place: Number(place) })),
    ]);
    declared.set(contract, places);
  }
  return places;
}

/** Throws what is wrong with the first value that no execution can have left there. */
export function checkState(
  contract: Contract,
  params: ParamRecord,
  state: Readonly<Record<string, View | undefined>>,
  most = Infinity,
): void {
  for (const { name, port, check, place } of placesOf(contract)) {
    const view = state[name];
    if (view === undefined || view.length > most) continue;
    const bad =
      place === undefined
        ? findBad(check, view, params, undefined)
        : findBad(check, view, params, undefined, place, lastDimension(port, params));
    if (bad >= 0) throw wrongValue(contract.name, name, port, view, bad, expectation(check, params));
  }
}

/** The same for the ports that are small enough to be looked at again before every execution. */
export const checkSmallState = (contract: Contract, params: ParamRecord, state: Readonly<Record<string, View | undefined>>): void =>
  checkState(contract, params, state, few);

function lastDimension({ shape }: Port, params: ParamRecord): number {
  const last = shape.at(-1)!;
  return typeof last === "number" ? last : (params[last] as number);
}

function wrongValue(kernel: string, name: string, { shape, doc }: Port, view: View, element: number, expected: string): KernelError {
  const value = view[element]!;
  const where = view.length > 1 ? `element ${element}` : "value";
  return new KernelError(
    "E_STATE",
    `${kernel}: state '${name}' [${shape.join(", ")}]: ${where} is ${value}, expected ${expected} (${doc})`,
    {
      kernel,
      port: name,
      row: element,
      value,
      hint: "something else wrote into this state: start afresh, or restore what snapshot() returned earlier",
    },
  );
}
