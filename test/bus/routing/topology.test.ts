import { describe, expect, it } from "vitest";
import { MemoryBus } from "../../../src/bus/memory_bus.js";
import {
  busesOf,
  type MessageType,
  messageTopic,
  messageTypes,
  TopologyBus,
  type TopologyName,
  topologies,
  typeOf,
} from "../../../src/bus/routing/topology.js";
import { codeOf } from "../kit/suite.js";

const types = Object.keys(messageTypes) as MessageType[];

describe("topologies", () => {
  it.each([
    ["single", { main: 15 }],
    ["dual", { market: 2, engine: 13 }],
    ["triple", { market: 2, engine: 8, compute: 5 }],
  ] as [TopologyName, Record<string, number>][])("%s places every type once", (name, counts) => {
    expect(Object.keys(topologies[name])).toEqual(types);
    expect(busesOf(name)).toEqual(Object.keys(counts));
    for (const [bus, count] of Object.entries(counts))
      expect(types.filter((type) => topologies[name][type] === bus).length, bus).toBe(count);
  });

  it.each(["single", "dual", "triple"] as const)("%s: each message comes, on the bus of the table and on no other", async (name) => {
    const parts = Object.fromEntries(busesOf(name).map((one) => [one, new MemoryBus()]));
    const bus = new TopologyBus(name, parts);
    for (const type of types) {
      const of = messageTopic(type, { name: "X", rows: 2, slots: 2 });
      const subscription = bus.subscribe(of);
      const publisher = bus.publisher(of);
      const slot = publisher.claim()!;
      slot.columns.time[0] = 5n;
      publisher.commit(1);
      let seen = 0n;
      subscription.poll(({ columns }) => void (seen = (columns as { time: BigInt64Array }).time[0]!));
      expect(seen, type).toBe(5n);
      for (const [one, part] of Object.entries(parts))
        expect(part.stats(of).published, `${type} on ${one}`).toBe(one === topologies[name][type] ? 1 : 0);
    }
    await bus.close();
  });

  it("a bus that is missing, a topology and a type that are misspelt, are named", () => {
    expect(codeOf(() => new TopologyBus("dual", { market: new MemoryBus() }))).toBe("E_BUS_TOPOLOGY");
    expect(codeOf(() => busesOf("tripel"))).toBe("E_BUS_TOPOLOGY");
    expect(codeOf(() => typeOf("marketdata.X"))).toBe("E_BUS_TYPE");
    expect(typeOf("market_data.BTC.USDT")).toBe("market_data");
  });
});
