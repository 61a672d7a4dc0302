/** Monte Carlo VaR and ES in numpy, where python3 has it: standard_normal times the Cholesky factor, quantile, mean of the tail. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export { whyNoNumpy } from "./numpy.js";

const program = `
import json, sys, time
import numpy as np
folder, paths, confidence, repetitions = sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4])
weights = np.fromfile(folder + "/weights")
mean = np.fromfile(folder + "/mean")
lower = np.linalg.cholesky(np.fromfile(folder + "/covariance").reshape(len(weights), -1))
random = np.random.Generator(np.random.Philox(1))

def risk():
    losses = -((random.standard_normal((paths, len(weights))) @ lower.T + mean) @ weights)
    value = np.quantile(losses, confidence)
    return value, losses[losses >= value].mean()

times = []
for _ in range(repetitions):
    started = time.perf_counter_ns()
    value, shortfall = risk()
    times.append(time.perf_counter_ns() - started)
print(json.dumps({"times": times, "var": value, "es": shortfall}))
`;

export interface Book {
  weights: Float64Array;
  mean: Float64Array;
  covariance: Float64Array;
}

export function numpyPaths(book: Book, paths: number, confidence: number, repetitions: number) {
  const folder = mkdtempSync(join(tmpdir(), "tickforge-bench-"));
  try {
    for (const [key, view] of Object.entries(book)) writeFileSync(join(folder, key), view as Float64Array);
    const args = ["-c", program, folder, String(paths), String(confidence), String(repetitions)];
    const env = { ...process.env, OMP_NUM_THREADS: "1", OPENBLAS_NUM_THREADS: "1" };
    const { status, stdout, stderr } = spawnSync("python3", args, { encoding: "utf8", env });
    if (status !== 0) throw new Error(`numpy: ${stderr.trim().split("\n").at(-1)}`);
    return JSON.parse(stdout) as { times: number[]; var: number; es: number };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
