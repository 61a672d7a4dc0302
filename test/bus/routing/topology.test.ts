import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { packageRoot } from "../../../src/addon/addon.js";
import type { Topic } from "../../../src/bus/bus.js";
import { difference } from "../../../src/bus/frame.js";
import { MemoryBus } from "../../../src/bus/memory_bus.js";
import { declaredOf, type MessageType, messageTypes, types } from "../../../src/bus/routing/message_types.js";
import { busesOf, messageTopic, TopologyBus, type TopologyName, topologies, typeOf } from "../../../src/bus/routing/topology.js";
import { marginTopic, positionsTopic } from "../../../src/engines/collateral_engine.js";
import { crossSectionTopic, factorRiskTopic } from "../../../src/engines/factors.js";
import { pricesTopic } from "../../../src/engines/prices.js";
import { riskTopic } from "../../../src/engines/risk_engine.js";
import { toxicityTopic } from "../../../src/engines/toxicity_engine.js";
import { tradesTopic } from "../../../src/engines/trades.js";
import { codeOf } from "../kit/suite.js";

const memories = (name: TopologyName) => Object.fromEntries(busesOf(name).map((one) => [one, new MemoryBus()]));

describe("topologies", () => {
  it.each([
    ["single", { main: 39 }],
    ["dual", { market: 10, engine: 29 }],
    ["triple", { market: 10, engine: 15, compute: 14 }],
  ] as [TopologyName, Record<string, number>][])("%s places every type once", (name, counts) => {
    expect(Object.keys(topologies[name])).toEqual(types);
    expect(busesOf(name)).toEqual(Object.keys(counts));
    for (const [bus, count] of Object.entries(counts))
      expect(types.filter((type) => topologies[name][type] === bus).length, bus).toBe(count);
  });

  it.each(["single", "dual", "triple"] as const)("%s: each message comes, on the bus of the table and on no other", async (name) => {
    const parts = memories(name);
    const bus = new TopologyBus(name, parts);
    for (const type of types) {
      const of: Topic = messageTopic(type, { name: "X", rows: 2, slots: 2, columns: messageTypes[type] });
      const subscription = bus.subscribe(of);
      const publisher = bus.publisher(of);
      const [column] = Object.keys(of.columns) as [string];
      const slot = publisher.claim()!;
      const bytes = (views: Readonly<Record<string, ArrayBufferView>>) =>
        new Uint8Array(views[column]!.buffer, views[column]!.byteOffset, 1);
      bytes(slot.columns)[0] = 5;
      publisher.commit(1);
      let seen = 0;
      subscription.poll(({ columns }) => void (seen = bytes(columns)[0]!));
      expect(seen, type).toBe(5);
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

describe("the table of messages", () => {
  it.each([
    tradesTopic(),
    pricesTopic(),
    toxicityTopic(),
    riskTopic(),
    positionsTopic(),
    marginTopic({ accounts: declaredOf("margin").rows }),
  ] as Topic[])("$name is what its engine makes", (of) => {
    const { columns, name, rows, slots, backpressure } = messageTopic(typeOf(of.name));
    expect({ name, columns, rows, slots, backpressure }).toEqual(of);
  });

  it.each([
    tradesTopic({ quotes: true }),
    toxicityTopic({ measures: "all" }),
    crossSectionTopic({ assets: 3 }),
    factorRiskTopic({ sectors: 2 }),
  ])("$name by options goes where its type goes, and the type says that they decide", ({ name, columns }) => {
    const type = typeOf(name);
    expect(name).toBe(type);
    expect(new TopologyBus("triple", memories("triple")).nameOf(name)).toBe(topologies.triple[type]);
    expect(declaredOf(type).varies).toContain(
      `${{ trades: "trades", toxicity: "toxicity", cross_sections: "crossSection" }[name as string] ?? "factorRisk"}Topic(`,
    );
    expect(Object.keys(columns).slice(0, Object.keys(messageTypes[type]).length)).toEqual(Object.keys(messageTypes[type]));
  });

  it("what engines write fits the older names of it", () => {
    expect(difference(messageTopic("vpin_calculation", { rows: 8 }), toxicityTopic({ rows: 8 }) as Topic)).toBeUndefined();
    expect(difference(messageTopic("price_update", { rows: 8 }), pricesTopic({ rows: 8 }) as Topic)).toBeUndefined();
    expect(difference(messageTopic("trade_execution"), messageTopic("fills") as never)).toBeUndefined();
  });

  it("columns may be added, and those of vectors must be given their width", () => {
    const { columns } = messageTopic("features", { columns: { spread: { dtype: "f64" } } });
    expect(Object.keys(columns)).toEqual(["time", "instrument", "spread"]);
    expect(() => messageTopic("cross_sections")).toThrow(/cross_sections holds vectors/);
    expect(codeOf(() => messageTopic("factor_risk"))).toBe("E_BUS_TYPE");
    const f64 = (width: number) => ({ dtype: "f64", width }) as const;
    const wide = messageTopic("cross_sections", { columns: { returns: f64(3), cap: f64(3), weights: f64(3) } });
    expect(difference(wide, crossSectionTopic({ assets: 3 }) as never)).toBeUndefined();
  });

  it("what nobody may lose blocks its publisher, orders and fills also outlive the server", () => {
    for (const type of ["trades", "quotes", "bars", "prices", "orders", "order_news", "fills", "order"] as const)
      expect(messageTopic(type).backpressure, type).toBe("block");
    expect(types.filter((type) => declaredOf(type).durable)).toEqual(["orders", "order_news", "fills", "trade_execution", "risk_alert"]);
  });

  it("docs/messages.md has it", () => {
    const row = (type: MessageType) => {
      const { lane, backpressure, durable } = declaredOf(type);
      const names = Object.keys(messageTypes[type]).join(", ");
      return `| \`${type}\` | ${lane} | ${names} | ${durable ? `${backpressure}, durable` : backpressure} |`;
    };
    const rows = readFileSync(join(packageRoot(), "docs/messages.md"), "utf8").match(/^\| `[a-z_]+` \| (market|engine|compute) .*$/gm);
    expect(rows).toEqual(types.map(row));
  });

  it("names of columns are in one style", () => {
    for (const type of types) for (const name of Object.keys(messageTypes[type])) expect(name, type).toMatch(/^[a-z][A-Za-z]*$/);
  });
});
