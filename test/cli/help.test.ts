import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { packageRoot } from "../../src/addon/addon.js";
import { explanations } from "../../src/cli/explanations/explanations.js";
import { requireBuilt, tickforge } from "../support/cli.js";
import { allFlags } from "../support/flags.js";

const root = packageRoot();

beforeAll(requireBuilt);

describe("help", () => {
  for (const args of [
    ["--help"],
    [],
    ["help"],
    ["replay", "--help"],
    ["bus", "--help"],
    ["validate", "--help"],
    ["factors", "--help"],
    ["portfolio", "--help"],
    ["drill", "--help"],
    ["doctor", "--help"],
    ["explain", "-h"],
  ])
    it(`tickforge ${args.join(" ")} fits a screen and begins with examples`, async () => {
      const { code, stdout, stderr } = await tickforge(args);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      const lines = stdout.trimEnd().split("\n");
      expect(lines.length).toBeLessThanOrEqual(24);
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(115);
      expect(lines.slice(1, 4).filter((line) => /^ {2}.*tickforge \w+/.test(line)).length).toBeGreaterThanOrEqual(2);
    });

  it.each(["replay", "validate", "risk", "factors", "portfolio", "drill", "bus", "doctor", "explain"])(
    "tickforge help %s is its --help",
    async (command) => {
      const asked = await tickforge(["help", command]);
      expect(asked).toEqual(await tickforge([command, "--help"]));
      expect(asked.code).toBe(0);
    },
  );

  it("help of no command", async () => {
    expect(await tickforge(["help", "repaly"])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("did you mean tickforge replay?"),
    });
  });

  it.each(Object.entries(allFlags))("names every flag of %s, and says of each what it does", async (command, flags) => {
    const { stdout } = await tickforge([command, "--help"]);
    const text = stdout.replace(/\n +/g, " ");
    for (const { name, doc } of flags) {
      expect(stdout).toMatch(new RegExp(`--${name}\\b`));
      expect(text).toContain(doc);
    }
  });

  it("--version is that of the package", async () => {
    const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    expect(await tickforge(["--version"])).toMatchObject({ code: 0, stdout: `${version}\n` });
  });
});

describe("explain", () => {
  const sources = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".ts"));
  const used = new Map<string, string>();
  for (const path of sources.filter((path) => !path.includes("explanations")))
    for (const [, code] of readFileSync(join(root, "src", path), "utf8").matchAll(/["`[](E_[A-Z][A-Z_]*[A-Z])["`\]]/g))
      used.set(code!, path);

  it("knows every code in the sources, and no other", () => {
    expect([...used].filter(([code]) => !(code in explanations)).map(([code, path]) => `${code} of src/${path}`)).toEqual([]);
    expect(Object.keys(explanations).filter((code) => !used.has(code))).toEqual([]);
  });

  it("says what a code means and what to do", async () => {
    for (const word of ["E_BAD_VALUE", "e_bad_value", "[E_BAD_VALUE]"]) {
      const { code, stdout } = await tickforge(["explain", word]);
      expect(code).toBe(0);
      expect(stdout).toMatch(/^E_BAD_VALUE\n {2}A row holds a value .*\n\nwhat to do\n {2}Look at the line/s);
    }
  });

  it("without a code lists all", async () => {
    const { stdout } = await tickforge(["explain"]);
    const listed = [...stdout.matchAll(/^ {2}(E_[A-Z_]+) {2,}\S.*$/gm)];
    expect(listed.map(([, code]) => code).sort()).toEqual(Object.keys(explanations).sort());
    expect(Math.max(...listed.map(([line]) => line.length))).toBeLessThanOrEqual(115);
  });
});
