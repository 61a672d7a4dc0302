/** What a wrong argument may not do to memory: room of every output, outputs left out, empty and detached inputs, buffers that change. */
import { describe, expect, it } from "vitest";
import { checkOptions } from "../../src/core/contract/check.js";
import {
  factorReturns,
  peaksOverThreshold,
  rollingPerformance,
  tickBars,
  timeBars,
  valueBars,
  volumeBars,
  volumeBuckets,
  vpin,
} from "../../src/index.js";
import { seeded } from "../../src/kernels/parts/sample.js";
import { type AnyKernel, fenced, inputsOf, kernels, optionsOf } from "../support/kernels.js";

const backends = ["native", "reference"] as const;
const take = (buffer: ArrayBufferLike) => structuredClone(buffer as ArrayBuffer, { transfer: [buffer as ArrayBuffer] });
const codeOf = (run: () => unknown): string | undefined => {
  try {
    run();
  } catch (error) {
    return (error as { code?: string }).code;
  }
  return undefined;
};

describe("every output's own length is the room", () => {
  const options: [AnyKernel, object][] = [
    [tickBars as never, { barTrades: 10 }],
    [timeBars as never, { interval: 10 }],
    [valueBars as never, { barValue: 10_000 }],
    [volumeBars as never, { barVolume: 100 }],
    [volumeBuckets as never, { bucketVolume: 100 }],
    [vpin as never, { bucketVolume: 100, window: 3 }],
  ];
  const rows = 1000;
  const random = seeded(1);
  const tape: Record<string, any> = {
    time: BigInt64Array.from({ length: rows }, (_, i) => BigInt(i) * 100_000_000n),
    price: Float64Array.from({ length: rows }, () => 100 + random()),
    size: Float64Array.from({ length: rows }, () => 1 + Math.floor(20 * random())),
    side: Int8Array.from({ length: rows }, () => (random() < 0.5 ? 1 : -1)),
  };
  for (const [kernel, given] of options)
    for (const backend of backends) {
      const { contract } = kernel;
      const inputs = Object.fromEntries(Object.keys(contract.inputs).flatMap((key) => (tape[key] ? [[key, tape[key]]] : [])));
      const whole = kernel(inputs, given, { backend });
      for (const short of Object.keys(whole))
        it(`${contract.name} ${backend}: ${short} alone is short`, () => {
          const made = Object.keys(whole).length > 0 && whole[short]!.length > 5;
          expect(made, "bars enough to overrun").toBe(true);
          const { out, broken } = fenced(whole);
          const cut = { ...out, [short]: out[short]!.subarray(0, 2) };
          const before = out[short]!.slice(2);
          expect(() => kernel(inputs, given, { backend, out: cut })).toThrow(
            expect.objectContaining({
              code: "E_OUTPUT_FULL",
              port: short,
              message: expect.stringContaining(`'${short}' is the shortest, for 2`),
            }),
          );
          const bound = kernel.bind({ in: inputs, out: cut }, given as never, { backend });
          const done = { ...bound() };
          expect(done.produced).toBe(2);
          expect(done.consumed).toBeLessThan(rows);
          expect(out[short]!.slice(2)).toEqual(before);
          expect(broken()).toEqual([]);
          for (const key of Object.keys(whole)) expect(out[key]!.slice(0, 2), key).toEqual(whole[key]!.slice(0, 2));
        });
    }
});

describe("an output whose optional input is given must be there", () => {
  const loss = Float64Array.from({ length: 500 }, (_, i) => 3 + ((i * 7919) % 500) / 100);
  for (const backend of backends) {
    it(`peaksOverThreshold without returnLevel, ${backend}`, () => {
      const inputs = { loss, returnPeriod: Float64Array.of(100) };
      const { returnLevel: _, ...out } = peaksOverThreshold(inputs, { threshold: 4 }, { backend }) as Record<string, any>;
      for (const run of [
        () => peaksOverThreshold(inputs, { threshold: 4 }, { backend, out: out as never }),
        () => peaksOverThreshold.bind({ in: inputs, out: out as never }, { threshold: 4 }, { backend })(),
      ])
        expect(run).toThrow(/output 'returnLevel' is missing, the input 'returnPeriod' is given/);
    });

    it(`rollingPerformance with a benchmark and any output left out, ${backend}`, () => {
      const { contract } = rollingPerformance;
      const one = contract.parity.find((c) => c.dims[contract.rows]! > 100 && !c.without?.includes("benchmark"))!;
      const inputs = inputsOf(contract as never, one, "f64") as any;
      const options = optionsOf(contract as never, one) as never;
      const whole = rollingPerformance(inputs, options, { backend }) as Record<string, any>;
      const optional = Object.keys(whole).filter((key) => (contract.outputs as any)[key].optional === "benchmark");
      expect(optional.length).toBeGreaterThan(5);
      for (const key of optional) {
        const { [key]: _, ...out } = whole;
        expect(codeOf(() => rollingPerformance(inputs, options, { backend, out: out as never }))).toBe("E_PORT_MISSING");
      }
    });
  }
});

describe("inputs that hold nothing", () => {
  const section = () => ({
    returns: Float64Array.from({ length: 9 }, (_, i) => i / 100),
    cap: new Float64Array(9).fill(1),
    styles: Float64Array.from({ length: 9 }, (_, i) => Math.sin(i)),
    sector: new Int32Array(3),
  });
  const options = { assets: 3, sectors: 1, styles: 1 };
  const detachedSector = () => {
    const sector = new Int32Array(3);
    take(sector.buffer);
    return sector;
  };
  for (const backend of backends)
    it(`factorReturns without a single sector, ${backend}`, () => {
      for (const sector of [new Int32Array(0), detachedSector()])
        for (const run of [
          () => factorReturns({ ...section(), sector }, options, { backend }),
          () => factorReturns.bind({ in: { ...section(), sector }, out: factorReturns(section(), options) }, options, { backend })(),
        ])
          expect(run).toThrow(expect.objectContaining({ code: expect.stringMatching(/^E_(TOO_FEW|DETACHED)$/), port: "sector" }));
    });
});

describe("a bound kernel asked for fewer rows than its method needs", () => {
  const needing = kernels.filter(({ contract }) => contract.needs && typeof contract.params[contract.rows] === "undefined");
  for (const kernel of needing)
    for (const backend of backends)
      it(`${kernel.contract.name}, ${backend}`, () => {
        const { contract } = kernel;
        const one = contract.parity[0]!;
        const options = optionsOf(contract, one);
        const inputs = inputsOf(contract, one, "f64");
        const least = contract.needs!(checkOptions(contract.name, contract.params, options))[contract.rows];
        const bound = kernel.bind({ in: inputs, out: kernel(inputs, options, { backend }) }, options, { backend });
        if (least === undefined) return expect(bound).not.toThrow();
        for (const rows of [0, least - 1]) expect(codeOf(() => bound(0, rows))).toBe("E_TOO_FEW");
      });
});

describe("buffers that change under a bound kernel", () => {
  const columns = (rows: number, buffer = (bytes: number): ArrayBufferLike => new ArrayBuffer(bytes)) => ({
    time: new BigInt64Array(buffer(8 * rows)),
    price: new Float64Array(buffer(8 * rows)).fill(100),
    size: new Float64Array(buffer(8 * rows)).fill(1),
    side: new Int8Array(buffer(rows)).fill(1),
  });
  const options = { bucketVolume: 10, window: 2 };
  const results = () => vpin(columns(100) as never, options);

  it("one that can be resized is refused when it is bound or streamed, not in a single call", () => {
    const resizable = (bytes: number) => new (ArrayBuffer as any)(bytes, { maxByteLength: 2 * bytes }) as ArrayBuffer;
    const growable = (bytes: number) => new (SharedArrayBuffer as any)(bytes, { maxByteLength: 2 * bytes }) as SharedArrayBuffer;
    for (const buffer of [resizable, growable])
      for (const backend of backends) {
        const inputs = columns(100, buffer) as never;
        const fixed = expect.objectContaining({ code: "E_RESIZABLE" });
        expect(() => vpin.bind({ in: inputs, out: results() }, options, { backend })).toThrow(fixed);
        expect(() => vpin.stream(options, { backend }).pushBatch(inputs)).toThrow(fixed);
        const state = buffer(vpin.stateBytes(options));
        expect(() => vpin.stream(options, { backend, state })).toThrow(fixed);
        expect(vpin(inputs, options, { backend }).vpin.length).toBe(10);
      }
  });

  it("one that was transferred is told by the buffer itself, whatever the engine answers as the view's length", () => {
    const resizable = new Float64Array(new (ArrayBuffer as any)(800, { maxByteLength: 1600 }) as ArrayBuffer);
    const out = results();
    const codes = new Set<string | undefined>();
    for (let i = 0; i < 20_000; i++) {
      const inputs = columns(100);
      const bound = vpin.bind({ in: inputs as never, out }, options);
      if (i < 100) bound();
      if (i % 64 === 0) codeOf(() => vpin.bind({ in: { ...inputs, price: resizable } as never, out }, options)); // a length check has seen one
      const taken = Object.values(inputs)[i % 4]!;
      take(taken.buffer);
      codes.add(codeOf(bound));
    }
    expect([...codes]).toEqual(["E_DETACHED"]);
  });

  it("outputs and state count too", () => {
    const out = results();
    const state = new ArrayBuffer(vpin.stateBytes(options));
    const bound = vpin.bind({ in: columns(100) as never, out, state }, options);
    bound();
    take(out.cdf.buffer);
    expect(bound).toThrow(expect.objectContaining({ code: "E_DETACHED", port: "cdf" }));
    const other = vpin.bind({ in: columns(100) as never, out: results(), state }, options);
    take(state);
    expect(other).toThrow(expect.objectContaining({ code: "E_DETACHED", port: expect.stringMatching(/^state /) }));
  });
});
