/** Work in numpy and scipy, where python3 has them. Data goes there and back through files. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { View } from "../../src/core/contract/contract.js";

/** Around each body of `work(c, p)`: columns and numbers in, f64 columns out. */
const around = (body: string) => `
import json, sys, time
import numpy as np
folder, job = sys.argv[1], json.loads(sys.argv[2])
c = {name: np.fromfile(folder + "/" + name, dtype) for name, dtype in job["columns"].items()}
p = job["numbers"]

def work(c, p):
${body.replace(/^/gm, "    ")}

times = []
for _ in range(job["repetitions"]):
    started = time.perf_counter_ns()
    result = work(c, p)
    times.append(time.perf_counter_ns() - started)
for name, column in result.items():
    np.ascontiguousarray(column, dtype="f8").tofile(folder + "/out." + name)
print(json.dumps(times))
`;

const dtypes = {
  Float64Array: "f8",
  Float32Array: "f4",
  BigInt64Array: "i8",
  Int32Array: "i4",
  Uint32Array: "u4",
  Int8Array: "i1",
  Uint8Array: "u1",
};
const reasons = new Map<string, string | undefined>();

/** Why a package of python3 cannot be used, or undefined where it can. */
export function whyNo(name: "numpy" | "scipy"): string | undefined {
  if (!reasons.has(name)) {
    const { status, error } = spawnSync("python3", ["-c", `import ${name}`], { stdio: "ignore" });
    reasons.set(name, status === 0 ? undefined : error ? "python3 is not installed" : `python3 has no ${name}`);
  }
  return reasons.get(name);
}

export interface NumpyJob {
  body: string;
  columns: Readonly<Record<string, View>>;
  numbers: Readonly<Record<string, number>>;
  outputs: readonly string[];
}

export function inNumpy({ body, columns, numbers, outputs }: NumpyJob, repetitions: number) {
  const folder = mkdtempSync(join(tmpdir(), "tickforge-bench-"));
  try {
    for (const [name, column] of Object.entries(columns)) writeFileSync(join(folder, name), column);
    const kinds = Object.entries(columns).map(([name, column]) => [name, dtypes[column.constructor.name as keyof typeof dtypes]]);
    const job = { columns: Object.fromEntries(kinds), numbers, repetitions };
    const { status, stdout, stderr } = spawnSync("python3", ["-c", around(body), folder, JSON.stringify(job)], { encoding: "utf8" });
    if (status !== 0) throw new Error(`numpy: ${stderr.trim().split("\n").at(-1)}`);
    const read = (name: string) => {
      const bytes = readFileSync(join(folder, `out.${name}`));
      return new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
    };
    return { times: JSON.parse(stdout) as number[], outputs: Object.fromEntries(outputs.map((name) => [name, read(name)])) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** VPIN: cumulative sums, borders by searchsorted. */
const vpinBody = `
size, bucket_volume, window = c["size"], p["bucketVolume"], int(p["window"])
volume = np.cumsum(np.abs(size))
bought = np.cumsum(np.maximum(size, 0))
buckets = int(volume[-1] // bucket_volume)
ends = bucket_volume * np.arange(1, buckets + 1)
trade = np.minimum(np.searchsorted(volume, ends), len(size) - 1)
# bought up to a border: what was bought up to its trade, less that trade's part behind the border
at_border = bought[trade] - np.where(size[trade] > 0, volume[trade] - ends, 0)
buy = np.diff(at_border, prepend=0.0)
total = np.cumsum(np.abs(2 * buy - bucket_volume))
total[window:] -= total[:-window].copy()
total[: window - 1] = np.nan
return {"vpin": total / (window * bucket_volume)}`;

export function numpyVpin(size: Float64Array, bucketVolume: number, window: number, repetitions: number) {
  const { times, outputs } = inNumpy(
    { body: vpinBody, columns: { size }, numbers: { bucketVolume, window }, outputs: ["vpin"] },
    repetitions,
  );
  return { times, vpin: outputs.vpin! };
}
