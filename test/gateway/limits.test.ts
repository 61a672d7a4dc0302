/** What clients can cost: those who do not read, who send what means nothing, or who come in numbers. */
import { get, type IncomingMessage } from "node:http";
import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import { atEnd, client, idsOf, type Message, publish, type Row, started } from "./kit.js";

const limits = { bufferedBytes: 2 ** 18, keptBytes: 2 ** 17, messageBytes: 2 ** 15 };
const turn = () => new Promise((resolve) => setImmediate(resolve));
const batch = (from: number): Row[] => Array.from({ length: 250 }, (_, i) => [(from + i) % 3, from + i]);
const linesOf = (heard: readonly Message[], key: string) => heard.filter((one) => one[key] !== undefined);

describe("a client that does not read", () => {
  it("loses rows by count, catches up with the last ones, and harms nobody", async () => {
    const { url, publisher, gateway } = await started({ limits });
    const [slow, quick] = [await client(url), await client(url)];
    for (const one of [slow, quick]) one.ask({ subscribe: "toxicity" });
    await Promise.all([slow, quick].map((one) => one.until((of) => of.length > 0)));
    slow.socket.pause();
    let id = 0;
    let most = 0;
    for (; gateway.stats().topics[0]!.lost < 20_000; id += 250) {
      publish(publisher, ...batch(id));
      await turn();
      most = Math.max(most, gateway.stats().waitingBytes);
    }
    await quick.until((of) => idsOf(of).at(-1) === id - 1);
    expect(idsOf(quick.heard)).toEqual(Array.from({ length: id }, (_, i) => i));
    expect(most).toBeLessThanOrEqual(2 * limits.bufferedBytes);
    slow.socket.resume();
    // Nothing is published any more: what it missed is told all the same, and the newest rows come.
    await slow.until((of) => of.some(({ known }) => known));
    const told = linesOf(slow.heard, "lost");
    expect(told).toEqual([{ lost: expect.any(Number), topic: "toxicity", by: "client" }]);
    expect(idsOf(slow.heard, false).length + (told[0]!.lost as number)).toBe(id);
    expect(idsOf(slow.heard, true).sort()).toEqual([id - 1, id - 2, id - 3].sort());
    publish(publisher, ...batch(id));
    await slow.until((of) => idsOf(of, false).at(-1) === id + 249);
    expect(idsOf(slow.heard, false).slice(-250)).toEqual(batch(id).map(([, one]) => one));
    const { lost, rows, clients } = gateway.stats().topics[0]!;
    expect([lost, rows, clients]).toEqual([told[0]!.lost, id + 250, 2]);
  });

  it("loses rows by the same rule where it takes events", async () => {
    const { url, publisher, gateway } = await started({ limits });
    const response = await new Promise<IncomingMessage>((resolve) => get(`${url}/events?topic=toxicity`, resolve));
    atEnd(() => response.destroy());
    let text = "";
    response.on("data", (part: Buffer) => (text += part)).pause();
    let id = 0;
    for (; gateway.stats().topics[0]!.lost < 2000; id += 250) {
      publish(publisher, ...batch(id));
      await turn();
    }
    expect(gateway.stats().waitingBytes).toBeLessThanOrEqual(limits.bufferedBytes);
    response.resume();
    while (!text.includes('"known"')) await turn();
    const heard = [...text.matchAll(/^data: (.*)$/gm)].map((line) => JSON.parse(line[1]!) as Message);
    const [told] = linesOf(heard, "lost");
    expect(idsOf(heard, false).length + (told!.lost as number)).toBe(id);
    expect(idsOf(heard, true)).toContain(id - 1);
  });

  it("is closed where nothing of the topic may be left out, with the reason", async () => {
    const { url, alarm, gateway } = await started({ limits, never: ["alarms"] });
    const [slow, quick] = [await client(url), await client(url)];
    for (const one of [slow, quick]) one.ask({ subscribe: "alarms" });
    await Promise.all([slow, quick].map((one) => one.until((of) => of.length > 0)));
    slow.socket.pause();
    let id = 0;
    for (; gateway.stats().closedSlow === 0; id += 250) {
      publish(alarm, ...batch(id));
      await turn();
    }
    slow.socket.resume();
    expect(await slow.closed).toEqual({ code: 1013, reason: "too slow for alarms, of which nothing is left out" });
    const got = idsOf(slow.heard);
    expect(got).toEqual(Array.from({ length: got.length }, (_, i) => i));
    await quick.until((of) => idsOf(of).length === id);
    expect(gateway.stats()).toMatchObject({ clients: 1, closedSlow: 1 });
    expect(gateway.stats().topics[1]).toMatchObject({ lost: 0, clients: 1 });
  });

  it("cannot fill memory with answers that it asks for", async () => {
    const { url, gateway } = await started({ limits: { ...limits, keptBytes: 1 } });
    const one = await client(url);
    one.socket.pause();
    for (let i = 0; gateway.stats().closedSlow === 0; i++) {
      one.ask({ subscribe: "toxicity", last: i % 2 === 0 });
      if (i % 500 === 0) await turn();
    }
    one.socket.resume();
    expect(await one.closed).toEqual({ code: 1013, reason: "does not read what it asks for" });
  });

  it("that answers no ping is dropped, and nobody else", async () => {
    const { url, port, gateway } = await started();
    const well = await client(url);
    await silent(port);
    const look = () => (gateway as unknown as { look(): void }).look();
    expect(gateway.stats().clients).toBe(2);
    const pinged = new Promise((resolve) => well.socket.once("ping", resolve));
    look();
    await pinged;
    well.ask("?"); // its answer comes behind that to the ping
    await well.until((of) => of.length === 1);
    look();
    while (gateway.stats().clients > 1) await turn();
    well.ask("?");
    await well.until((of) => of.length === 2);
  });

  it("is looked for again and again", async () => {
    const { port, gateway } = await started({ limits: { pingMs: 5 } });
    await silent(port);
    while (gateway.stats().came === 0 || gateway.stats().clients > 0) await turn();
  });
});

/** A connection that says what it must and nothing more. */
async function silent(port: number): Promise<void> {
  const dead = connect(port, "127.0.0.1");
  atEnd(() => dead.destroy());
  const key = "sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==";
  dead.write(`GET /ws HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: Upgrade\r\nupgrade: websocket\r\n${key}\r\n\r\n`);
  await new Promise((resolve) => dead.once("data", resolve));
  dead.pause();
}

describe("what a client says", () => {
  it.each([
    ["{", "E_GATEWAY_MESSAGE", /this is no JSON/],
    ["7", "E_GATEWAY_MESSAGE", /a message is an object/],
    ["{}", "E_GATEWAY_MESSAGE", /neither subscribe nor unsubscribe/],
    ['{"subscibe":"toxicity"}', "E_GATEWAY_MESSAGE", /did you mean subscribe\?/],
    ['{"subscribe":7}', "E_GATEWAY_MESSAGE", /subscribe is 7/],
    ['{"subscribe":"toxicity","format":"xml"}', "E_GATEWAY_MESSAGE", /format is "xml".*json or binary/],
    ['{"subscribe":"toxicity","last":1}', "E_GATEWAY_MESSAGE", /last is 1/],
    ['{"subscribe":"toxicity","instruments":[]}', "E_GATEWAY_MESSAGE", /instruments is \[\]/],
    ['{"subscribe":"toxicity","unsubscribe":"toxicity"}', "E_GATEWAY_MESSAGE", /does both/],
    ['{"subscribe":"toxcity"}', "E_GATEWAY_TOPIC", /did you mean toxicity\? there are toxicity, alarms, rate/],
    ['{"unsubscribe":"toxicity"}', "E_GATEWAY_TOPIC", /you do not take/],
    ['{"subscribe":"toxicity","instruments":["ALPHA","BETTA"]}', "E_GATEWAY_INSTRUMENT", /'BETTA'.*did you mean BETA\?/],
    ['{"subscribe":"rate","instruments":["ALPHA"]}', "E_GATEWAY_INSTRUMENT", /does not tell instruments apart/],
  ])("%s is answered with what is wrong", async (message, code, said) => {
    const { url } = await started();
    const one = await client(url);
    one.ask(message);
    await one.until((of) => of.length > 0);
    const { error } = one.heard[0] as unknown as { error: { code: string; message: string; hint: string } };
    expect([error.code, `${error.message}: ${error.hint}`]).toEqual([code, expect.stringMatching(said)]);
  });

  it("closes nothing while it is rare, the client where it goes on, and never the gateway", async () => {
    const { url, publisher } = await started({ limits: { wrong: 3, receivedBytes: 1000 } });
    const [junk, long, good] = [await client(url), await client(url), await client(url)];
    good.ask({ subscribe: "toxicity" });
    for (const message of [Buffer.from([1, 2, 3]), "\u0000", "[".repeat(500)]) junk.socket.send(message);
    long.socket.on("error", () => {}).send("x".repeat(1001));
    expect(await junk.closed).toEqual({ code: 1008, reason: "3 messages could not be followed" });
    expect(linesOf(junk.heard, "error")).toHaveLength(3);
    expect((await long.closed).code).toBe(1009);
    await good.until((of) => of.length > 0);
    publish(publisher, [0, 1]);
    await good.until((of) => idsOf(of).length > 0);
  });

  it("nobody is served beyond the bound of clients", async () => {
    const { url, gateway } = await started({ limits: { clients: 1 } });
    const first = await client(url);
    await expect(client(url)).rejects.toThrow("503 there are 1 clients, as many as this gateway serves");
    expect((await fetch(`${url}/events?topic=toxicity`)).status).toBe(503);
    first.socket.close();
    await first.closed;
    while (gateway.stats().clients > 0) await turn();
    await client(url);
  });
});
