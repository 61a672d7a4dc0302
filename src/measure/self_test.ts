/** Each kernel's golden numbers and its smallest real parity case, native beside the reference. */
import { handshake } from "../backends/index.js";
import { worstOf } from "../core/contract/compare.js";
import { type Case, type Contract, ports, viewOf } from "../core/contract/contract.js";
import { type AnyKernel, type Arrays, inputsOf, kernels, optionsOf } from "./cases.js";

export interface SelfTest {
  kernels: number;
  passed: number;
  /** What went wrong, one sentence each. */
  failures: string[];
  /** Rows of the add-on that differ from the contracts: binary and JavaScript are of different versions. */
  mismatches: string[];
  /** Kernels that the add-on does not have. */
  referenceOnly: string[];
}

export function selfTest(): SelfTest {
  const rows = handshake(kernels.map((kernel) => kernel.contract)).filter(({ dtype }) => dtype === "f64");
  const mismatches = rows.filter(({ cause }) => /its contract says/.test(cause)).map(({ cause }) => cause);
  const referenceOnly = rows.filter(({ cause }) => !/its contract says/.test(cause)).map(({ kernel }) => kernel);
  const native = kernels.filter(({ contract }) => !rows.some(({ kernel }) => kernel === contract.name));
  const failures = native.flatMap((kernel) => {
    const wrong = failure(kernel);
    return wrong === undefined ? [] : [`${kernel.contract.name}: ${wrong}`];
  });
  return { kernels: native.length, passed: native.length - failures.length, failures, mismatches, referenceOnly };
}

function failure(kernel: AnyKernel): string | undefined {
  try {
    return goldenFailure(kernel) ?? parityFailure(kernel);
  } catch (error) {
    return (error as Error).message;
  }
}

function goldenFailure(kernel: AnyKernel): string | undefined {
  const { contract } = kernel;
  for (const golden of contract.golden) {
    const inputs = columns(contract, golden.inputs);
    const got = kernel(inputs, { ...contract.example, ...golden.options }, { backend: "native" });
    for (const [key, want] of Object.entries(golden.outputs))
      for (const [i, value] of want.entries()) {
        const found = got[key]?.[i];
        if (found === value || (Number.isNaN(value) && Number.isNaN(found))) continue;
        if (Math.abs(Number(found) - Number(value)) <= golden.relative * Math.max(1, Math.abs(Number(value)))) continue;
        return `'${key}' row ${i} is ${found}, ${golden.source} says ${value}`;
      }
  }
  return undefined;
}

function columns(contract: Contract, values: Readonly<Record<string, readonly (number | bigint)[]>>): Arrays {
  const made = ports(contract.inputs).filter(([key]) => values[key] !== undefined);
  return Object.fromEntries(
    made.map(([key, port]) => {
      const view = new (viewOf(port.dtype === "real" ? "f64" : port.dtype))(values[key]!.length);
      values[key]!.forEach((value, i) => void ((view as Float64Array)[i] = value as number));
      return [key, view];
    }),
  );
}

/** A case with no rows, or with one, shows little. */
const fewestRows = 5;

function parityFailure(kernel: AnyKernel): string | undefined {
  const { contract } = kernel;
  const size = ({ dims }: Case) => Object.values(dims).reduce((product, n) => product * Math.max(1, n), 1);
  const telling = contract.parity.filter(({ dims }) => Object.values(dims).some((n) => n >= fewestRows));
  const one = (telling.length ? telling : contract.parity).reduce((a, b) => (size(b) < size(a) ? b : a));
  const [inputs, options] = [inputsOf(contract, one), optionsOf(contract, one)];
  const want = kernel(inputs, options, { backend: "reference" });
  const got = kernel(inputs, options, { backend: "native" });
  const worst = worstOf(contract, "f64", got, want);
  return worst.ratio <= 1 ? undefined : `'${worst.port}' row ${worst.row} is ${worst.got}, the reference says ${worst.want}`;
}
