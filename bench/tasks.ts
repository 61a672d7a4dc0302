/** Every task there is, in the order of the table. */
import { callTasks } from "./calls.js";
import { kernelTasks, type Task } from "./case.js";
import { certifiedTasks } from "./certified.js";
import { bucketTasks } from "./chains.js";
import { withClassification } from "./classification.js";
import { withPackages } from "./npm_peers.js";
import { withNumpy } from "./numpy_peers.js";
import { withNumpyPaths } from "./paths.js";
import { pipeTasks } from "./pipe.js";

export const tasks = (): Task[] => [
  ...withPackages(withNumpyPaths(withNumpy(withClassification(kernelTasks())))),
  ...certifiedTasks,
  ...bucketTasks,
  ...callTasks,
  ...pipeTasks,
];

export const keyOf = (task: Pick<Task, "kernel" | "label">): string => (task.label ? `${task.kernel}: ${task.label}` : task.kernel);

export function taskNamed(key: string): Task {
  const task = tasks().find((one) => keyOf(one) === key);
  if (!task) throw new Error(`no task is called '${key}'`);
  return task;
}
