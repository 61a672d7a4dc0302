/** Engines that hang, leak, flood or fall silent: found by their sign, begun again or held, and the others go on. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { requireBuilt } from "../../support/cli.js";
import { hashes, sickFolder, start, until } from "./sick.js";

const folder = sickFolder();
afterAll(() => folder.remove());
beforeAll(requireBuilt);

const rows = 1600;
const signs = { spin: "lag", buffers: "memory", flood: "rate", silent: "silence" } as const;
type How = keyof typeof signs;
const care = { lagSeconds: 0.3, limit: 1, backoffMs: 10 };
const own: Record<How, object> = {
  spin: {},
  buffers: { memoryMB: 20 },
  flood: { rate: 50 },
  silent: { onTrouble: "hold" },
};

for (const place of ["thread", "process"])
  describe(`in a ${place}`, () => {
    it("each is named by its sign in log and status and held; its neighbors and all others take every row", async () => {
      const engines: Record<string, object> = {
        counter: { module: "counter", options: { rows, each: 8, pause: 2 } },
        spin: { module: "sick", place, options: { how: "spin", at: 300 }, care },
      };
      for (const how of Object.keys(signs) as How[]) {
        const group = `g_${how}`;
        engines[`${how}_g`] = { module: "sick", place, group, options: { how, at: 300 }, care: { ...care, ...own[how] } };
        engines[`${how}_well`] = { module: "sick", place, group, ...(how === "buffers" && { care: { memoryMB: 20 } }) };
      }
      const { supervisor, engine, lines } = await start(folder.file(engines));
      const sick = ["spin", ...Object.keys(signs).map((how) => `${how}_g`)];
      await until(() => supervisor.state === "ended", "the end of all that is not held", 40_000);
      for (const name of sick) {
        const sign = signs[name.replace("_g", "") as How];
        expect(engine(name), name).toMatchObject({ state: "held", restarts: name === "silent_g" ? 0 : 1 });
        expect(engine(name).why, name).toMatch(new RegExp(`\\[${sign}\\]$`));
        const codes = lines.filter((line) => line.engine === name).map(({ code }) => code);
        expect(codes.filter((code) => code === `E_ENGINE_${sign.toUpperCase()}`).length, `${name}: ${codes}`).toBe(
          name === "silent_g" ? 1 : 2,
        );
        expect(codes.filter((code) => code === "E_ENGINE_HELD").length).toBe(1);
      }
      const status = supervisor.status();
      const healthy = Object.keys(engines).filter((name) => name.endsWith("_well"));
      for (const name of healthy) expect(engine(name), name).toMatchObject({ state: "ended", restarts: 0, lost: 0 });
      expect(new Set(healthy.map((name) => hashes(status)[`out.${name}`])).size).toBe(1);
      expect(hashes(status)["out.spin_well"]).toMatch(new RegExp(`^${rows} ${rows} `));
    });
  });
