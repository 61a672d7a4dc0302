import { describe, expect, it } from "vitest";
import { install } from "../../../src/backends/index.js";
import { lines, logLine } from "../../../src/feeds/audit/feed_log.js";
import { guessVenue, symbolsIn } from "../../../src/feeds/audit/guess_venue.js";
import { venues } from "../../../src/feeds/venues.js";

install();
const read = (line: string) => {
  const found = logLine(Buffer.from(line));
  return found && { text: Buffer.from(found.frame).toString(), received: found.received };
};

describe("lines of a log", () => {
  it.each([
    ['{"a":1}', '{"a":1}', undefined],
    ['1633998512.0633569: {"a":1}', '{"a":1}', 1633998512063356900n],
    ["1618678133.365913: [1]", "[1]", 1618678133365913000n],
    ['1723161253937085768 {"a":1}', '{"a":1}', 1723161253937085768n],
    ["1723161253937 {}", "{}", 1723161253937000000n],
    ["1723161253937123 {}", "{}", 1723161253937123000n],
    ["12345 {}", "{}", undefined],
    ["1723161253 not json", "not json", 1723161253000000000n],
  ])("%s", (line, text, received) => expect(read(line)).toEqual({ text, received }));
  it.each(["", "wss://ws.kraken.com <-> 1618678132.3858151", "1723161253937085768", "# remark"])("without a message: %s", (line) =>
    expect(read(line)).toBeUndefined(),
  );

  it("are whole, wherever the chunks are cut", async () => {
    const text = Buffer.from("one\ntwo two\n\nthree");
    for (let size = 1; size <= text.length; size++) {
      const chunks = async function* () {
        for (let at = 0; at < text.length; at += size) yield text.subarray(at, at + size);
      };
      const found: string[] = [];
      for await (const line of lines(chunks())) found.push(Buffer.from(line).toString());
      expect(found).toEqual(["one", "two two", "", "three"]);
    }
  });
});

describe("whose messages they are", () => {
  it.each([
    ["binance", '{"e":"depthUpdate","E":1,"s":"X","U":1,"u":2,"b":[["1","1"]],"a":[]}'],
    ["binance_futures", '{"e":"depthUpdate","E":1,"T":1,"s":"X","U":1,"u":2,"pu":0,"b":[["1","1"]],"a":[]}{'.slice(0, -1)],
    ["coinbase", '{"type":"l2update","product_id":"X-Y","changes":[["sell","1","1"]],"time":"2021-04-17T16:43:37.075687Z"}'],
    ["kraken_v1", '[992,{"b":[["354.15","5.0","1618678133.365913"]],"c":"2583817756"},"book-1000","XMR/USD"]'],
    ["kraken", '{"channel":"ticker","type":"update","data":[{"symbol":"X/Y","bid":1,"ask":2}]}'],
  ])("%s", (name, text) => {
    const frames = [
      text,
      ...(name === "binance_futures" ? ['{"e":"bookTicker","u":1,"s":"X","b":"1","B":"1","a":"2","A":"1","T":1,"E":1}'] : []),
    ].map((one) => Buffer.from(one));
    const symbols = new Set<string>();
    for (const frame of frames) symbolsIn(frame, symbols);
    expect(guessVenue(venues, frames, [...symbols])?.name).toBe(name);
  });
  it("nobody's", () => expect(guessVenue(venues, [Buffer.from("{}"), Buffer.from("x")], ["X"])).toBeUndefined());
});
