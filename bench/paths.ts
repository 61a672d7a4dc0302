/** Monte Carlo beside numpy, which draws other random numbers: its results are refused where they lie outside what chance allows. */
import { type AnyKernel, type Arrays, inputsOf, kernelNamed, type Prepared, type Task } from "./case.js";
import { inNumpy, whyNo } from "./peers/numpy.js";

/** standard_normal times the Cholesky factor, quantile, mean of the tail. */
const body = `
n = len(c["weights"])
lower = np.linalg.cholesky(c["covariance"].reshape(n, n))
random = np.random.Generator(np.random.Philox(1))
losses = -((random.standard_normal((p["paths"], n)) @ lower.T + c["mean"]) @ c["weights"])
value = np.quantile(losses, p["confidence"])
return {"var": [value], "es": [losses[losses >= value].mean()]}`;

const confidence = 0.95;
/** Standard errors of the difference of two independent results, of which six are not chance. */
const most = 6 * Math.SQRT2;

function numpyOver(kernel: AnyKernel, task: Task, paths: number): Prepared {
  const { contract } = kernel;
  const one = contract.bench.find((c: { label?: string }) => c.label === task.label)!;
  const { weights, mean, covariance } = inputsOf(contract, one) as Record<string, Float64Array>;
  const job = {
    body,
    columns: { weights: weights!, mean: mean!, covariance: covariance! },
    numbers: { paths, confidence },
    outputs: ["var", "es"],
  };
  const measured = (repetitions: number) => inNumpy(job, repetitions);
  let last = measured(1);
  return {
    rows: paths,
    ...contract.cost({ ...one.dims, paths }, { ...contract.example, ...one.options }),
    workingSet: 16 * paths * weights!.length,
    run: () => void (last = measured(1)),
    times: (repetitions) => measured(repetitions).times,
    outputs: () => last.outputs,
  };
}

function withinChance(got: Arrays, want: Arrays) {
  const [key, error] = (["var", "es"] as const)
    .map((k) => [k, Math.abs(Number(got[k]![0]) - Number(want[k]![0])) / Math.max(Number(want[`${k}Error`]![0]), 1e-300)] as const)
    .reduce((worst, one) => (one[1] > worst[1] ? one : worst));
  const relative = Math.abs(Number(got[key]![0]) / Number(want[key]![0]) - 1);
  return { ratio: error / most, error: relative, port: key, row: 0, got: got[key]![0], want: want[key]![0] };
}

/** Adds numpy to the lines that make all returns of one portfolio on one thread. */
export const withNumpyPaths = (tasks: Task[]): Task[] =>
  tasks.map((task) => {
    const { form, threads } = task.options ?? {};
    if (
      task.kernel !== "monte_carlo_risk" ||
      form !== "full" ||
      threads !== undefined ||
      whyNo("numpy") ||
      !/full correlation/.test(task.label)
    )
      return task;
    return {
      ...task,
      peers: ["numpy"],
      make: (backend, rows) => (backend === "numpy" ? numpyOver(kernelNamed(task.kernel)!, task, rows) : task.make(backend, rows)),
      compare: (got, want, backend) => (backend === "numpy" ? withinChance(got, want) : task.compare(got, want, backend)),
    };
  });
