/** An installed copy of the package in a folder of its own. */
import { cpSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { loadAddon, packageRoot } from "../../src/addon/addon.js";

/** The shipped files, what they depend on, and the add-on where it was built; where the copy lies. */
export function install(folder: string, { binary = true } = {}): string {
  const root = packageRoot();
  const { dependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { dependencies: Record<string, string> };
  const modules = join(folder, "node_modules");
  const copy = join(modules, "tickforge");
  mkdirSync(copy, { recursive: true });
  for (const item of ["dist/lib", "bin/tickforge.mjs", "examples/strategies", "package.json"])
    cpSync(join(root, item), join(copy, item), { recursive: true });
  for (const name of Object.keys(dependencies)) symlinkSync(join(root, "node_modules", name), join(modules, name));
  if (binary && loadAddon().path) {
    mkdirSync(join(copy, "build/Release"), { recursive: true });
    cpSync(loadAddon().path!, join(copy, "build/Release/tickforge.node"));
  }
  return copy;
}
