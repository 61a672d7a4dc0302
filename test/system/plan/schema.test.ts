/** The schema accepts what the checker accepts, and refuses what it refuses where a schema can. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { parse } from "jsonc-parser";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packageRoot } from "../../../src/addon/addon.js";
import { defaultSystem } from "../../../src/system/plan/default_system.js";
import { readSystem } from "../../../src/system/plan/read_system.js";
import { keyRows, systemSchema } from "../../../src/system/plan/schema.js";
import { own, system, systemFolder, toxicity } from "./files.js";
import { mistakes } from "./mistakes.js";

const root = packageRoot();
const accepts = new Ajv2020({ strict: true, strictRequired: false, strictTypes: false }).compile(systemSchema());
let made: ReturnType<typeof systemFolder>;
beforeAll(() => {
  made = systemFolder();
});
afterAll(() => made.remove());

const everything = system(
  [
    own(
      "feed",
      `"place": "process", "spin": 50, "gives": { "trades": { "topic": "t", "rows": 128, "slots": 32, "backpressure": "evict" } }`,
    ),
    `"tox": { "engine": "toxicity", "group": "g", "place": "thread", "takes": { "trades": "t" }, "options": { "bucketVolume": { "A": 1, "B": 2.5 }, "window": 5, "history": 0, "classify": "tick_rule", "threshold": 1, "minHistory": 1, "measures": "all", "barSeconds": 0.5 } }`,
    own(
      "reader",
      `"group": "g", "takes": { "trades": ["t"], "extra": false }, "gives": { "seen": false }, "care": { "limit": 0, "withinSeconds": 0.1, "backoffMs": 0, "mostBackoffMs": 0, "onTrouble": "hold", "memoryMB": 16, "rate": 1, "lagSeconds": 1 }`,
    ),
    own("sockets", `"place": { "host": "B" }, "takes": { "trades": "t" }`),
  ],
  `"$schema": "./s.json", "name": "1.all", "instruments": ["A", "B"], "topology": "triple", "folder": "state", "host": "here", "redis": "rediss://h", "page": { "port": 9000, "host": "0.0.0.0", "tokenFrom": "T", "control": true },`,
);
const valid = [
  everything,
  system([own("feed"), toxicity()]),
  system([own("feed"), own("other"), own("all", `"takes": { "any": ["other_trades"] }`)]),
];

describe("what the checker accepts", () => {
  for (const [i, text] of valid.entries())
    it(`file ${i} is accepted by the schema`, async () => {
      expect((await readSystem({ file: made.write(text) })).engines.length).toBeGreaterThan(1);
      expect(accepts(parse(text)), JSON.stringify(accepts.errors)).toBe(true);
    });

  it("so is the default system, and the example of the page", () => {
    expect(accepts(JSON.parse(JSON.stringify(defaultSystem)))).toBe(true);
    const page = readFileSync(join(root, "docs/system.md"), "utf8");
    expect(accepts(parse(/```jsonc\n([\s\S]*?)```/.exec(page)![1]!))).toBe(true);
  });
});

describe("a single mistake", () => {
  for (const { name, text, schema, code, says } of mistakes)
    if (code !== "E_SYSTEM_JSON" && !says.includes("this key is here twice"))
      it(`${name} is ${schema ? "refused by the schema too" : "beyond the schema"}`, () => {
        expect(accepts(JSON.parse(text.replace("»", "")))).toBe(!schema);
      });

  it("is told of every key and value", () => {
    const told = mistakes.map(({ text }) => text).join("\n");
    const keys = keyRows().map(({ key }) => key.split(".").at(-1)!);
    const own = keys.filter((key) => !/^[A-Z]+$/.test(key));
    expect(own.filter((key) => !told.includes(`"${key}": »`) && !["engine", "options"].includes(key))).toEqual([]);
  });
});

/** Keys of the file with all of them, by the path that leads there. */
function keysOf(value: unknown, path: string[] = []): string[][] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) => [[...path, key], ...keysOf(inner, [...path, key])]);
}
const alphabet = "abcdefghijklmnopqrstuvwxyz";
/** One letter left out, put in, changed, or changed with its neighbor. */
const typo = (word: string, kind: number, at: number, letter: string): string => {
  const i = at % word.length;
  const cut = (to: string, length: number) => word.slice(0, i) + to + word.slice(i + length);
  if (kind === 0) return cut("", 1);
  if (kind === 1) return cut(letter, 0);
  return kind === 2 ? cut(letter, 1) : i + 1 < word.length ? cut(word[i + 1]! + word[i]!, 2) : cut(letter, 0);
};

describe("a typo in any key", () => {
  const whole = parse(everything) as Record<string, unknown>;
  // Names of engines and instruments are the user's own.
  const named = keysOf(whole).filter((path) => !(path[0] === "engines" && path.length === 2) && path.at(-2) !== "bucketVolume");

  it("is refused, with the nearest name", async () => {
    const cases = fc.tuple(fc.constantFrom(...named), fc.nat(3), fc.nat(30), fc.constantFrom(...alphabet));
    await fc.assert(
      fc.asyncProperty(cases, async ([path, kind, at, letter]) => {
        const key = path.at(-1)!;
        const wrong = typo(key, kind, at, letter);
        const copy = structuredClone(whole);
        const parent = path.slice(0, -1).reduce<any>((value, part) => value[part], copy);
        const siblings = Object.keys(parent);
        fc.pre(wrong !== key && wrong !== "" && !siblings.includes(wrong));
        const { [key]: value, ...others } = parent;
        for (const name of siblings) delete parent[name];
        Object.assign(parent, { [wrong]: value }, others);
        const error = await readSystem({ file: made.write(JSON.stringify(copy)) }).then(
          () => undefined,
          (caught) => caught,
        );
        expect(error?.code).toMatch(/^E_SYSTEM_(KEY|PORT|OPTION)$/);
        expect(error.message).toContain(wrong);
        expect(error.hint).toBe(`did you mean ${key}?`);
      }),
      { numRuns: 200 },
    );
  });
});

describe("system.schema.json", () => {
  const schema = JSON.parse(readFileSync(join(root, "system.schema.json"), "utf8"));

  it("is the schema of these sources", () => {
    expect(schema).toEqual(JSON.parse(JSON.stringify(systemSchema())));
  });

  it("is in the package, and describes every key", () => {
    expect(JSON.parse(readFileSync(join(root, "package.json"), "utf8")).files).toContain("system.schema.json");
    const lacking: string[] = [];
    const visit = (part: any, path: string) => {
      for (const [key, inner] of Object.entries<any>(part?.properties ?? {})) {
        if (inner.$ref === undefined && !inner.description && inner.const === undefined) lacking.push(`${path}.${key}`);
        visit(inner, `${path}.${key}`);
      }
    };
    visit(schema, "");
    for (const [name, part] of Object.entries(schema.$defs)) visit(part, name);
    expect(lacking).toEqual([]);
  });
});
