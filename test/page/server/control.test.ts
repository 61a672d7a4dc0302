/** Alarms that are acknowledged for all, and digests of the rows that raised them. */
import { once } from "node:events";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { WebSocket } from "ws";
import { crc32c } from "../../../src/bus/frame.js";
import { TopicHash } from "../../../src/bus/topic_hash.js";
import type { Alarm } from "../../../src/page/series/alarm_log.js";
import type { Told } from "../../../src/page/series/wire.js";
import { LiveSource } from "../../../src/page/server/live_source.js";
import { type PageOptions, PageServer } from "../../../src/page/server/page_server.js";
import { requireBuilt } from "../../support/cli.js";
import { buckets, market, topics } from "../kit.js";

beforeAll(requireBuilt);

async function served(more: Partial<PageOptions>) {
  const { job, publishers } = market();
  const heard: Alarm[] = [];
  const options = { host: "127.0.0.1", port: 0, token: undefined, reserved: [], ...more };
  const server = new PageServer(new LiveSource(job), options, crc32c, (alarm) => heard.push(structuredClone(alarm)));
  onTestFinished(() => server.close());
  const url = await server.listen();
  publishers.toxicity.publish(buckets(0, 8, [2, 5]));
  return { url, heard };
}
/** A page, and what it is told. */
async function page(url: string, headers: Record<string, string> = {}) {
  const { host, search } = new URL(url);
  const client = new WebSocket(`ws://${host}/ws${search}`, { headers });
  const told: Told[] = [];
  client.on("message", (data, binary) => void (binary || told.push(JSON.parse(String(data)))));
  onTestFinished(() => client.terminate());
  await once(client, "open");
  const until = async <T>(found: () => T | undefined): Promise<T> => {
    for (;;) {
      const value = found();
      if (value !== undefined) return value;
      await once(client, "message");
    }
  };
  const alarm = (row: number, of: (one: Alarm) => boolean = () => true) =>
    until(() => told.flatMap((one) => (one.kind === "alarms" ? one.alarms : [])).findLast((one) => one.row === row && of(one)));
  const say = (row: number, by: string, note = "") =>
    client.send(JSON.stringify({ kind: "acknowledge", acknowledge: { topic: "toxicity", row, by, note } }));
  const error = () => until(() => told.findLast((one) => one.kind === "error")?.message);
  return { client, told, until, alarm, say, error };
}

describe("an alarm", () => {
  it("is acknowledged for all by who has the token, once, and everybody is told", async () => {
    const { url, heard } = await served({ control: true, token: "t" });
    const [ann, ben] = [await page(url), await page(url)];
    await Promise.all([ann.alarm(2), ben.alarm(2)]);
    expect(ann.told[0]).toMatchObject({ kind: "hello", control: true });
    ann.say(2, " Ann\n", "desk\u2028called");
    const known = { by: "Ann", note: "desk called" };
    for (const one of [ann, ben])
      expect((await one.alarm(2, ({ acknowledged }) => acknowledged !== undefined)).acknowledged).toMatchObject(known);
    ben.say(2, "Ben");
    ben.say(3, "Ben");
    expect(await ben.error()).toBe("there is no alarm at row 3 of 'toxicity'");
    // Whoever comes later is told too; the first stays.
    const late = await page(url);
    expect((await late.alarm(2)).acknowledged).toMatchObject(known);
    expect((await late.alarm(5)).acknowledged).toBeUndefined();
    expect(heard.map(({ row, acknowledged }) => [row, acknowledged!.by])).toEqual([[2, "Ann"]]);
  });

  it("stays as it is where the server was started without control, and where nobody says who he is", async () => {
    const { url, heard } = await served({ token: "t" });
    const ann = await page(url);
    expect(ann.told[0] ?? (await ann.until(() => ann.told[0]))).toMatchObject({ control: false });
    ann.say(2, "Ann");
    expect(await ann.error()).toMatch(/without --control/);
    expect(heard).toEqual([]);
    const controlled = await served({ control: true, token: "t" });
    const ben = await page(controlled.url);
    ben.say(2, " \u0000 ");
    expect(await ben.error()).toMatch(/say who acknowledges/);
    expect(controlled.heard).toEqual([]);
  });

  it("is out of reach of another site's page, with the token and without", async () => {
    const { url } = await served({ control: true, token: "t" });
    await expect(page(url, { origin: "https://evil.example" })).rejects.toThrow("403");
    await expect(page(url.replace("=t", "=u"))).rejects.toThrow("401");
    expect((await fetch(url, { method: "POST", body: "{}" })).status).toBe(405);
    await expect(served({ control: true })).rejects.toMatchObject({ code: "E_PAGE_TOKEN" });
  });

  it("comes with digests that whoever has the rows gets too", async () => {
    const { url } = await served({});
    const ann = await page(url);
    await ann.alarm(5);
    ann.client.send(JSON.stringify({ kind: "rows", rows: { id: 1, topic: "toxicity", from: 5, count: 1, proof: true } }));
    const { proof } = await ann.until(() => ann.told.find((one) => one.kind === "rows"));
    const of = (from: number, to: number) => {
      const hash = new TopicHash(topics.toxicity);
      hash.take(buckets(0, 8, [2, 5]) as never, from, to);
      return hash.digest;
    };
    expect(proof).toEqual({ row: of(5, 6), upTo: { rows: 6, hash: of(0, 6) } });
  });
});
