/** Puts the backends of Node in place and reads TICKFORGE_BACKEND and TICKFORGE_REQUIRE. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { howToBuild, howToInstall, loadAddon, packageRoot } from "../addon/addon.js";
import { chooseBy, use } from "../core/call/choose.js";
import type { Contract } from "../core/contract/contract.js";
import { KernelError } from "../core/contract/errors.js";
import { crossoversOf, findCalibration } from "./calibration.js";
import { metal } from "./metal.js";
import { findRow, native } from "./native.js";
import { tfjs } from "./tfjs.js";
import { openWasm, wasm, wasmFrom } from "./wasm.js";

let told = false;
let installed = false;

/** What runs where the add-on does not load, and in words. */
export function withoutNative(): { readonly backend: "wasm" | "reference"; readonly text: string } {
  if (openWasm("math").module) return { backend: "wasm", text: "WebAssembly (about 2x slower)" };
  return { backend: "reference", text: "the reference (about 10x slower)" };
}

/** The default backend: TICKFORGE_BACKEND, or native where it loads; when it does not, that is said once, on stderr. */
function prefer(): string {
  const named = process.env.TICKFORGE_BACKEND;
  const required = process.env.TICKFORGE_REQUIRE;
  if (required && named && named !== required)
    throw new KernelError("E_BACKEND_REQUIRED", `TICKFORGE_REQUIRE=${required} but TICKFORGE_BACKEND=${named}`, {
      hint: "unset one of them",
    });
  if (named) return named;
  if (required) return required;
  const { addon, cause, code, path } = loadAddon();
  if (!addon && !told) {
    told = true;
    const { platform, arch, versions } = process;
    process.stderr.write(
      `tickforge: the native kernels could not be loaded, continuing on ${withoutNative().text}\n  tried   ${path ?? "prebuilds and build/Release"}: ${cause}      here: ${platform} ${arch}, node ${versions.node}\n  fix     ${path === undefined || code === "E_NATIVE_VERSION" ? howToInstall() : howToBuild()}   [${code}]  details: tickforge doctor\n`,
    );
  }
  return "auto";
}

/** Of a device that a calibration had chosen; the call itself goes on. */
function givenUp(backend: string, error: KernelError): void {
  process.stderr.write(
    `tickforge: ${backend} failed and is not chosen any more, continuing on the other backends\n  cause   ${error.message}   [${error.code}]  details: tickforge doctor\n`,
  );
}

export function install(): void {
  wasmFrom((family) => readFileSync(join(packageRoot(), "dist", "lib", `tickforge-${family}.wasm`)));
  use(wasm);
  use(tfjs);
  use(metal);
  use(native, prefer);
  if (installed) return;
  installed = true;
  chooseBy(() => {
    const { calibration } = findCalibration();
    return calibration && crossoversOf(calibration);
  }, givenUp);
}

/** Compares every contract with the add-on's rows; the causes of those that do not fit. */
export function handshake(contracts: readonly Contract[]): { kernel: string; dtype: string; cause: string }[] {
  return contracts.flatMap((contract) =>
    (["f64", "f32"] as const).flatMap((real) => {
      const row = findRow(contract, real);
      return typeof row === "string" ? [{ kernel: contract.name, dtype: real, cause: row }] : [];
    }),
  );
}
