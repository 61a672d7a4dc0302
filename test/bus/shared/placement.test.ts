import { availableParallelism } from "node:os";
import { afterAll, describe, expect, it } from "vitest";
import { loadAddon } from "../../../src/addon/addon.js";
import { inWords, toWord } from "../../../src/bus/ring/granted.js";
import { place } from "../../../src/bus/shared/placement.js";
import { SharedBus } from "../../../src/bus/shared/shared_bus.js";
import { sharedFolder } from "../kit/folder.js";
import { codeOf, trades } from "../kit/suite.js";

const linux = process.platform === "linux";
const memory = loadAddon().addon!.memory!;
const everywhere = Int32Array.from({ length: 1024 }, (_, core) => core);
afterAll(() => {
  if (!linux) return;
  memory.pin(everywhere);
  memory.realTime(0);
});

describe("placement", () => {
  it("nothing asked, nothing done", () => {
    expect(place({})).toEqual({});
    expect(place({ realTime: false })).toEqual({});
  });

  it.skipIf(!linux)("a thread is tied to the core that it asks for, and told so", () => {
    const cores = memory.pin(everywhere);
    expect(cores.length).toBeGreaterThanOrEqual(1);
    const last = cores.at(-1)!;
    expect(place({ pin: [last] })).toEqual({ pin: { granted: true, cores: [last] } });
    expect(memory.pin(everywhere)).toEqual(cores);
    expect(place({ pin: [last, 1023] })).toEqual({ pin: { granted: true, cores: [last], reason: "not allowed to this process: 1023" } });
    memory.pin(everywhere);
  });

  it("a core that is not there is refused with a reason, and nothing is thrown", () => {
    const { pin } = place({ pin: [1023] });
    const reason = linux ? "none of these cores is there, or allowed to this process" : "this system lets no thread choose it";
    if (availableParallelism() < 1024) expect(pin).toEqual({ granted: false, cores: [], reason });
  });

  it("real time is granted or refused with a reason", () => {
    const { realTime } = place({ realTime: 7 });
    if (realTime!.granted) expect(realTime).toEqual({ granted: true, priority: 7 });
    else expect(realTime).toEqual({ granted: false, priority: 0, reason: expect.stringMatching(/not permitted|lets no thread/) });
    memory.realTime(0);
  });

  it("wrong options are errors that say the range", () => {
    for (const pin of [[], [-1], [0.5], [1024]]) expect(codeOf(() => place({ pin }))).toBe("E_BUS_OPTION");
    for (const realTime of [-1, 100, 1.5]) {
      expect(codeOf(() => place({ realTime }))).toBe("E_BUS_OPTION");
    }
  });

  it("others read it in words", () => {
    const words: [Parameters<typeof toWord>[0], string][] = [
      [{}, ""],
      [{ pin: { granted: true, cores: [0] } }, "core 0"],
      [{ pin: { granted: true, cores: [5, 6] }, realTime: { granted: true, priority: 99 } }, "core 5 and others, FIFO 99"],
      [{ pin: { granted: false, cores: [] }, realTime: { granted: false, priority: 0 } }, "pin refused, real time refused"],
      [{ pin: { granted: true, cores: [1023] } }, "core 1023"],
    ];
    for (const [granted, text] of words) expect(inWords(toWord(granted))).toBe(text);
  });

  it.skipIf(!linux)("a bus applies it to its thread, and everybody sees it beside the publisher", () => {
    const place = sharedFolder();
    const core = memory.pin(everywhere)[0]!;
    const bus = new SharedBus({ folder: place.folder, pin: [core] });
    try {
      expect(bus.placement).toEqual({ pin: { granted: true, cores: [core] } });
      bus.publisher(trades);
      bus.subscribe(trades);
      const look = bus.look(trades.name);
      expect(look.ring.attached().map(({ placement }) => placement)).toEqual([`core ${core}`, `core ${core}`]);
      look.close();
    } finally {
      bus.close();
      memory.pin(everywhere);
      place.remove();
    }
  });
});
