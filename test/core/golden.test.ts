/** Numbers from outside this code guard the reference itself; native meets them too. */
import { describe, expect, it } from "vitest";
import { openWasm } from "../../src/backends/wasm.js";
import { ports, type View, viewOf } from "../../src/core/contract/contract.js";
import "../../src/index.js";
import { type Arrays, kernels, referenceOnTrial } from "../support/kernels.js";

const columns = (declared: Parameters<typeof ports>[0], values: Readonly<Record<string, readonly (number | bigint)[]>>): Arrays =>
  Object.fromEntries(
    ports(declared).flatMap(([key, port]) => {
      if (values[key] === undefined) return [];
      const view = new (viewOf(port.dtype === "real" ? "f64" : port.dtype))(values[key].length);
      values[key].forEach((value, i) => {
        (view as Float64Array)[i] = value as number;
      });
      return [[key, view as View]];
    }),
  );

/** The module is one whatever the build of the add-on. */
const backends = referenceOnTrial ? ["reference", "native", ...(openWasm("math").module ? ["wasm"] : [])] : ["native"];

for (const { contract, ...kernel } of kernels.map((k) => ({ contract: k.contract, call: k })))
  describe(`golden numbers of ${contract.name}`, () => {
    it("has some", () => expect(contract.golden.length, `${contract.name} declares no golden numbers`).toBeGreaterThan(0));
    for (const golden of contract.golden)
      for (const backend of backends)
        it(`${backend}: ${golden.source}`, () => {
          const got = kernel.call(
            columns(contract.inputs, golden.inputs),
            { ...contract.example, ...golden.options },
            { backend },
          ) as Arrays;
          for (const [key, want] of Object.entries(golden.outputs)) {
            expect(got[key]!.length, key).toBe(want.length);
            want.forEach((value, i) => {
              const found = got[key]![i]!;
              if (typeof value === "bigint" || !Number.isFinite(value)) expect(found, `${key} row ${i}`).toBe(value);
              else
                expect(Math.abs(Number(found) - value), `${key} row ${i}: ${found}, want ${value}`).toBeLessThanOrEqual(
                  golden.relative * Math.max(golden.floor ?? 1, Math.abs(value)),
                );
            });
          }
        });
  });
