/** Where there is no add-on. */
import { expect, it, vi } from "vitest";
import type { Plan } from "../../../src/system/plan/plan.js";
import { makeRings } from "../../../src/system/supervisor/rings.js";

vi.mock("../../../src/addon/addon.js", async (original) => ({
  ...(await original<object>()),
  loadAddon: () => ({ addon: undefined, cause: "build/tickforge.node is not there" }),
}));

it("an engine in a process is refused by name, with what is missing and where it could run", async () => {
  const runners = [
    { name: "one", place: "thread", loop: "blocking", engines: ["near"] },
    { name: "two", place: "process", loop: "blocking", engines: ["far", "farther"] },
  ];
  await expect(makeRings({ name: "mine", runners } as unknown as Plan)).rejects.toMatchObject({
    code: "E_NATIVE_MISSING",
    message: "system 'mine': far, farther would run in a process, which needs the add-on: build/tickforge.node is not there",
    hint: expect.stringContaining('"place": "thread"'),
  });
});
