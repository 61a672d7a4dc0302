/** Every mistake is told with its code, its place and what to do, before anything starts. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { exitCodeOf } from "../../../src/cli/kit/exit.js";
import { TickforgeError } from "../../../src/core/contract/errors.js";
import { readSystem } from "../../../src/system/plan/read_system.js";
import { systemFolder } from "./files.js";
import { mistakes } from "./mistakes.js";

let made: ReturnType<typeof systemFolder>;
beforeAll(() => {
  made = systemFolder();
});
afterAll(() => made.remove());

function placed(text: string) {
  const before = text.slice(0, text.indexOf("»")).split("\n");
  return { line: before.length, column: before.at(-1)!.length + 1 };
}

describe("a mistake", () => {
  for (const { name, text, code, says, hint } of mistakes)
    it(name, async () => {
      const file = made.write(text.replace("»", ""));
      const error = await readSystem({ file, cores: 8 }).then(
        () => undefined,
        (caught) => caught,
      );
      const place = placed(text);
      expect(error).toMatchObject({ code, file, ...place });
      expect(error.message).toContain(`${file}:${place.line}:${place.column}: `);
      expect(error.message).toContain(says);
      expect(error.hint).toContain(hint);
    });

  it("is said to be in the data, and what is missing outside the file a failure", async () => {
    const failures = ["E_SYSTEM_MODULE", "E_SYSTEM_SPACE"];
    for (const code of new Set(mistakes.map((mistake) => mistake.code)))
      expect(exitCodeOf(new TickforgeError(code, "")), code).toBe(failures.includes(code) ? 1 : 3);
    expect(await readSystem({ file: "/nowhere/system.json" }).catch((error) => [error.code, error.hint])).toEqual([
      "E_SYSTEM_FILE",
      expect.stringContaining("check the path"),
    ]);
    expect(await readSystem({ file: made.folder }).catch((error) => error.code)).toBe("E_SYSTEM_FILE");
  });

  it("in an object is told by the path of its key alone", async () => {
    const error = await readSystem({ system: { instruments: ["A"], engines: { toxicity: { spin: -1 } } } }).catch((caught) => caught);
    expect(error).toMatchObject({ code: "E_SYSTEM_VALUE", option: "engines.toxicity.spin" });
    expect(error.message).toMatch(/^engines\.toxicity\.spin: is -1/);
    expect(error.line).toBeUndefined();
  });

  it("in the call is named", async () => {
    for (const [given, code] of [
      [{ cores: 0 }, "E_ARGUMENT"],
      [{ file: 3 }, "E_ARGUMENT"],
      [{ folder: 3 }, "E_ARGUMENT"],
      [null, "E_ARGUMENT"],
    ] as const)
      expect(await readSystem(given as never).catch((error) => error.code)).toBe(code);
  });
});
