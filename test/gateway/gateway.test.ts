/** What programs outside see: rows in order, by instrument, last values first, in three forms. */
import { get } from "node:http";
import { describe, expect, it } from "vitest";
import type { Topic } from "../../src/bus/bus.js";
import { MemoryBus } from "../../src/bus/memory_bus.js";
import { BusError } from "../../src/core/contract/errors.js";
import { Gateway } from "../../src/gateway/gateway.js";
import { atEnd, client, idsOf, type Message, names, plain, publish, rowsOf, started, timeOf, toxicity } from "./kit.js";

const until = async (done: () => boolean) => {
  while (!done()) await new Promise((resolve) => setTimeout(resolve, 1));
};

describe("a client", () => {
  it.each(["json", "binary"])("gets rows of its instruments as %s, and no others", async (format) => {
    const { url, publisher, gateway } = await started();
    const [some, all] = [await client(url), await client(url)];
    some.ask({ subscribe: "toxicity", instruments: ["GAMMA", "ALPHA"], format });
    all.ask({ subscribe: "toxicity", format });
    await Promise.all([some.until((of) => of.length > 0), all.until((of) => of.length > 0)]);
    const columns = [
      { name: "time", dtype: "i64", width: 1 },
      { name: "instrument", dtype: "u32", width: 1 },
      { name: "id", dtype: "f64", width: 1 },
      { name: "pair", dtype: "i32", width: 2 },
    ];
    expect(some.heard[0]).toEqual({ subscribed: "toxicity", stream: 1, format, columns, symbols: names });
    publish(publisher, [1, 0], [2, 1], [0, 2], [1, 3], [2, 4]);
    await Promise.all([some.until((of) => idsOf(of).length === 3), all.until((of) => idsOf(of).length === 5)]);
    const [got] = rowsOf(some.heard) as [Message];
    expect(got).toMatchObject({ sequence: 1, rows: 3 });
    expect(got.columns).toEqual({
      time: [1, 2, 4].map((id) => String(timeOf(id))),
      instrument: [2, 0, 2],
      id: [1, 2, 4],
      pair: [1, -1, 2, -2, 4, -4],
    });
    expect(idsOf(all.heard)).toEqual([0, 1, 2, 3, 4]);
    some.ask({ unsubscribe: "toxicity" });
    await some.until((of) => of.some(({ unsubscribed }) => unsubscribed === "toxicity"));
    publish(publisher, [0, 5]);
    await all.until((of) => idsOf(of).length === 6);
    expect(idsOf(some.heard)).toEqual([1, 2, 4]);
    expect(gateway.stats().topics[0]).toMatchObject({ topic: "toxicity", rows: 6, clients: 1, sent: 9, lost: 0 });
  });

  it("gets the last row of each instrument first, then what follows, whatever it asked for before", async () => {
    const { url, publisher, gateway } = await started();
    publish(publisher, [0, 0], [1, 1], [0, 2]);
    await until(() => gateway.stats().topics[0]!.rows === 3);
    const one = await client(url);
    one.ask({ subscribe: "toxicity", instruments: ["BETA"] });
    one.ask({ subscribe: "toxicity" });
    await one.until((of) => idsOf(of).length === 3);
    expect(rowsOf(one.heard).map(({ known, sequence, columns }) => [known, sequence, columns!.id])).toEqual([
      [true, 3, [1]],
      [true, 3, [2, 1]],
    ]);
    publish(publisher, [1, 3], [2, 4]);
    await one.until((of) => idsOf(of, false).includes(4));
    expect(rowsOf(one.heard).slice(2)).toMatchObject([{ sequence: 3, columns: { id: [3, 4] } }]);
    const news = await client(url);
    news.ask({ subscribe: "toxicity", last: false });
    await news.until((of) => of.length > 0);
    publish(publisher, [2, 5]);
    await news.until((of) => idsOf(of).length > 0);
    expect(idsOf(news.heard)).toEqual([5]);
    const { hits, misses } = gateway.stats().hub;
    expect([hits, misses]).toEqual([2, 0]);
  });

  it("that joins under load misses nothing and gets nothing twice, in JSON and in frames", async () => {
    const { url, publisher, gateway } = await started();
    const rows = 40_000;
    let id = 0;
    const feeding = (async () => {
      for (; id < rows; await new Promise((resolve) => setImmediate(resolve)))
        publish(publisher, ...Array.from({ length: 200 }, () => [id % 3, id++] as const));
    })();
    const clients = await Promise.all(Array.from({ length: 6 }, () => client(url)));
    for (const [at, one] of clients.entries()) {
      await until(() => id > at * 4000);
      one.ask({ subscribe: "toxicity", format: at % 2 === 0 ? "json" : "binary", ...(at < 4 ? {} : { instruments: ["BETA"] }) });
    }
    await feeding;
    const last = rows - 1 - ((rows - 2) % 3); // of BETA
    for (const [at, one] of clients.entries()) {
      await one.until((of) => idsOf(of, false).at(-1) === (at < 4 ? rows - 1 : last));
      const step = at < 4 ? 1 : 3;
      const [known, news] = [idsOf(one.heard, true), idsOf(one.heard, false)];
      const first = Math.max(...known) + step;
      expect(known.length).toBe(at === 0 && known.length === 0 ? 0 : 4 - step);
      expect(news).toEqual(Array.from({ length: news.length }, (_, i) => first + step * i));
      for (const { sequence, columns, known } of rowsOf(one.heard)) if (!known) expect(sequence).toBe(columns!.id[0]);
    }
    expect(gateway.stats()).toMatchObject({ closedSlow: 0 });
  });

  it("gets many rows in several messages, each with its number", async () => {
    const { url, publisher } = await started({ limits: { messageBytes: 280 } });
    const [all, some] = [await client(url), await client(url)];
    all.ask({ subscribe: "toxicity", format: "binary" });
    some.ask({ subscribe: "toxicity", format: "binary", instruments: ["BETA"] });
    await Promise.all([all, some].map((one) => one.until((of) => of.length > 0)));
    publish(publisher, ...Array.from({ length: 35 }, (_, id) => [id % 3, id] as const));
    await Promise.all([all.until((of) => idsOf(of).length === 35), some.until((of) => idsOf(of).length === 12)]);
    const numbers = (of: readonly Message[]) => rowsOf(of).map(({ sequence, rows, columns }) => [sequence, rows, columns!.id[0]]);
    expect(numbers(all.heard)).toEqual([0, 10, 20, 30].map((at) => [at, Math.min(10, 35 - at), at]));
    expect(numbers(some.heard)).toEqual([
      [1, 10, 1],
      [31, 2, 31],
    ]);
  });

  it("of very many instruments gets those that were heard of last, and how many there are more", async () => {
    const { url, publisher, gateway } = await started({ limits: { messageBytes: 2 ** 12, bufferedBytes: 2 ** 14 } });
    publish(publisher, ...Array.from({ length: 1000 }, (_, id) => [id, id] as const));
    await until(() => gateway.stats().topics[0]!.rows === 1000);
    const one = await client(url);
    one.ask({ subscribe: "toxicity", format: "binary" });
    const most = Math.floor(2 ** 13 / 28);
    await one.until((of) => idsOf(of).length === most);
    expect(one.heard[1]).toEqual({ withheld: 1000 - most, topic: "toxicity" });
    expect(idsOf(one.heard, true)).toEqual(Array.from({ length: most }, (_, i) => 1000 - most + i));
  });

  it("is told where a topic cannot be read, and goes on when it can", async () => {
    const bus = new MemoryBus();
    let opened = 0;
    const subscribe = (of: Topic<any>) => {
      if (++opened === 2) throw new Error("not yet");
      const subscription = bus.subscribe(of);
      const gone = new BusError("E_BUS_GONE", "the ring is gone", { hint: "open another" });
      return opened === 1
        ? Object.assign(subscription, { arrival: () => new Promise((_, reject) => (fail = () => reject(gone))) })
        : subscription;
    };
    let fail = () => {};
    const gateway = new Gateway({ topics: [toxicity], subscribe, limits: { againMs: 5 } });
    const { url } = await gateway.listen();
    atEnd(() => gateway.close());
    const one = await client(url);
    one.ask({ subscribe: "toxicity" });
    await one.until((of) => of.length > 0);
    fail();
    await one.until((of) => of.length > 1);
    expect(one.heard[1]).toEqual({ topic: "toxicity", error: { code: "E_BUS_GONE", message: "the ring is gone", hint: "open another" } });
    await until(() => opened === 3 && bus.stats(toxicity).subscribers.length === 1);
    publish(bus.publisher(toxicity), [0, 7]);
    await one.until((of) => idsOf(of).includes(7));
  });

  it("hears of symbols that come later, before their rows", async () => {
    const { url, publisher } = await started({ instruments: [...names, "DELTA"] });
    const [all, late] = [await client(url), await client(url)];
    all.ask({ subscribe: "toxicity" });
    late.ask({ subscribe: "toxicity", instruments: ["DELTA"] });
    await Promise.all([all.until((of) => of.length > 0), late.until((of) => of.length > 0)]);
    const id = publisher.symbols.add("DELTA");
    publish(publisher, [0, 1], [id, 2]);
    await Promise.all([all.until((of) => idsOf(of).length === 2), late.until((of) => idsOf(of).length === 1)]);
    expect(all.heard[1]).toEqual({ topic: "toxicity", from: 3, symbols: ["DELTA"] });
    expect(idsOf(late.heard)).toEqual([2]);
  });

  it("takes several topics on one connection, told apart in frames by their stream; numbers that are none are null", async () => {
    const { url, bus, publisher, alarm } = await started();
    const one = await client(url);
    for (const topic of ["toxicity", "alarms"]) one.ask({ subscribe: topic, format: "binary" });
    one.ask({ subscribe: "rate" });
    await one.until((of) => of.length === 3);
    publish(publisher, [0, 7]);
    publish(alarm, [0, 8]);
    bus.publisher(plain).publish({ rate: Float64Array.of(Number.NaN, 2) });
    await one.until((of) => of.length === 6);
    expect(one.heard.slice(3).map(({ stream, columns }) => [stream, columns!.id ?? columns])).toEqual(
      expect.arrayContaining([
        [1, [7]],
        [2, [8]],
        [undefined, { rate: [null, 2] }],
      ]),
    );
  });
});

describe("server-sent events", () => {
  /** Of a request that goes on: its status, and what came until now. */
  const events = (url: string) =>
    new Promise<{
      status: number;
      type: string | undefined;
      text: () => string;
      until: (done: (text: string) => boolean) => Promise<void>;
    }>((resolve, reject) => {
      const request = get(url, (response) => {
        let text = "";
        let stir = () => {};
        response.on("data", (part: Buffer) => {
          text += part;
          stir();
        });
        response.on("error", () => {});
        const wait = async (done: (text: string) => boolean) => {
          while (!done(text)) await new Promise<void>((again) => (stir = again));
        };
        resolve({ status: response.statusCode!, type: response.headers["content-type"], text: () => text, until: wait });
      });
      request.on("error", reject);
      atEnd(() => request.destroy());
    });

  it("carry the same JSON, numbered", async () => {
    const { url, publisher, gateway } = await started();
    publish(publisher, [0, 0], [1, 1]);
    await until(() => gateway.stats().topics[0]!.rows === 2);
    const one = await events(`${url}/events?topic=toxicity&instrument=ALPHA`);
    await one.until((text) => text.includes('"known"'));
    publish(publisher, [1, 2], [0, 3]);
    await one.until((text) => text.includes("id: 3\n"));
    expect([one.status, one.type]).toEqual([200, "text/event-stream"]);
    const messages = [...one.text().matchAll(/^data: (.*)$/gm)].map((line) => JSON.parse(line[1]!));
    expect(messages.map(({ columns, subscribed }) => subscribed ?? columns.id)).toEqual(["toxicity", [0], [3]]);
    await gateway.close();
    await one.until((text) => text.includes('{"closed":1001'));
  });

  it("of what is not there say what is", async () => {
    const { url } = await started();
    for (const [path, said] of [
      ["/events?topic=toxcity", "did you mean toxicity?"],
      ["/events?topic=toxicity&instrument=ALFA", "did you mean ALPHA?"],
      ["/events?topic=rate&instrument=ALPHA", "does not tell instruments apart"],
      ["/events", "there are toxicity, alarms, rate"],
    ] as const) {
      const answer = await fetch(url + path);
      expect([path, answer.status, await answer.text()]).toEqual([path, 404, expect.stringContaining(said)]);
    }
  });
});

it("/topics lists what there is", async () => {
  const { url, publisher, gateway } = await started({ routes: { "/healthz": (_, response) => void response.end("well") } });
  publish(publisher, [0, 0]);
  await until(() => gateway.stats().topics[0]!.rows === 1);
  const { topics } = (await (await fetch(`${url}/topics`)).json()) as { topics: Message[] };
  expect(topics.map(({ topic, rows, symbols, backpressure }) => [topic, rows, symbols, backpressure])).toEqual([
    ["toxicity", 1, names, toxicity.backpressure],
    ["alarms", 0, names, "evict"],
    ["rate", 0, [], "block"],
  ]);
  expect(await (await fetch(`${url}/healthz`)).text()).toBe("well");
  expect([(await fetch(`${url}/nothing`)).status, (await fetch(url, { method: "POST" })).status]).toEqual([404, 405]);
});
