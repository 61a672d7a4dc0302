/** Suites without a test runner as one file each, for a Node of another processor or system. */
import { join } from "node:path";
import { rolldown } from "rolldown";
import { packageRoot } from "../../src/addon/addon.js";

export async function bundlePlain(suite: string, folder: string): Promise<string> {
  const root = packageRoot();
  const bundle = await rolldown({
    input: join(root, `test/support/${suite}.ts`),
    platform: "node",
    external: ["node-gyp-build"],
    resolve: { alias: { vitest: join(root, "test/support/plain_vitest.ts") } },
    treeshake: false, // the package says that its files do nothing when imported
    logLevel: "silent",
  });
  const file = join(folder, `${suite}.mjs`);
  await bundle.write({ file, format: "esm", codeSplitting: false });
  return file;
}
