/** VPIN in numpy, where python3 has it: cumulative sums, borders by searchsorted. Data goes there and back through files. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const program = `
import json, sys, time
import numpy as np
folder, bucket_volume, window, repetitions = sys.argv[1], float(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
size = np.fromfile(folder + "/size")

def vpin():
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
    return total / (window * bucket_volume)

times = []
for _ in range(repetitions):
    started = time.perf_counter_ns()
    result = vpin()
    times.append(time.perf_counter_ns() - started)
result.tofile(folder + "/vpin")
print(json.dumps(times))
`;

let reason: string | undefined | null = null;
/** Why numpy cannot be run, or undefined where it can. */
export function whyNoNumpy(): string | undefined {
  if (reason === null) {
    const { status, error } = spawnSync("python3", ["-c", "import numpy"], { stdio: "ignore" });
    reason = status === 0 ? undefined : error ? "python3 is not installed" : "python3 has no numpy";
  }
  return reason;
}

export function numpyVpin(size: Float64Array, bucketVolume: number, window: number, repetitions: number) {
  const folder = mkdtempSync(join(tmpdir(), "tickforge-bench-"));
  try {
    writeFileSync(join(folder, "size"), size);
    const args = ["-c", program, folder, String(bucketVolume), String(window), String(repetitions)];
    const { status, stdout, stderr } = spawnSync("python3", args, { encoding: "utf8" });
    if (status !== 0) throw new Error(`numpy: ${stderr.trim().split("\n").at(-1)}`);
    const bytes = readFileSync(join(folder, "vpin"));
    return {
      times: JSON.parse(stdout) as number[],
      vpin: new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
