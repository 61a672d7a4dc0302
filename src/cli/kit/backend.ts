/** Which backend the kernels of this run use, decided once for all threads. */
import { loadAddon } from "../../addon/addon.js";
import { install, withoutNative } from "../../backends/index.js";
import { backendNames } from "../../core/call/choose.js";
import { didYouMean, KernelError } from "../../core/contract/errors.js";
import { diagnose } from "./diagnosis.js";
import { UsageError } from "./exit.js";
import type { Terminal } from "./terminal.js";

/** Worker threads read the same environment, so that nobody decides otherwise or warns again. */
export function chooseBackend(wanted: string | undefined, terminal: Terminal): void {
  install();
  if (wanted !== undefined && !backendNames().includes(wanted)) {
    const near = didYouMean(wanted, backendNames());
    const hint = near ? `did you mean ${near}?` : undefined;
    throw new UsageError(`--backend is '${wanted}', expected ${backendNames().join(", ")}`, hint, "E_BACKEND_UNKNOWN");
  }
  const loaded = loadAddon();
  const named = wanted ?? process.env.TICKFORGE_BACKEND ?? process.env.TICKFORGE_REQUIRE;
  if (!loaded.addon && named === "native") {
    const { what, tried, here, fix } = diagnose(loaded);
    throw new KernelError(loaded.code!, `the native kernels could not be loaded: ${what}\n  tried   ${tried}      here: ${here}`, {
      hint: `fix     ${fix}   details: tickforge doctor`,
    });
  }
  if (!loaded.addon && named === undefined) {
    const { tried, here, fix } = diagnose(loaded);
    terminal.note(
      `tickforge: the native kernels could not be loaded, continuing on ${withoutNative().text}\n  tried   ${tried}      here: ${here}\n  fix     ${fix}   [${loaded.code}]  details: tickforge doctor\n`,
    );
  }
  const chosen = wanted ?? (loaded.addon ? undefined : (named ?? withoutNative().backend));
  if (chosen !== undefined) process.env.TICKFORGE_BACKEND = chosen;
}
