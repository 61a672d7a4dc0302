/** What the add-on is told of a kernel's arguments, in the order of the signature: their layout once, their numbers at every call. */

import { at, type Bound, controlSize } from "../core/backend/backend.js";
import { boundsOf, rangeOf } from "../core/contract/check.js";
import { argumentNames, type Check, type Contract, type Param, type Port, ports, type View } from "../core/contract/contract.js";

/** Kinds of a size; the same numbers as in native/abi/layout.h. */
const sizeKinds = { constant: 0, option: 1, dimension: 2, none: 3 } as const;
/** Numbers of a check: argument, low, high, bounded, ascending, argument with the last value, integer; the same order as in native/abi/binding.h. */
const checkSize = 7;

interface Argument {
  readonly port?: Port;
  readonly param?: Param;
  readonly output?: true;
}

export class Arguments {
  readonly names: readonly string[];
  private readonly list: readonly Argument[];
  private readonly dimensions: readonly string[];
  private readonly checks: readonly { readonly check: Check; readonly numbers: Float64Array }[];
  private readonly params: readonly [string, Param][];
  private readonly inputs: number;
  private own: Float64Array | undefined;

  constructor(private readonly contract: Contract) {
    const inputs = ports(contract.inputs);
    const state = ports(contract.state);
    this.names = argumentNames(contract);
    this.params = Object.entries(contract.params);
    this.inputs = inputs.length;
    this.list = [
      ...inputs.map(([, port]) => ({ port })),
      ...this.params.map(([, param]) => ({ param })),
      ...state.map(([, port]) => ({ port })),
      ...(contract.workspace ? [{}] : []),
      ...(contract.threads ? [{}] : []),
      ...ports(contract.outputs).map(([, port]) => ({ port, output: true as const })),
    ];
    const used = this.list.flatMap(({ port }) => port?.shape.filter((size) => typeof size === "string") ?? []);
    const named = [...used, contract.rows, ...(contract.produces ? [contract.produces] : [])];
    this.dimensions = [...new Set(named)].filter((name) => !this.isOption(name));
    const stateFrom = inputs.length + this.params.length;
    this.checks = [...state.map((entry, i) => [stateFrom + i, entry] as const), ...inputs.entries()].flatMap(([i, [, { check }]]) => {
      if (check === undefined) return [];
      const { ascending, integer } = check;
      const last = ascending === undefined ? -1 : state.findIndex(([key]) => key === ascending);
      const lastAt = last < 0 ? -1 : stateFrom + last;
      return [
        {
          check,
          numbers: Float64Array.of(i, 0, 0, ascending === undefined ? 1 : 0, ascending === undefined ? 0 : 1, lastAt, integer ? 1 : 0),
        },
      ];
    });
  }

  private isOption(name: string): boolean {
    return Object.hasOwn(this.contract.params, name) && this.contract.params[name].type === "i32";
  }

  /** Dimensions, rows, produced rows; then of each argument its companion, range and sizes: as native/abi/layout.h reads them. */
  layout(): Float64Array {
    const { contract, dimensions, list } = this;
    const size = (of: string | number | undefined): [number, number] => {
      if (of === undefined) return [sizeKinds.none, 0];
      if (typeof of === "number") return [sizeKinds.constant, of];
      const option = this.isOption(of) ? this.params.findIndex(([key]) => key === of) : -1;
      return option < 0 ? [sizeKinds.dimension, dimensions.indexOf(of)] : [sizeKinds.option, this.inputs + option];
    };
    const numbers = [dimensions.length, ...size(contract.rows), ...size(contract.produces)];
    for (const { port, param, output } of list) {
      const companion = output && typeof port!.optional === "string" ? Object.keys(contract.inputs).indexOf(port!.optional) : -1;
      const { low, high } = param ? rangeOf(param) : { low: 0, high: 0 };
      numbers.push(companion, low, high, port ? port.shape.length : -1, ...(port?.shape.flatMap(size) ?? []));
    }
    return Float64Array.from(numbers);
  }

  /**
   * Control block, then the number of each argument, the least of each dimension, the checks, those of the state first: as native/abi/binding.h
   * reads them.
   */
  describe({ params, slots, append, once }: Bound): Float64Array {
    const { contract, list, checks, dimensions } = this;
    const least = controlSize + list.length;
    const checksFrom = least + dimensions.length;
    const size = checksFrom + checkSize * checks.length;
    const into = once === "now" ? (this.own ??= new Float64Array(size)) : new Float64Array(size);
    into[at.append] = append ? 1 : 0;
    into[at.given] = slots[0]!.given;
    this.params.forEach(([key, param], i) => {
      const value = params[key]!;
      into[controlSize + this.inputs + i] = param.type === "enum" ? param.values.indexOf(value as string) : (value as number);
    });
    if (contract.needs) {
      const needs = contract.needs(params);
      dimensions.forEach((name, i) => {
        into[least + i] = needs[name] ?? 0;
      });
    }
    checks.forEach(({ check, numbers }, i) => {
      const { low, high } = boundsOf(check, params);
      numbers[1] = low;
      numbers[2] = high;
      into.set(numbers, checksFrom + checkSize * i);
    });
    return into;
  }

  /** Of all slots, one after the other; undefined where a number stands, or nothing. */
  views({ slots }: Bound): (View | undefined)[] {
    const { contract } = this;
    const views: (View | undefined)[] = [];
    for (const { ins, state, outs } of slots) {
      views.push(...ins);
      for (let i = 0; i < this.params.length; i++) views.push(undefined);
      views.push(...state);
      if (contract.workspace) views.push(undefined);
      if (contract.threads) views.push(undefined);
      views.push(...outs);
    }
    return views;
  }
}
const known = new WeakMap<Contract, Arguments>();

export function argumentsOf(contract: Contract): Arguments {
  let them = known.get(contract);
  if (them === undefined) known.set(contract, (them = new Arguments(contract)));
  return them;
}
