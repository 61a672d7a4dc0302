/** States that were altered: told by name when they are opened, and harmless where memory changes while it is in use. */
import { describe, expect, it } from "vitest";
import { ports, viewOf } from "../../src/core/contract/contract.js";
import { checksum } from "../../src/core/state/checksum.js";
import { sealedCopy } from "../../src/core/state/state.js";
import { crc32c } from "../../src/files/kernels/crc32c.js";
import { tickRule, vpin } from "../../src/index.js";
import { seeded } from "../../src/kernels/parts/sample.js";
import { viewsIn } from "../attack/kit/altered_state.js";
import { type AnyKernel, type Arrays, inputsOf, kernels, optionsOf, streamable } from "../support/kernels.js";

const backends = ["native", "reference"] as const;
const streaming = kernels.filter(({ contract }) => ports(contract.state).length > 0);

/** A stream behind some rows of the contract's own sample. */
function begun(kernel: AnyKernel, backend: string = "native", state?: Uint8Array) {
  const { contract } = kernel;
  const fits = (rows: number | undefined) => rows !== undefined && rows >= 7 && rows <= 5_100;
  const one = contract.parity.find((c) => fits(c.dims[contract.rows]) && streamable(contract, optionsOf(contract, c)))!;
  const options = { ...optionsOf(contract, one), ...(contract.params.symbols && { symbols: 40 }) };
  const inputs = inputsOf(contract, one, "f64") as Arrays;
  const stream = kernel.stream(options as never, { backend, ...(state && { state }) } as never) as any;
  stream.pushBatch(inputs);
  return { stream, options, inputs };
}
const named = (name: string): AnyKernel => kernels.find(({ contract }) => contract.name === name)!;

describe("a snapshot", () => {
  it("has the checksum of crc32c, for any length and place", () => {
    const random = seeded(5);
    const bytes = Uint8Array.from({ length: 300 }, () => 256 * random());
    for (let from = 0; from < 9; from++)
      for (let to = from; to < 300; to += 7) {
        const part = bytes.subarray(from, to);
        expect(checksum(part)).toBe(crc32c({ bytes: part }, {}, { backend: "reference" }).crc[0]);
        expect(checksum(part.subarray(3), checksum(part.subarray(0, 3)))).toBe(checksum(part));
      }
  });

  it("with one bit changed is refused, restored or given as memory", () => {
    const { stream, options } = begun(named("amihud_illiquidity"));
    const saved = stream.snapshot() as Uint8Array;
    const kernel = named("amihud_illiquidity");
    for (let byte = 0; byte < saved.length; byte++) {
      const altered = saved.slice();
      altered[byte]! ^= 1 << (byte % 8);
      expect(() => kernel.restore(altered), `byte ${byte}`).toThrow(expect.objectContaining({ code: "E_STATE" }));
      expect(() => kernel.stream(options as never, { state: altered }), `byte ${byte}`).toThrow(
        expect.objectContaining({ code: "E_STATE" }),
      );
    }
  });

  it("cut short, longer, or of nothing is told so", () => {
    const saved = vpin.stream({ bucketVolume: 10 }).snapshot();
    for (const end of [0, 3, 63, 64, 100, saved.length - 64, saved.length - 1])
      expect(() => vpin.restore(saved.slice(0, end)), `${end} bytes`).toThrow(expect.objectContaining({ code: "E_STATE" }));
    expect(() => vpin.restore(saved.slice(0, saved.length - 1))).toThrow(/damaged: its header says \d+ bytes, there are \d+/);
    for (const odd of [null, 5, "x", {}, undefined, new ArrayBuffer(0)])
      expect(() => vpin.restore(odd as never)).toThrow(expect.objectContaining({ code: "E_STATE" }));
    expect(() => vpin.restore(saved, { state: new ArrayBuffer(64) })).toThrow(/memory has 64 bytes, the state/);
    const longer = new Uint8Array(saved.length + 5);
    longer.set(saved);
    expect(vpin.restore(longer).snapshot().subarray(0, saved.length)).toEqual(saved);
  });

  it("whose description is no JSON, or has options that the contract refuses, is told so", () => {
    const saved = vpin.stream({ bucketVolume: 10, window: 50 }).snapshot();
    const described = (text: string) => {
      const block = saved.slice();
      block.set(new TextEncoder().encode(text), 64);
      new DataView(block.buffer).setUint32(8, text.length, true);
      return sealedCopy(block);
    };
    for (const text of ["", "{", "null", "5", "[]", "{}", '{"kernel":"vpin"}', '{"kernel":"vpin","options":null}'])
      expect(() => vpin.restore(described(text)), text).toThrow(expect.objectContaining({ code: "E_STATE" }));
    expect(() => vpin.restore(described('{"kernel":"vpin","options":{"window":-1}}'))).toThrow(/no saved state of vpin: .*'window' is -1/);
    expect(() => vpin.restore(described('{"kernel":"vpin","options":{"window":50}}'))).toThrow(/state belongs to/);
    const large = '{"kernel":"vpin","options":{"window":1000000,"instruments":1000000,"history":100000000}}';
    expect(() => vpin.restore(described(large))).toThrow(/state has \d+ bytes, expected \d{15,}/);
  });

  it("is out of its seal once it is in use, and sealed again when saved", () => {
    const { stream, options, inputs } = begun(named("lag"));
    const state = stream.snapshot() as Uint8Array;
    const next = named("lag").stream(options as never, { state } as never) as any;
    next.pushBatch(inputs);
    const again = named("lag").stream(options as never, { state } as never); // memory in use has no checksum
    expect(named("lag").restore(again.snapshot()).snapshot()).toEqual(next.snapshot());
  });
});

it("memory that is no state, or too large a state, is refused by name", () => {
  const bytes = vpin.stateBytes({ bucketVolume: 10 });
  expect(() => vpin.stream({ bucketVolume: 10 }, { state: new Uint8Array(bytes).fill(1, bytes - 1) })).toThrow(
    /no header, but is not empty/,
  );
  expect(() => vpin.stream({ bucketVolume: 10 }, { state: 5 as never })).toThrow(/state is a number, expected memory/);
  const detached = new ArrayBuffer(bytes);
  const view = new Uint8Array(detached);
  structuredClone(detached, { transfer: [detached] });
  expect(() => vpin.stream({ bucketVolume: 10 }, { state: view })).toThrow(expect.objectContaining({ code: "E_STATE" }));
  expect(() => vpin.stream({ bucketVolume: 10, window: 1_000_000, instruments: 1_000_000 })).toThrow(/finds no memory/);
  expect(vpin.stateBytes({ bucketVolume: 10, window: 1_000_000, instruments: 1_000 })).toBeGreaterThan(8e9);
});

describe("a value that no execution leaves is told with its port, sealed anew or in memory in use", () => {
  const odd = { f64: Number.NaN, i64: -(2n ** 63n), i32: -(2 ** 31), u32: 2 ** 32 - 1, i8: 127, u8: 255 } as const;
  for (const kernel of streaming)
    for (const [name, port] of ports(kernel.contract.state)) {
      const places = port.check ? [0] : Object.keys(port.places ?? {}).map(Number);
      for (const place of places)
        it(`${kernel.contract.name}, ${name}${port.check ? "" : ` at ${place}`}`, () => {
          const { stream, options } = begun(kernel);
          const block = stream.snapshot() as Uint8Array;
          (viewsIn(block)[name] as Float64Array)[place] = odd[port.dtype as "f64"] as number;
          const told = new RegExp(`state '${name}' \\[.*(element ${place}|value) is ${odd[port.dtype as "f64"]}, expected`);
          expect(() => kernel.restore(sealedCopy(block))).toThrow(told);
          const live = sealedCopy(block).fill(0, 16, 24);
          expect(() => kernel.stream(options as never, { state: live } as never)).toThrow(told);
        });
    }

  it("every count in every contract has a range", () => {
    const counts = streaming.flatMap(({ contract }) =>
      ports(contract.state)
        .filter(([, port]) => /so far$|^count|already out/.test(port.doc) && port.shape.length === 1 && port.shape[0] === 1)
        .map(([name, port]) => [`${contract.name}.${name}`, port.check !== undefined]),
    );
    expect(counts.length).toBeGreaterThan(25);
    expect(counts.filter(([, checked]) => !checked)).toEqual([]);
  });
});

describe("views given to bind", () => {
  const out = () => ({ side: new Int8Array(3) });
  const price = Float64Array.of(1, 2, 3);
  const state = () => ({ lastPrice: new Float64Array(1), lastSide: new Int8Array(1) });

  it("are found by name, in any order", () => {
    const { lastPrice, lastSide } = state();
    const into = out();
    tickRule.bind({ in: { price }, out: into, state: { lastSide, lastPrice } })();
    expect([...into.side, lastPrice[0], lastSide[0]]).toEqual([0, 1, 1, 3, 1]);
  });

  it("are refused where one is missing, unknown, of another kind or length, or out of range", () => {
    const bind = (given: object) => () => tickRule.bind({ in: { price }, out: out(), state: given as never });
    expect(bind({ lastPrice: new Float64Array(1) })).toThrow(/state 'lastSide' is missing/);
    expect(bind({ ...state(), other: new Float64Array(1) })).toThrow(/no state is called 'other'/);
    expect(bind({ ...state(), lastSide: new Float64Array(1) })).toThrow(/'lastSide' is Float64Array, expected Int8Array/);
    expect(bind({ ...state(), lastPrice: new Float64Array(2) })).toThrow(/'lastPrice' has 2 values/);
    expect(bind({ ...state(), lastSide: Int8Array.of(2) })).toThrow(/state 'lastSide' .* is 2, expected a whole number >= -1 and <= 1/);
  });
});

describe("memory that changes while it is in use touches nothing else, and no loop goes on for ever", () => {
  const odd = [Number.NaN, -1, 0.5, 2 ** 31, 2 ** 53, 2 ** 62, 1e300, -1e300, Infinity, -Infinity];
  for (const backend of backends)
    for (const kernel of streaming) {
      it(`${kernel.contract.name}, ${backend}`, () => {
        const { stream: first, options, inputs } = begun(kernel);
        const saved = first.snapshot() as Uint8Array;
        for (const [name, port] of ports(kernel.contract.state)) {
          if (saved.length > 100_000 && viewsIn(saved)[name]!.length > 100) continue;
          for (const value of odd.slice(0, backend === "native" ? undefined : 3)) {
            const room = new Uint8Array(saved.length + 128).fill(0xa5);
            const state = room.subarray(64, 64 + saved.length);
            state.set(saved);
            const stream = kernel.stream(options as never, { backend, state } as never) as any;
            const view = viewsIn(state)[name]!;
            const put = new (viewOf(port.dtype as "f64"))(1) as Float64Array;
            if (put instanceof BigInt64Array)
              (view as BigInt64Array).fill(BigInt.asIntN(64, BigInt(Math.trunc(Number.isFinite(value) ? value : 0))));
            else (view as Float64Array).fill(value);
            refusedByName(() => stream.pushBatch(inputs));
            expect([...room.subarray(0, 64), ...room.subarray(64 + saved.length)].every((byte) => byte === 0xa5)).toBe(true);
          }
        }
      });
    }
});

function refusedByName(run: () => void): void {
  try {
    run();
  } catch (error) {
    if (!String((error as { code?: string }).code).startsWith("E_")) throw error;
  }
}
