/** The ways to call a kernel, each with what is wrong about the way itself. */
import { types } from "node:util";
import { type Contract, ports } from "../../../src/core/contract/contract.js";
import type { AnyKernel } from "../../support/kernels.js";
import { noObjects, nothings, oneOf, pick, type Random } from "./wrong.js";

/** What a call is made of. Each part is right until something wrong takes its place. */
export interface Parts {
  kernel: AnyKernel;
  backend: string;
  inputs: unknown;
  options: unknown;
  /** Columns between fences, or whatever stands in their place. */
  out: unknown;
  /** Settings beside the options, without backend and outputs. */
  how: unknown;
  random: Random;
}

interface Way {
  name: string;
  /** Keeps state: for contracts that can be streamed. */
  streams: boolean;
  make(parts: Parts, contract: Contract): Tried;
}
/** `takes`: which of the parts this way reads, so that a wrong one must be refused. */
interface Tried {
  what?: string;
  takes: readonly string[];
  run(): unknown;
}

const isPlain = (value: unknown): value is object => typeof value === "object" && value !== null && !Array.isArray(value);
/** Settings with the backend in them, or what stands in their place. */
const withBackend = ({ how, backend }: Parts, more: object = {}): never =>
  (isPlain(how) && !types.isProxy(how) && Object.getPrototypeOf(how) === Object.prototype
    ? Object.defineProperties({ backend, ...more }, Object.getOwnPropertyDescriptors(how))
    : how) as never;

const call: Way = {
  name: "call",
  streams: false,
  make(parts) {
    const { kernel, inputs, options, out, random } = parts;
    const given = random() < 0.6;
    const backend = random() < 0.05 ? oneOf(noObjects, random) : undefined;
    const how = withBackend(parts, { ...(given && { out }), ...(backend && { backend: backend.value }) });
    return {
      what: backend ? `, backend: ${backend.name}` : "",
      takes: given ? ["inputs", "options", "out", "how"] : ["inputs", "options", "how"],
      run: () => kernel(inputs, options, how),
    };
  },
};

/** Thrown by a caller's own function: it comes back as it is. */
const own = new Error("the caller's own");
const owned = async (run: () => unknown) => {
  try {
    await run();
  } catch (error) {
    if (error !== own) throw error;
  }
};

const noFunctions = nothings.filter(([name]) => name !== "a function" && name !== "a class");

const async: Way = {
  name: "async",
  streams: false,
  make(parts) {
    const { kernel, inputs, options, random } = parts;
    const odd = random() < 0.3 ? pick(["signal", "onProgress"], random) : undefined;
    const wrong = oneOf(odd === "onProgress" ? noFunctions : nothings, random);
    const functions = {
      onProgress: () => {
        throw own;
      },
    };
    const thrown = odd === "onProgress" && random() < 0.5;
    const aborted = odd === "signal" && random() < 0.3;
    const more = thrown ? functions : aborted ? { signal: AbortSignal.abort(own) } : odd ? { [odd]: wrong.value } : {};
    return {
      what: odd ? `, ${odd}: ${thrown ? "throws" : aborted ? "aborted" : wrong.name}` : "",
      takes: aborted ? [] : ["inputs", "options", "how"],
      run: () => owned(() => kernel.async(inputs as never, options as never, withBackend(parts, more))),
    };
  },
};

const numbers = [0, 1, -1, 2, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31, 2 ** 53, 2 ** 63, -(2 ** 63), 1e300, -0];
const oddNumber = (random: Random): unknown => (random() < 0.7 ? pick(numbers, random) : oneOf(nothings, random).value);

const bind: Way = {
  name: "bind",
  streams: false,
  make(parts) {
    const { kernel, inputs, options, out, random } = parts;
    const slots = random() < 0.2;
    const arrays: unknown = pick(
      [
        { in: inputs, out },
        { in: inputs, out },
        { in: inputs, out },
        slots ? { in: [inputs, inputs], out: [out] } : { in: inputs, out },
        { in: [], out },
        { in: inputs },
        { out },
        { in: inputs, out: [] },
        { in: [inputs, inputs], out: [out, out, out] },
        { in: inputs, out, stat: 5 },
        { in: inputs, out, state: oneOf(nothings, random).value },
        oneOf(noObjects, random).value,
      ],
      random,
    );
    const args =
      random() < 0.5 ? [] : Array.from({ length: 1 + Math.floor(4 * random()) }, () => (random() < 0.5 ? undefined : oddNumber(random)));
    const run = () => {
      const bound = kernel.bind(arrays as never, options as never, withBackend(parts)) as (...of: unknown[]) => unknown;
      bound();
      bound(...args);
      bound();
    };
    const shown = args.map((arg) => (typeof arg === "number" ? arg : typeof arg));
    return {
      what: `, then (${shown})`,
      takes: ["options", "how"],
      run,
    };
  },
};

const memoryOf = (random: Random, bytes: number): unknown =>
  pick(
    [
      new ArrayBuffer(bytes),
      new SharedArrayBuffer(bytes),
      new Uint8Array(bytes + 8).subarray(8),
      new Uint8Array(bytes + 1).subarray(1),
      new Uint8Array(Math.max(0, bytes - 1)),
      new Uint8Array(bytes).fill(7),
      oneOf(nothings, random).value,
    ],
    random,
  );
const odd = (random: Random, of: Record<string, readonly unknown[]>): object => {
  const key = pick(Object.keys(of), random);
  return { [key]: pick(of[key]!, random) };
};
const oddSettings = (random: Random, bytes: number): object =>
  random() < 0.6
    ? {}
    : odd(random, {
        state: [memoryOf(random, bytes)],
        real: ["f64", "f32", "f16", ...nothings.map(([, make]) => make())],
        stage: [1, 2, 0, -1, 1.5, 2 ** 40, ...nothings.map(([, make]) => make())],
        fixed: nothings.map(([, make]) => make()),
        onBad: ["skip", "throw", "skipp", ...nothings.map(([, make]) => make())],
      });

/** A stream on the parts' options, and what is done to it. */
function streaming(name: string, act: (stream: any, parts: Parts, contract: Contract) => unknown, takes: readonly string[]): Way {
  return {
    name,
    streams: true,
    make(parts, contract) {
      const { kernel, options, random } = parts;
      const settings = oddSettings(random, 4096);
      const run = () => act(kernel.stream(options as never, withBackend(parts, settings)), parts, contract);
      return { what: `, ${Object.keys(settings)}`, takes, run };
    },
  };
}

const portsWithRows = ({ inputs, rows }: Contract): string[] =>
  ports(inputs).flatMap(([key, port]) => (port.shape[0] === rows ? [key] : []));

const pushBatch = streaming(
  "pushBatch",
  (stream, { inputs }) => {
    stream.pushBatch(inputs);
    stream.poll();
    void [stream.results, stream.last];
    stream.snapshot();
  },
  ["inputs", "options", "how"],
);

/** What a caller would push of columns that may be anything. */
function pushed(columns: unknown, key: string, row: number): unknown {
  try {
    return (columns as Record<string, ArrayLike<unknown>>)[key]![row];
  } catch {
    return columns;
  }
}

const push = streaming(
  "push",
  (stream, { inputs, random }, contract) => {
    const names = portsWithRows(contract);
    for (let row = 0; row < 4; row++) {
      const values = names.slice(0, 8).map((key) => pushed(inputs, key, row));
      if (row === 2) values[Math.floor(random() * values.length)] = oddNumber(random);
      if (random() < 0.1) values.push(oneOf(nothings, random).value);
      stream[random() < 0.3 ? "peek" : "push"](...values);
    }
    stream.poll();
    void [stream.results, stream.last];
  },
  ["options", "how"],
);

const restore: Way = {
  name: "restore",
  streams: true,
  make(parts) {
    const { kernel, options, inputs, random } = parts;
    const run = () => {
      const stream = kernel.stream(options as never, withBackend(parts)) as any;
      stream.pushBatch(inputs);
      const saved = stream.snapshot() as Uint8Array;
      const given = pick(
        [saved, saved, new Float64Array(saved.buffer), saved.subarray(0, 40), new Uint8Array(0), ...nothings.map(([, make]) => make())],
        random,
      );
      const again = kernel.restore(given as never, { backend: parts.backend, ...oddSettings(random, saved.length) } as never) as any;
      again.pushBatch(inputs);
      again.snapshot();
    };
    return { takes: ["inputs", "options", "how"], run };
  },
};

const stateBytes: Way = {
  name: "stateBytes",
  streams: false,
  make: ({ kernel, options }) => ({ takes: ["options"], run: () => kernel.stateBytes(options as never) }),
};

export const ways: readonly Way[] = [call, bind, pushBatch, async, call, push, restore, bind, stateBytes];
