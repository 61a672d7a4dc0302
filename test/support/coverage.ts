/** vitest's V8 coverage, and what ran in programs and threads that the tests start: these write theirs to a folder when they end. */
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import v8 from "@vitest/coverage-v8";
import type { CoverageProvider, CoverageProviderModule } from "vitest/node";

const folder = resolve("coverage/spawned");
const environment = "spawned";
const most = 50;

/** None where the program was killed, or not allowed to write all of it: some tests see to that. */
function scriptsOf(text: string): { url: string }[] {
  try {
    return (JSON.parse(text) as { result: { url: string }[] }).result;
  } catch {
    return [];
  }
}

async function getProvider(): Promise<CoverageProvider> {
  const { V8CoverageProvider } = await import("@vitest/coverage-v8/dist/provider.js"); // not in the workers: it loads all of vitest

  return new (class extends V8CoverageProvider {
    override async generateCoverage(context: Parameters<InstanceType<typeof V8CoverageProvider>["generateCoverage"]>[0]) {
      const ours = pathToFileURL(resolve("dist/src")).href;
      const projectName = this.ctx.projects[0]!.name;
      const names = existsSync(folder) ? await readdir(folder) : [];
      // Many at a time: each set that is handed over is merged with all that is there.
      for (let at = 0; at < names.length; at += most) {
        const texts = names.slice(at, at + most).map((name) => readFile(join(folder, name), "utf8"));
        const result = (await Promise.all(texts)).flatMap(scriptsOf).filter(({ url }) => url.startsWith(ours));
        if (result.length > 0) this.onAfterSuiteRun({ coverage: { result }, environment, projectName, testFiles: [String(at)] });
      }
      return super.generateCoverage(context);
    }

    /** Programs run the compiled files as they are; what the tests import went through vite. */
    override async transformFile(...[file, project, where]: Parameters<InstanceType<typeof V8CoverageProvider>["transformFile"]>) {
      if (where !== environment) return super.transformFile(file, project, where);
      const [code, map] = await Promise.all([readFile(file, "utf8"), readFile(`${file}.map`, "utf8")]);
      return { code, map: JSON.parse(map) };
    }
  })();
}

/** Other builds of the add-on run the same lines as the first, and counting slows a reference that is all loops. */
function counted(): boolean {
  const first = process.env.TICKFORGE_FIRST_BUILD; // set for the suites of the builds alone
  return first === undefined || first === process.env.TICKFORGE_CPU;
}

export default {
  getProvider,
  startCoverage(options) {
    if (!counted()) return;
    process.env.NODE_V8_COVERAGE = folder; // of this process's children and threads, whatever else their environment is
    return v8.startCoverage!(options);
  },
  takeCoverage: (options) => (counted() ? v8.takeCoverage!(options) : undefined),
  stopCoverage: (options) => (counted() ? v8.stopCoverage!(options) : undefined),
} satisfies CoverageProviderModule;
