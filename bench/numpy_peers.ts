/** Tasks of kernels beside the same work in numpy. */
import { checkOptions } from "../src/core/contract/check.js";
import { type Arrays, bytesOf, inputsOf, kernelNamed, type Prepared, type Task } from "./case.js";
import { comparison } from "./chains.js";
import { inNumpy, whyNo } from "./peers/numpy.js";
import { numpyFactor } from "./peers/numpy_factor.js";
import { numpyFlow } from "./peers/numpy_flow.js";
import { numpyRisk } from "./peers/numpy_risk.js";

const numpy = "numpy";
const forms: Readonly<Record<string, string>> = { ...numpyFlow, ...numpyRisk, ...numpyFactor };

/** Which outputs a body gives: those named as keys of what it returns. */
const outputsOf = (body: string) => [...body.slice(body.lastIndexOf("return")).matchAll(/"(\w+)":/g)].map((m) => m[1]!);

function prepare(task: Task, rows: number): Prepared {
  const { contract } = kernelNamed(task.kernel)!;
  const one = contract.bench.find((c: { label?: string }) => (c.label ?? "") === task.label)!;
  const options = { ...contract.example, ...one.options };
  const params = checkOptions(contract.name, contract.params, options);
  const dims = { ...one.dims, [contract.rows]: rows };
  const columns = inputsOf(contract, { ...one, dims });
  const numbers = Object.fromEntries(Object.entries(params).filter((e): e is [string, number] => typeof e[1] === "number"));
  const body = forms[task.kernel]!;
  const measured = (repetitions: number) => inNumpy({ body, columns, numbers, outputs: outputsOf(body) }, repetitions);
  let last = measured(1);
  return {
    rows,
    ...contract.cost(dims, params),
    workingSet: bytesOf(columns, last.outputs),
    run: () => void (last = measured(1)),
    times: (repetitions) => measured(repetitions).times,
    outputs: () => last.outputs,
  };
}

/** Only what a peer gives is compared. */
const common = (got: Arrays, want: Arrays): Arrays => Object.fromEntries(Object.keys(got).map((key) => [key, want[key]!]));

/** The same tasks, with numpy beside those that have a form there. */
export const withNumpy = (tasks: Task[]): Task[] =>
  tasks.map((task) => {
    if (forms[task.kernel] === undefined || whyNo("scipy") !== undefined) return task;
    const compare = comparison(kernelNamed(task.kernel)!.contract, [numpy]);
    return {
      ...task,
      peers: [...(task.peers ?? []), numpy],
      make: (backend, rows) => (backend === numpy ? prepare(task, rows) : task.make(backend, rows)),
      compare: (got, want, backend) => (backend === numpy ? compare(got, common(got, want), backend) : task.compare(got, want, backend)),
    };
  });
