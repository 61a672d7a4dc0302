/** Types as users see them: under both module resolutions, with wrong calls refused; and the examples of docs/ compile and run. */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { describe, expect, it } from "vitest";
import { packageRoot } from "../../src/addon/addon.js";
import * as kernels from "../../src/kernels/index.js";

const root = packageRoot();
const room = join(root, "out", "types");
rmSync(room, { recursive: true, force: true });
mkdirSync(join(room, "node_modules"), { recursive: true });
symlinkSync(root, join(room, "node_modules", "tickforge"));
writeFileSync(join(room, "package.json"), '{ "type": "module" }');

function compile(name: string, text: string, resolution: "node16" | "bundler"): string {
  writeFileSync(join(room, `${name}.ts`), text);
  const module = resolution === "bundler" ? "esnext" : "node16";
  const options = [
    "--ignoreConfig",
    "--strict",
    "--target",
    "es2022",
    "--module",
    module,
    "--moduleResolution",
    resolution,
    "--types",
    "node",
    "--typeRoots",
    join(root, "node_modules/@types"),
  ];
  const done = spawnSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), ...options, `${name}.ts`], {
    cwd: room,
    encoding: "utf8",
  });
  return done.stdout;
}

const right = `import { vpin, bucketVpin, volumeBuckets, toxicityTopic, tradesTopic, KernelError } from "tickforge";
const out = bucketVpin({ buy: new Float64Array(3), sell: new Float64Array(3) }, { window: 2 });
const column: Float64Array = out.vpin;
const single: Float32Array = bucketVpin({ buy: new Float32Array(3), sell: new Float32Array(3) }).vpin;
const live = vpin.stream({ bucketVolume: 5 });
const value: number = live.last.vpin, time: bigint = live.last.endTime;
live.push(0n, 100, 5, 1);
const told = toxicityTopic({ measures: "kyle_lambda, roll_spread:500" }).columns;
const known: "f64"[] = [told.vpin.dtype, told.kyle_lambda.dtype, told.roll_spread.dtype, toxicityTopic({ measures: "all" }).columns.signed_jump.dtype];
const price: "f64" = tradesTopic({ rows: 128 }).columns.price.dtype;
export { column, single, value, time, known, price, KernelError };
// @ts-expect-error a measure that was not asked for
told.signed_jump;
// @ts-expect-error a size that is text
live.push(0n, 100, "5", 1);
// @ts-expect-error a row without a size
live.peek(0n, 100);

const buy = new Float64Array(1);
// @ts-expect-error a misspelt port
bucketVpin({ buy, sel: buy });
// @ts-expect-error a misspelt option
vpin.stream({ bucketVolum: 1 });
// @ts-expect-error a value that the option does not have
vpin.stream({ classify: "bulk" });
// @ts-expect-error an option without default is missing
volumeBuckets({ size: buy });
// @ts-expect-error a wrong array
bucketVpin({ buy: new Int32Array(1), sell: buy });`;

describe("types", () => {
  for (const resolution of ["node16", "bundler"] as const) {
    it(`right calls compile and wrong ones do not, under moduleResolution ${resolution}`, () =>
      expect(compile(`right-${resolution}`, right, resolution)).toBe(""));
  }

  it("publint finds nothing wrong with the package", async () => {
    const { messages, pkg } = await publint({ pkgDir: root, level: "suggestion", strict: true });
    expect(messages.map((message) => formatMessage(message, pkg as never))).toEqual([]);
  });
});

describe("examples of docs/", () => {
  const pages = readdirSync(join(root, "docs")).filter((file) => file.endsWith(".md") && file !== "add-a-kernel.md");
  for (const page of pages) {
    const examples = [...readFileSync(join(root, "docs", page), "utf8").matchAll(/^```ts\n([\s\S]*?)^```/gm)].map((m) => m[1]!);
    examples.forEach((example, i) => {
      it(`${page}, example ${i + 1}, compiles and runs`, () => {
        const name = `${page.replace(".md", "")}-${i + 1}`;
        expect(compile(name, example, "node16")).toBe("");
        expect(existsSync(join(room, `${name}.js`))).toBe(true);
        execFileSync(process.execPath, [join(room, `${name}.js`)], { cwd: room, encoding: "utf8" });
      });
    });
  }
});

describe("what an editor shows", () => {
  const declaration = (file: string) => readFileSync(join(root, "dist/src/kernels", file), "utf8");

  it("of push() and peek() are the names of the inputs", () => {
    expect(declaration("flow/toxicity/vpin.d.ts")).toContain(
      "}, [time: number | bigint, price: number, size: number, side?: number, instrument?: number, buyFraction?: number]>;",
    );
    expect(declaration("flow/sides/tick_rule.d.ts")).toContain("}, [price: number]>;");
    expect(declaration("flow/toxicity/bucket_vpin.d.ts")).not.toMatch(/\}, \[/);
  });

  it("of every input and option is what its contract says of it", () => {
    const folder = join(root, "dist/src/kernels");
    const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".d.ts"));
    const declared = files.map((path) => readFileSync(join(folder, path), "utf8")).join("\n");
    const comments = [...declared.matchAll(/^ {4}\/\*\* (.*) \*\/\n {4}readonly (\w+): /gm)];
    const toldOf = (name: string) => comments.filter(([, , of]) => of === name).map(([, said]) => said!);
    const untold = Object.values(kernels).flatMap(({ contract }) =>
      Object.entries({ ...contract.inputs, ...contract.params })
        .filter(([name, { doc }]) => !toldOf(name).some((said) => said.startsWith(doc)))
        .map(([name]) => `${contract.name}.${name}`),
    );
    expect(untold, "npm run build:ts writes them").toEqual([]);
  });
});
