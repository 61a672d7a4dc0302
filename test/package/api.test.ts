/** docs/api.txt tells every public name with its kind, signature and label: what changes for users shows in a review. */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { packageRoot } from "../../src/addon/addon.js";

const root = packageRoot();
const copy = mkdtempSync(join(tmpdir(), "tickforge-api-"));
afterAll(() => rmSync(copy, { recursive: true }));

const run = (folder: string, ...args: string[]) => {
  const { status, stderr } = spawnSync(process.execPath, ["scripts/api.mjs", ...args], { cwd: folder, encoding: "utf8" });
  return { status, stderr };
};

describe("the report of public names", () => {
  it("is what the declarations say, and every name is stable or preview", () => {
    expect(run(root, "--check")).toEqual({ status: 0, stderr: "" });
  });

  it("holds every value that an entry exports", async () => {
    const text = readFileSync(join(root, "docs/api.txt"), "utf8").split("\nentry ./browser")[0]!;
    const names = Object.keys(await import("../../src/index.js"));
    expect(names.length).toBeGreaterThan(100);
    expect(names.filter((name) => !new RegExp(`^(stable|preview) .*\\b${name}\\b`, "m").test(text))).toEqual([]);
  });
});

/** A package of one declaration file, with the script beside it. */
function packageOf(declarations: string, labels: object) {
  mkdirSync(join(copy, "docs"), { recursive: true });
  mkdirSync(join(copy, "dist"), { recursive: true });
  cpSync(join(root, "scripts/api.mjs"), join(copy, "scripts/api.mjs"));
  writeFileSync(
    join(copy, "package.json"),
    `{ "type": "module", "exports": { ".": { "types": "./dist/a.d.ts", "default": "./dist/a.js" } } }`,
  );
  writeFileSync(join(copy, "dist/a.d.ts"), declarations);
  writeFileSync(join(copy, "dist/a.js"), "export const one = 1;\n");
  writeFileSync(join(copy, "docs/stability.json"), JSON.stringify(labels));
}

describe("a change of what is public", () => {
  const one = "/** Says nothing. */\nexport declare const one: number;\n";

  it("of a signature is told until the report is written again", () => {
    packageOf(one, { stable: ["one"], preview: [] });
    expect(run(copy).status).toBe(0);
    expect(run(copy, "--check").status).toBe(0);
    packageOf(one.replace("number", "1"), { stable: ["one"], preview: [] });
    expect(run(copy, "--check").stderr).toMatch(/npm run api writes it/);
    expect(run(copy).status).toBe(0);
    expect(readFileSync(join(copy, "docs/api.txt"), "utf8")).toContain("\nstable   const one: 1;\n");
  });

  it("that adds a name without a label is refused, and --label gives it one", () => {
    const two = `${one}export type Two = { a: string };\n`;
    packageOf(two, { stable: ["one"], preview: [] });
    expect(run(copy).stderr).toMatch(/Two has no label/);
    expect(run(copy, "--label", "preview").status).toBe(0);
    expect(readFileSync(join(copy, "docs/stability.json"), "utf8")).toBe(
      '{\n  "stable": [\n    "one"\n  ],\n  "preview": [\n    "Two"\n  ]\n}\n',
    );
  });

  it("that leaves a label behind, gives two, or hides a value from the declarations is refused", () => {
    packageOf(one, { stable: ["one", "gone"], preview: [] });
    expect(run(copy).stderr).toMatch(/gone is labelled and exported nowhere/);
    packageOf(one, { stable: ["one"], preview: ["one"] });
    expect(run(copy).stderr).toMatch(/one has two labels/);
    packageOf("export declare const other: number;\n", { stable: ["other"], preview: [] });
    expect(run(copy).stderr).toMatch(/one is exported and was found in no declaration/);
  });

  it("of what is private or said in comments, and a file that moves, change nothing", () => {
    packageOf(`export declare class one {\n    private a;\n    /** b */\n    b(): import("./x.js").B;\n}\n`, {
      stable: ["one"],
      preview: [],
    });
    run(copy);
    expect(readFileSync(join(copy, "docs/api.txt"), "utf8")).toContain("\nstable   class one {\n    b(): B;\n}\n");
  });
});
