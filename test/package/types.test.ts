/** Types as users see them: under both module resolutions, with wrong calls refused; and the examples of docs/ compile and run. */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { beforeAll, describe, expect, it } from "vitest";
import { packageRoot } from "../../src/addon/addon.js";
import * as kernels from "../../src/kernels/index.js";

const root = packageRoot();
const room = join(root, "out", "types");
rmSync(room, { recursive: true, force: true });
mkdirSync(join(room, "node_modules"), { recursive: true });
symlinkSync(root, join(room, "node_modules", "tickforge"));
writeFileSync(join(room, "package.json"), '{ "type": "module" }');

/** What the user has: the compiler, how it finds modules, and whether the types of Node are there. */
interface Setting {
  typescript?: "typescript" | "typescript-5.9";
  resolution: "node16" | "bundler";
  node?: boolean;
}

/** What the compiler says of each text, by its name; "" holds what it says of no text. One program for all: starting the compiler takes longer than any of them. */
function compile(
  texts: Readonly<Record<string, string>>,
  { typescript = "typescript", resolution, node = true }: Setting,
): Record<string, string> {
  for (const [name, text] of Object.entries(texts)) writeFileSync(join(room, `${name}.ts`), text);
  const module = resolution === "bundler" ? "esnext" : "node16";
  const types = node ? ["--types", "node", "--typeRoots", join(root, "node_modules/@types")] : ["--typeRoots", join(room, "none")];
  const options = [
    "--strict",
    "--skipLibCheck",
    "false",
    "--target",
    "es2022",
    "--module",
    module,
    "--moduleResolution",
    resolution,
    ...types,
  ];
  if (typescript === "typescript") options.unshift("--ignoreConfig");
  const files = Object.keys(texts).map((name) => `${name}.ts`);
  const done = spawnSync(process.execPath, [join(root, "node_modules", typescript, "bin/tsc"), ...options, ...files], {
    cwd: room,
    encoding: "utf8",
  });
  const told: Record<string, string> = { "": done.stderr };
  for (const message of done.stdout.split(/^(?=\S)/m)) {
    const name = /^(\S+)\.ts\(/.exec(message)?.[1];
    const of = name !== undefined && name in texts ? name : "";
    told[of] = (told[of] ?? "") + message;
  }
  return told;
}

const right = `import { vpin, bucketVpin, volumeBuckets, toxicityTopic, tradesTopic, KernelError } from "tickforge";
import { vpin as inPages } from "tickforge/browser";
import { RedisBus } from "tickforge/bus";
import { type ReadFacts, readTrades } from "tickforge/files";
import { type ToxicityReport, toxicityPage } from "tickforge/report";
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
const redis = new RedisBus({ tls: { ca: new Uint8Array(1) } });
const read: Promise<ReadFacts> = readTrades("a.csv", { claim: () => undefined, commit() {}, room: async () => {} });
const html: string = toxicityPage(undefined as unknown as ToxicityReport);
export { redis, read, html, inPages };
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

const pages = readdirSync(join(root, "docs")).filter((file) => file.endsWith(".md") && file !== "add-a-kernel.md");
const examples = pages.flatMap((page) =>
  [...readFileSync(join(root, "docs", page), "utf8").matchAll(/^```ts\n([\s\S]*?)^```/gm)].map((match, i) => ({
    ...{ page, number: i + 1, name: `${page.replace(".md", "")}-${i + 1}`, text: match[1]! },
  })),
);

describe("types", () => {
  const wrong = `import { bucketVpin } from "tickforge";\nbucketVpin({ buy: new Float64Array(1) });`;
  const settings: readonly (Required<Setting> & { id: string })[] = (["typescript", "typescript-5.9"] as const).flatMap((typescript) =>
    (["node16", "bundler"] as const).flatMap((resolution) =>
      [true, false]
        .filter((node) => resolution === "node16" || node !== (typescript === "typescript")) // each is seen with either resolution once
        .map((node) => ({ typescript, resolution, node, id: `${typescript.replace(/\W/g, "")}-${resolution}-${node}` })),
    ),
  );
  const told: Record<string, Record<string, string>> = {};
  beforeAll(() => {
    const texts = Object.fromEntries(examples.map(({ name, text }) => [name, text]));
    for (const { id, ...setting } of settings)
      told[id] = compile({ [`right-${id}`]: right, [`wrong-${id}`]: wrong, ...(id === settings[0]!.id && texts) }, setting);
  });

  for (const { id, typescript, resolution, node } of settings)
    it(`right calls compile and wrong ones do not: ${typescript}, ${node ? "" : "without @types/node, "}moduleResolution ${resolution}`, () => {
      const { [`right-${id}`]: ofRight = "", [`wrong-${id}`]: ofWrong, "": rest } = told[id]!;
      expect([ofRight, rest]).toEqual(["", ""]);
      expect(ofWrong).toMatch(/^wrong-[\w-]+\.ts\(2,\d+\): error TS2345: .*\n.*'sell' is missing/);
    });

  for (const { page, number, name } of examples)
    it(`docs/${page}, example ${number}, compiles and runs`, () => {
      expect(told[settings[0]!.id]![name] ?? "").toBe("");
      expect(existsSync(join(room, `${name}.js`))).toBe(true);
      execFileSync(process.execPath, [join(room, `${name}.js`)], { cwd: room, encoding: "utf8" });
    });

  it("publint finds nothing wrong with the package", async () => {
    const { messages, pkg } = await publint({ pkgDir: root, level: "suggestion", strict: true });
    expect(messages.map((message) => formatMessage(message, pkg as never))).toEqual([]);
  });
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
