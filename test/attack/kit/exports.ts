/** Wrong arguments for every exported function and class that is no kernel. */
import * as system from "../../../src/entries/system.js";
import * as main from "../../../src/index.js";
import { seeded } from "../../../src/kernels/parts/sample.js";
import type { MakeAttack } from "./harness.js";
import { nothings, oneOf, pick, type Random } from "./wrong.js";

/** What throws when it is looked at throws its own error, which is the caller's. */
const wrongs = nothings.filter(([name]) => !name.includes("throw"));

/** These listen, connect, or change how a thread runs, as soon as they are called: their own suites call them. */
const acting = ["serveMetrics", "registerMetrics", "RedisBus", "place", "useTfjs"];
const errors = ["BusError", "DataError", "KernelError", "TickforgeError"];

type Callable = ((...args: never[]) => unknown) & { prototype?: object };
const isClass = (value: Callable): boolean => /^class\b/.test(Function.prototype.toString.call(value));
const isKernel = (value: object): boolean => "contract" in value;

interface Target {
  name: string;
  run(...args: unknown[]): unknown;
}
/** Each function, each class by new, each static method of a class. */
const targets: readonly Target[] = Object.entries({ ...main, ...system }).flatMap(([name, value]): Target[] => {
  if (typeof value !== "function" || isKernel(value) || acting.includes(name) || errors.includes(name)) return [];
  const of = value as unknown as Callable & Record<string, unknown>;
  if (!isClass(of)) {
    const way = (of as { async?: unknown }).async;
    const call: Target = { name, run: (...args) => of(...(args as never[])) };
    return typeof way === "function" ? [call, { name: `${name}.async`, run: (...args) => way(...args) }] : [call];
  }
  const statics = Object.getOwnPropertyNames(of).filter((key) => typeof of[key] === "function" && key !== "prototype");
  return [
    { name: `new ${name}`, run: (...args) => new (of as unknown as new (...args: unknown[]) => unknown)(...args) },
    ...statics.map((key): Target => ({ name: `${name}.${key}`, run: (...args) => (of[key] as (...args: unknown[]) => unknown)(...args) })),
  ];
});

/** Right in part: columns, rows and topics as they should be, with one thing wrong within. */
const nearly = (random: Random): unknown => {
  const { value } = oneOf(wrongs, random);
  const view = () => Float64Array.of(0.01, -0.02, 0.03);
  const topic = { name: "t", rows: 4, slots: 4, columns: { price: { dtype: "f64" } }, backpressure: "block" };
  return pick(
    [
      { returns: value, weights: view() },
      { returns: view(), weights: value },
      { ...topic, [pick(Object.keys(topic), random)]: value },
      { confidence: value },
      { method: value, confidence: 0.99 },
      [value, { time: 1, price: 2, size: 3, timestamp: 1, amount: 1 }],
      [{ time: value, price: 2, size: 3, timestamp: value, amount: 1, side: value }],
      { backend: value },
      view(),
      [],
      {},
      0,
      -1,
      2 ** 53,
      "trades",
    ],
    random,
  );
};

const make: MakeAttack = (seed) => ({
  total: 1_000_000_000,
  attempt(index) {
    const random = seeded(seed * 0x9e3779b1 + index);
    const target = targets[index % targets.length]!;
    const args = Array.from({ length: Math.floor(random() * 4.5) }, () => {
      if (random() < 0.5) return { name: "nearly right", value: nearly(random) };
      return oneOf(wrongs, random);
    });
    return { what: `${target.name}(${args.map(({ name }) => name).join(", ")})`, run: () => target.run(...args.map(({ value }) => value)) };
  },
});
export default make;
