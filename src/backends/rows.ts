/** A row of a table of compiled kernels for a contract, and what such a row refused, in words: the same for the add-on and for WebAssembly. */
import { type Contract, followsReal, type Real, signature } from "../core/contract/contract.js";
import { KernelError } from "../core/contract/errors.js";
import { argumentsOf } from "./arguments.js";

export interface TableRow {
  readonly name: string;
  readonly dtype: string;
  readonly signature: string;
}

/** Where two signatures part: the first argument that differs, or all of both. */
function difference(taken: string, wanted: string): [string, string] {
  const argumentsIn = (signature: string): string[] => signature.match(/[^(),;]+(?=[,;)])/g) ?? [];
  const [here, there] = [argumentsIn(taken), argumentsIn(wanted)];
  const at = here.findIndex((argument, i) => argument !== there[i]);
  return at < 0 ? [taken, wanted] : [here[at]!, there[at] ?? "no more"];
}

/** Index of the row of `holder` for this contract, or the cause why there is none. */
export function matchingRow(rows: readonly TableRow[], holder: string, contract: Contract, real: Real): number | string {
  const dtype = followsReal(contract) ? real : "any";
  const index = rows.findIndex((row) => row.name === contract.name && (row.dtype === dtype || row.dtype === "any"));
  if (index < 0) return `${holder} has no ${contract.name} for ${real}`;
  const wanted = signature(contract, real);
  const taken = rows[index]!.signature;
  if (taken === wanted) return index;
  const [here, there] = difference(taken, wanted);
  return `${holder}'s ${contract.name} takes ${here}, its contract says ${there}`;
}

/** What was refused before anything ran, with the argument's name. */
export function refused(contract: Contract, error: unknown): unknown {
  const { code, message } = error as { code?: string; message?: string };
  const [, index, what] = /^(\d+) (.*)$/.exec(message ?? "") ?? [];
  const port = argumentsOf(contract).names[Number(index)];
  if (!code?.startsWith("E_") || port === undefined) return error;
  const wrong = code === "E_STATE" ? `element ${what} is outside its range` : what;
  return new KernelError(code, `${contract.name}: '${port}' ${wrong}`, {
    kernel: contract.name,
    port,
    hint: code === "E_MEMORY" ? "give fewer rows, or options that need less" : "check the arrays of this call",
  });
}
