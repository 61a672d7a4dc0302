/** The policy of native/linalg/linalg.h that macOS has, on a stand-in of Apple's framework: the kernels that multiply or factor matrices. */
import { execFileSync, spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { loadAddon, packageRoot } from "../../src/addon/addon.js";
import { worstOf } from "../../src/core/contract/compare.js";
import { type Case, followsReal } from "../../src/core/contract/contract.js";
import { cholesky } from "../../src/index.js";
import { type Arrays, inputsOf, kernels, labelOf, optionsOf, passes, statesOf, streamable } from "../support/kernels.js";

const root = packageRoot();
const native = join(root, "native");
const folder = join(root, "out/accelerate");

const included = (file: string): string[] =>
  [...readFileSync(file, "utf8").matchAll(/^#include "(.+)"/gm)].map(
    ([, name]) => [join(dirname(file), name!), join(native, name!)].find(readable) ?? name!,
  );
const reaches = (file: string, header: string): boolean =>
  included(file).some((other) => basename(other) === header || (/\.h$/.test(other) && readable(other) && reaches(other, header)));
const headers = new Set(readdirSync(native, { recursive: true, encoding: "utf8" }).map((name) => join(native, name)));
const readable = (file: string) => headers.has(file);

/** Kernels whose source includes linalg.h, directly or not. */
const names = readdirSync(join(native, "kernels"), { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".cc") && reaches(join(native, "kernels", file), "linalg.h"))
  .map((file) => basename(file, ".cc"));

const compiler = spawnSync("cmake", ["--version"]).status === 0 && spawnSync("g++", ["--version"]).status === 0;
const unable = process.platform !== "linux" ? "a Mac has the framework itself" : compiler ? undefined : "cmake or g++ is not installed";

/** What parity sizes do not reach: LAPACK, products in several column blocks, and a full block of rows. */
const large: Readonly<Record<string, Case[]>> = {
  cholesky: [{ dims: { matrix: 3 }, options: { assets: 100 } }],
  eigen_symmetric: [{ dims: { matrix: 2 }, options: { assets: 70 } }],
  ewma_covariance: [
    { dims: { update: 3 }, options: { assets: 260, batch: 2, decay: 0.94 } },
    { dims: { update: 1 }, options: { assets: 24, batch: 300, decay: 0.94 } }, // packed rows fill all of their memory
  ],
  sample_covariance: [{ dims: { observation: 300 }, options: { assets: 260 } }],
};

describe.skipIf(unable)(`linalg on Accelerate${unable ? ` (skipped: ${unable})` : ""}`, () => {
  beforeAll(() => {
    const chosen = ["--CDTICKFORGE_LINALG=accelerate", `--CDTICKFORGE_KERNELS=${names.join(";")}`];
    execFileSync("npx", ["cmake-js", "compile", "-G", "Ninja", "-O", join(folder, "build"), ...chosen], { cwd: root, stdio: "ignore" });
    process.env.TICKFORGE_PREBUILD = folder; // the add-on loads when the first kernel runs
    delete process.env.TICKFORGE_CPU;
  }, 600_000);

  it("is what the add-on was built with, and holds these kernels alone", () => {
    const { addon, cause } = loadAddon();
    expect(cause).toBeUndefined();
    expect(addon!.linalg).toBe("accelerate");
    expect(new Set(addon!.rows.map(({ name }) => name))).toEqual(new Set(names));
    expect(names).toEqual(
      expect.arrayContaining(["sample_covariance", "ewma_covariance", "cholesky", "eigen_symmetric", "principal_components"]),
    );
  });

  it("holds what its functions promise, whatever the arguments, where LAPACK fails, and in no more memory than they are given", () => {
    const program = join(folder, "policy");
    const flags = ["-std=c++20", "-Wno-psabi", "-ffp-contract=off", "-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-g"];
    const policy = [
      "-DTICKFORGE_ACCELERATE",
      "-DTICKFORGE_ISA=base",
      `-iquote${native}`,
      "-isystem",
      join(root, "test/backends/accelerate"),
    ];
    execFileSync("g++", [...flags, ...policy, join(root, "test/backends/accelerate/policy.cc"), "-o", program]);
    const { status, stdout, stderr } = spawnSync(program, { encoding: "utf8", env: { ...process.env, LD_PRELOAD: "" } });
    expect(status, `${stdout}${stderr}`).toBe(0);
  });

  it("cholesky of large matrices ends in the row whose pivot is negative or no more than rounding", () => {
    const assets = 100;
    const made = ([row, pivot, scale]: readonly [row: number, pivot: number, scale: number]) => {
      const matrix = Float64Array.from({ length: assets * assets }, (_, i) => (i % (assets + 1) === 0 ? 1 : 0));
      matrix[row * assets + row - 1] = Math.sqrt(1 - pivot);
      for (let j = 0; j < assets; j++) matrix[90 * assets + j]! *= scale;
      return matrix;
    };
    const rounding = assets * 2 ** -52;
    const cases = [
      [70, -0.5, 1e-30],
      [80, rounding / 6, 1],
      [99, rounding / 6, 1],
      [80, 6 * rounding, 1],
      [80, 0.5, 1e-30],
    ] as const;
    const matrix = Float64Array.from(cases.flatMap((one) => [...made(one)]));
    for (const backend of ["native", "reference"])
      expect([...cholesky({ matrix }, { assets }, { backend }).failed]).toEqual([70, 80, 99, -1, -1]);
  });

  for (const kernel of kernels.filter(({ contract }) => names.includes(contract.name))) {
    const { contract } = kernel;
    for (const one of [...contract.parity, ...(large[contract.name] ?? [])] as Case[])
      for (const real of followsReal(contract) ? (["f64", "f32"] as const) : (["f64"] as const))
        it(`${contract.name} ${real} ${labelOf(one)}`, () => {
          const run = (backend: string) => kernel(inputsOf(contract, one, real), optionsOf(contract, one), { backend }) as Arrays;
          const worst = worstOf(contract, real, run("native"), run("reference"));
          expect(passes(worst), `${worst.port} row ${worst.row}: got ${worst.got}, want ${worst.want}`).toBe(true);
          if (!contract.state || !streamable(contract, optionsOf(contract, one))) return;
          for (const { key, worst: state } of statesOf(kernel, one, inputsOf(contract, one, real))) expect(passes(state), key).toBe(true);
        });
  }
});
