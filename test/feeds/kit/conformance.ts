/** What every venue must do, told by examples of its messages. */
import { describe, expect, it } from "vitest";
import { hear } from "../../../src/feeds/kit/hear.js";
import type { Channel, Notice, Seen, Venue } from "../../../src/feeds/kit/venue.js";
import { rowKinds, rowState } from "../../../src/files/frames/frame_rows.js";
import { seeded } from "../../../src/kernels/parts/sample.js";
import { backends, outcome, parse, type Read, type Row, received } from "./parse.js";

export interface Example {
  readonly text: string;
  /** What its rows must hold, each. */
  readonly rows: readonly Partial<Row>[];
  readonly instruments: readonly string[];
  /** An answer of REST, about the first instrument. */
  readonly rest?: true;
}
export interface Examples {
  readonly data: Readonly<Record<string, Example>>;
  readonly notices: readonly (readonly [text: string, says: Notice])[];
}

const { trade, quote, depth, refused, notice } = rowKinds;
type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const readOf = (venue: Venue, { rest }: Example): Read => (rest ? { rules: venue.rest.rules } : venue);
const aboutOf = ({ rest }: Example) => (rest ? { about: 0 } : {});

/** Every place of a message that can be taken out or changed. */
function* places(of: Json, path: (string | number)[] = []): Generator<(string | number)[]> {
  if (typeof of !== "object" || of === null) return;
  for (const key of Array.isArray(of) ? of.keys() : Object.keys(of)) {
    yield [...path, key];
    yield* places((of as { [key: string]: Json })[key]!, [...path, key]);
  }
}
function changed(text: string, path: readonly (string | number)[], change: (parent: any, key: any) => void): string {
  const copy = JSON.parse(text);
  const parent = path.slice(0, -1).reduce((at: any, key) => at[key], copy);
  change(parent, path.at(-1));
  return JSON.stringify(copy);
}
/** What tells a row that is right from one that is wrong. */
const core = ({ kind, instrument, id, first, previous, price, size, ask, askSize, side }: Row) => ({
  ...{ kind, instrument, id, first, previous, price, size, ask, askSize, side },
});
const same = (a: readonly Row[], b: readonly Row[]) => expect(a).toEqual(b);

export function conforms(venue: Venue, { data, notices }: Examples): void {
  const { example, limits, order, rest } = venue;

  describe(`${venue.name}: names`, () => {
    it("spells symbols as its messages do, and refuses what cannot be one", () => {
      expect(venue.symbol(example)).toBe(example);
      expect(venue.symbol(example.toLowerCase())).toBe(example);
      for (const no of ["", " ", "BTC USDT", 'BTC"USDT', "BTC/USD/EUR", "a&b=c", "../x", "\n"])
        expect(venue.symbol(no), no).toBeUndefined();
    });
  });

  describe(`${venue.name}: subscriptions`, () => {
    const channels: readonly Channel[] = ["trades", "quotes", "depth"];
    const wanted = Array.from({ length: 500 }, (_, i) => channels.map((channel) => ({ channel, symbol: `${example}${i}` }))).flat();
    it("puts all that is wanted on connections, each once and no more than are allowed on one", () => {
      const links = venue.links(wanted);
      const sorted = (of: readonly object[]) => of.map((one) => JSON.stringify(one)).sort();
      expect(sorted(links.flatMap((link) => link.wanted))).toEqual(sorted(wanted));
      for (const link of links) {
        expect(link.url).toMatch(/^wss:\/\//);
        expect(link.url.length).toBeLessThan(8000);
        expect(link.wanted.length).toBeLessThanOrEqual(limits.streams);
        for (const text of link.send) expect(typeof JSON.parse(text)).toBe("object");
        for (const { symbol } of link.wanted) expect((link.url + link.send.join("")).toLowerCase()).toContain(symbol.toLowerCase());
      }
      expect(venue.links([])).toEqual([]);
      expect(venue.links(wanted.slice(0, 3), "ws://127.0.0.1:1")[0]!.url).toMatch(/^ws:\/\/127\.0\.0\.1:1/);
    });
    it("asks for one more and for one less in JSON", () => {
      for (const text of [...venue.subscribe(wanted.slice(0, 3), 7), ...venue.unsubscribe(wanted.slice(0, 3), 8)])
        expect(text.toLowerCase()).toContain(JSON.stringify(JSON.parse(text)).toLowerCase());
      expect(venue.subscribe(wanted.slice(0, 3), 7).join()).not.toBe(venue.unsubscribe(wanted.slice(0, 3), 7).join());
      expect(venue.subscribe([], 7)).toEqual([]);
    });
    it("tells its limits", () => {
      for (const limit of [limits.streams, limits.connections, limits.connectionSeconds, limits.messagesPerSecond])
        expect(limit).toBeGreaterThan(0);
      expect(venue.heartbeat.staleSeconds).toBeGreaterThan(0);
      expect(rest.url).toMatch(/^https:\/\//);
      expect(rest.weight.allowed).toBeGreaterThanOrEqual(Math.max(rest.weight.trades, rest.weight.snapshot));
    });
  });

  describe.each(backends)(`${venue.name}: messages, %s`, (backend) => {
    it.each(Object.entries(data))("%s", (_, one) => {
      const rows = parse(readOf(venue, one), one.instruments, [one.text], { ...aboutOf(one), backend });
      expect(rows.map((row, i) => ({ ...row, ...one.rows[i] }))).toEqual(rows);
      expect(rows.length).toBe(one.rows.length);
      expect(rows.filter(({ state }) => state & rowState.first).length).toBe(1);
      expect(rows.at(-1)!.state & rowState.last).toBe(rowState.last);
    });

    it.each(Object.entries(data))("%s: keys in another order, blanks and unknown keys change nothing", (_, one) => {
      const read = (text: string) => parse(readOf(venue, one), one.instruments, [text], { ...aboutOf(one), backend });
      const turned = (value: Json): Json =>
        Array.isArray(value)
          ? value.map(turned)
          : typeof value === "object" && value !== null
            ? Object.fromEntries([
                ["zz", { e: "trade", type: "match", data: [1, { p: "2" }] }] as [string, Json],
                ...Object.entries(value)
                  .reverse()
                  .map(([k, v]) => [k, turned(v)] as [string, Json]),
              ])
            : value;
      const rows = read(JSON.stringify(JSON.parse(one.text)));
      expect(rows.map(core)).toEqual(one.rows.map((_, i) => core(rows[i]!)));
      expect(read(JSON.stringify(turned(JSON.parse(one.text)), undefined, 1)).map(core)).toEqual(rows.map(core));
    });

    it.each(Object.entries(data))("%s: without a value, or with a wrong one, it has the same rows or none", (_, one) => {
      const read = (text: string) => parse(readOf(venue, one), one.instruments, [text], { ...aboutOf(one), backend });
      const right = new Set(read(one.text).map((row) => JSON.stringify(core(row), (_, v) => (typeof v === "bigint" ? String(v) : v))));
      let refusals = 0;
      for (const path of places(JSON.parse(one.text)))
        for (const wrong of [undefined, "", "x", "-1", "1e400", "NaN", -5, {}, [], 1.5e300, "Infinity", "0x10"] as const) {
          const text = changed(one.text, path, (parent, key) => {
            if (wrong !== undefined) parent[key] = wrong;
            else if (Array.isArray(parent)) parent.splice(key, 1);
            else delete parent[key];
          });
          for (const row of read(text)) {
            if (row.kind === refused || row.kind === notice) refusals++;
            else if (row.kind === trade || row.kind === depth) expect(row.price > 0 || (row.state & rowState.empty) > 0, text).toBe(true);
            // What was not touched stays as it was: sizes and sides that can be told apart do not move.
            if (row.kind === trade) expect([1, -1]).toContain(row.side);
            if (row.kind !== refused && row.kind !== notice && row.kind !== quote)
              expect(row.size >= 0 || (row.state & rowState.empty) > 0, text).toBe(true);
          }
        }
      expect(right.size).toBeGreaterThan(0);
      expect(refusals).toBeGreaterThan(10);
    });

    it.each(Object.entries(data).filter(([, { rest: answer }]) => !answer))(
      "%s: of a symbol that was not asked for it has no rows",
      (_, one) => {
        expect(outcome(parse(venue, ["OTHER"], [one.text], { backend }))).toEqual(["symbol: a symbol that was not asked for"]);
      },
    );

    it.each(Object.entries(data).filter(([, one]) => one.rows.some(({ kind }) => kind === trade || kind === quote)))(
      "%s: a clock years off is not believed",
      (_, one) => {
        const rows = parse(readOf(venue, one), one.instruments, [one.text], {
          ...aboutOf(one),
          backend,
          at: received + 40n * 365n * 86_400_000_000_000n,
        });
        const timed = parse(readOf(venue, one), one.instruments, [one.text], { ...aboutOf(one), backend }).map(
          ({ state }) => !(state & rowState.untimed),
        );
        rows.forEach((row, i) => {
          expect(row.time).toBe(row.received);
          expect((row.state & rowState.clock) > 0).toBe(timed[i]);
        });
      },
    );
  });

  describe(`${venue.name}: bad frames`, () => {
    it("are read alike by both forms, and never throw, whatever bytes they hold", () => {
      const random = seeded(7);
      for (const one of Object.values(data)) {
        const frames = Array.from({ length: 400 }, () => {
          const bytes = Buffer.from(one.text);
          const cut = random() < 0.2 ? bytes.subarray(0, Math.floor(random() * bytes.length)) : bytes;
          for (let i = 0; i < 1 + 3 * random() && cut.length > 0; i++)
            cut[Math.floor(random() * cut.length)] =
              random() < 0.5 ? '{}[]",:-+.eE0159\\nft \n'.charCodeAt(Math.floor(22 * random())) : Math.floor(256 * random());
          return Buffer.from(cut);
        });
        const read = (backend: (typeof backends)[number]) =>
          parse(readOf(venue, one), one.instruments, frames, { ...aboutOf(one), backend });
        const rows = read("native");
        same(rows, read("reference"));
        expect(new Set(rows.map(({ frame }) => frame)).size).toBe(frames.length);
        expect(outcome(rows).filter((what) => what === "no JSON").length).toBeGreaterThan(50);
      }
    });
    it("that are no message at all are refused", () => {
      const texts = ["", " ", "null", "1", '"x"', "{", "[", "{}x", "[1,]", '{"a":01}', "\u0000", "{'a':1}", "[".repeat(1000), "\ufeff{}"];
      for (const backend of backends) expect(outcome(parse(venue, [example], texts, { backend }))).toEqual(texts.map(() => "no JSON"));
    });
  });

  describe(`${venue.name}: notices`, () => {
    it.each(notices)("%s", (text, says) => {
      for (const backend of backends) expect(outcome(parse(venue, [example], [text], { backend }))).toEqual(["notice"]);
      expect(hear(venue, Buffer.from(text))).toEqual(says);
    });
    it("never throw, whatever the JSON is", () => {
      const words = [
        "event",
        "type",
        "error",
        "method",
        "channel",
        "result",
        "code",
        "msg",
        "e",
        "data",
        "id",
        "status",
        "pair",
        "success",
        "x",
      ];
      const values = [
        null,
        true,
        0,
        -1,
        1e300,
        "",
        "error",
        "heartbeat",
        "subscribe",
        "subscriptions",
        "x".repeat(5000),
        [],
        {},
        [[]],
        { error: null },
      ];
      const random = seeded(3);
      const pick = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)]!;
      const kinds = new Set([
        "subscribed",
        "unsubscribed",
        "refused",
        "heartbeat",
        "pong",
        "status",
        "error",
        "ending",
        "ignored",
        "unknown",
      ]);
      for (let i = 0; i < 3000; i++) {
        const message = random() < 0.1 ? pick(values) : Object.fromEntries(Array.from({ length: 4 }, () => [pick(words), pick(values)]));
        const said = hear(venue, Buffer.from(JSON.stringify(message)));
        expect(kinds).toContain(said.what);
        expect((said.text ?? "").length).toBeLessThanOrEqual(420);
      }
    });
  });

  describe(`${venue.name}: refills`, () => {
    const hole = { symbol: example, first: 5000n, last: 7499n, since: received, until: received + 10_000_000_000n };
    it("asks page by page until all is there, or there is no more", () => {
      // A venue that answers with the thousand next or before, as the address asks.
      let seen: Seen | undefined;
      const asked = new Set<string>();
      for (let page = 0; page < 10; page++) {
        const path = rest.trades?.(hole, seen);
        if (path === undefined) break;
        expect(path).toMatch(/^\/[^ ]+$/);
        expect(asked).not.toContain(path);
        asked.add(path);
        const before = /after=(\d+)/.exec(path);
        const from = before ? BigInt(before[1]!) - 1000n : 5000n + 1000n * BigInt(page);
        const [lowest, highest] = [from < 4000n ? 4000n : from, from + 999n];
        const rows = (seen?.rows ?? 0) + 1000;
        const latest = received + (highest - 4999n) * 4_000_000n;
        seen = {
          rows,
          lowest: seen && seen.lowest < lowest ? seen.lowest : lowest,
          highest: seen && seen.highest > highest ? seen.highest : highest,
          latestTime: latest,
        };
      }
      expect(asked.size).toBe(3);
      expect(seen!.lowest <= hole.first && seen!.highest >= hole.last).toBe(true);
      expect(rest.trades?.(hole, { rows: 0, lowest: -1n, highest: -1n, latestTime: -1n })).toBeUndefined();
    });
    it("a book comes from REST where its messages count updates, else with the subscription", () => {
      expect(rest.snapshot !== undefined).toBe(order.depth !== "checksum");
      if (rest.snapshot) expect(rest.snapshot(example)).toMatch(/^\/[^ ]+$/);
    });
    it("ids come where their order is told", () => {
      for (const { text, instruments, rest: answer } of Object.values(data))
        for (const row of parse(answer ? { rules: rest.rules } : venue, instruments, [text], answer ? { about: 0 } : {})) {
          if (row.kind === trade) expect(row.id >= 0n, text).toBe(order.trades === "consecutive");
          if (row.kind !== depth || row.state & rowState.snapshot) continue;
          expect(row.first >= 0n, text).toBe(order.depth === "range" || order.depth === "previous");
          expect(row.previous >= 0n, text).toBe(order.depth === "previous");
          if (row.state & rowState.last) expect((row.state & rowState.checksum) > 0, text).toBe(order.depth === "checksum");
        }
    });
  });
}
