/** Prints at the very end, below the summary of the coverage, which files the run's time went to. */
import { relative } from "node:path";
import type { Reporter, TestModule } from "vitest/node";

export interface Timed {
  /** "all", or the build of the add-on. */
  project: string;
  file: string;
  tests: number;
  /** From the start of the file's process to the end of its last test: imports and hooks included. */
  seconds: number;
}

const most = 20;

/** A line for each project, then the files that took longest. */
export function timesTable(files: readonly Timed[]): string {
  const projects = [...new Set(files.map(({ project }) => project))];
  const wide = Math.max(...projects.map((name) => name.length));
  const sum = (some: readonly Timed[], key: "seconds" | "tests") => some.reduce((so, one) => so + one[key], 0);
  const row = (seconds: number, tests: number, project: string, file: string) =>
    `${seconds.toFixed(1).padStart(8)} ${String(tests).padStart(6)}  ${project.padEnd(wide)}  ${file}`;
  const slowest = files.toSorted((a, b) => b.seconds - a.seconds).slice(0, most);
  return [
    `time by project, then the slowest ${slowest.length} of ${files.length} files (wall time; files run side by side)`,
    " seconds  tests",
    ...projects.map((project) => {
      const some = files.filter((one) => one.project === project);
      return row(sum(some, "seconds"), sum(some, "tests"), project, `${some.length} files`);
    }),
    ...slowest.map(({ seconds, tests, project, file }) => row(seconds, tests, project, file)),
  ].join("\n");
}

function timed(module: TestModule): Timed {
  const { environmentSetupDuration, prepareDuration, collectDuration, setupDuration, duration } = module.diagnostic();
  const milliseconds = environmentSetupDuration + prepareDuration + collectDuration + setupDuration + duration;
  return {
    project: module.project.name,
    file: relative(process.cwd(), module.moduleId),
    tests: [...module.children.allTests()].length,
    seconds: milliseconds / 1000,
  };
}

export default class Times implements Reporter {
  constructor(private readonly options: { leftOut?: readonly string[] } = {}) {}

  onTestRunEnd(modules: readonly TestModule[]): void {
    const files = modules.map(timed);
    // The coverage's summary is printed after all reporters are done.
    if (files.length > 1) process.once("exit", () => process.stdout.write(`\n${timesTable(files)}\n${this.told()}`));
  }

  /** Builds of the add-on whose suites did not run: on another processor, or where all were asked for, they do. */
  private told(): string {
    const { leftOut = [] } = this.options;
    return leftOut.length > 0 ? `not run: build ${leftOut.join(", build ")}\n` : "";
  }
}
