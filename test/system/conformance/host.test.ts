/** Engines in their hosts: killed and resumed as if they had lived, rows that are wrong refused one by one, errors that say where. */
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { install } from "../../../src/backends/index.js";
import { MemoryBus } from "../../../src/bus/memory_bus.js";
import { temporaryFolder } from "../../support/cli.js";
import { runBare } from "./bare.js";
import { sound } from "./cases.js";
import { expectSame } from "./expect_same.js";
import { make } from "./made.js";
import { type Life, live } from "./world.js";

install();
const folder = temporaryFolder();
let runs = 0;
const own = () => join(folder, `run ${runs++}`);

describe.each(sound)("$title", ({ engine, one }) => {
  it("killed anywhere and resumed gives what it gives when it lives", async () => {
    const first = own();
    const whole = await runBare(make(engine, one, first), new MemoryBus());
    let kills = 0;
    for (const life of [{ kills: 0 }, { kills: 0.15, seed: 1 }, { kills: 0.3, seed: 2, sinks: 0.3, feeds: 0.3 }] satisfies Life[]) {
      const into = own();
      const lived = await live(make(engine, one, into), into, life);
      expectSame(lived.results, whole, `after ${lived.kills} kills`);
      expect(one.written?.(into)).toEqual(one.written?.(first));
      expect([lived.logged.filter((line) => !one.says?.test(line)), lived.restless]).toEqual([[], 0]);
      kills += lived.kills;
    }
    expect(kills).toBeGreaterThan(2);
  });

  it.skipIf(make(engine, one, own()).takes.length < 2)("a replay follows the order of inputs that it told, killed or not", async () => {
    const into = own();
    const made = make(engine, one, into);
    const lived = await live(made, into, { ordered: false, kills: 0.2, seed: 3, feeds: 0.5 });
    expect(lived.order.length).toBeGreaterThan(10);
    const other = own();
    expectSame(await runBare({ ...make(engine, one, other), order: lived.order }, new MemoryBus()), lived.results);
    expect(one.written?.(into)).toEqual(one.written?.(other));
  });

  it.skipIf(make(engine, one, own()).takes.length < 2)(
    "an order that names rows beyond the end of a topic is refused by name",
    async () => {
      const made = make(engine, one, own());
      const [last] = made.order.slice(-1);
      const cut = { ...made, order: [...made.order.slice(0, -1), { port: last!.port, upTo: last!.upTo + 5 }] };
      const name = made.takes[last!.port]!.topic.name;
      const failed = live(cut, own());
      await expect(failed).rejects.toThrow(
        `the recorded order takes topic ${name} up to row ${last!.upTo + 5}, and it ends before row ${last!.upTo}`,
      );
      await expect(failed).rejects.toMatchObject({ code: "E_ENGINE", hint: expect.stringContaining("record again") });
    },
  );

  it.skipIf(make(engine, one, own()).takes.length * make(engine, one, own()).gives.length === 0)(
    "its errors name it, the topic and the rows",
    async () => {
      const into = own();
      const failed = live(make(engine, one, into), into, { trouble: new Error("no luck today") });
      await expect(failed).rejects.toThrow(new RegExp(`^engine '${engine}' in rows \\d+ to \\d+ of topic \\w+: no luck today$`));
      await expect(failed).rejects.toMatchObject({ code: "E_ENGINE", hint: expect.any(String) });
    },
  );
});
