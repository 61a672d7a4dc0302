/** Rows that are passed over, JSON records, scaled prices, times of day and of other zones: both forms of the parser. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { zoneTable } from "../../../src/files/times/zone.js";
import {
  backends,
  bytesOf,
  cut,
  expectSame,
  kindWords,
  noAddon,
  type ParserInputs,
  type ParserOptions,
  parse,
  parseText,
  pathsOf,
  plain,
} from "../kit/parse.js";

/** time,price,size,side,symbol,kind */
const kinds: ParserOptions = { ...plain, columns: 6, sideColumn: 3, symbolColumn: 4, kindColumn: 5 };
const newYork = { zone: zoneTable("America/New_York") };
const ns = (date: string) => BigInt(Date.parse(date)) * 1_000_000n;

/** {"t":..,"d":{"p":..,"q":..},"s":..,"y":..,"k":..} */
const nested = pathsOf({ time: "t", price: "d.p", size: "d.q", side: "s", symbol: "y", kind: "k" });
const json: ParserOptions = { ...kinds, columns: 6, priceColumn: 1, sizeColumn: 2 };
const record = (t: number, p = "10.5", more = "") => `{"t":${t},"d":{"p":"${p}","q":2},"s":"buy","y":"X","k":"T"${more}}`;

describe.each(backends)("the parser on %s", (backend) => {
  const one = (text: string, options: ParserOptions = plain, inputs?: ParserInputs) => parseText(`${text}\n`, options, backend, inputs);
  const refusal = (text: string, options?: ParserOptions, inputs?: ParserInputs) =>
    one(text, options, inputs).bad.map((b) => b.slice(0, 5));

  test("rows of other kinds are passed over whatever else they hold, and counted by kind", () => {
    const text = "1,2,3,buy,X,T\nx,,,,,A\n2,2,3,buy,X,a\n3,2,3,buy,X,\n4,2,3,buy,X,C\n5,2,3,buy,X,t";
    const { rows, bad, state } = one(text, kinds, kindWords());
    expect(rows.map((r) => r.time)).toEqual([1_000_000_000n, 3_000_000_000n, 5_000_000_000n]);
    expect(bad).toEqual([]);
    expect((state.counts as BigInt64Array)[7]).toBe(3n);
    expect([...(state.kinds as BigInt64Array)].slice(0, 4)).toEqual([0n, 0n, 2n, 1n]);
    expect(refusal("1,2,3,buy,X,Z", kinds, kindWords())).toEqual([["kind", 1, 5, 12, 1]]);
    const others = one("1,2,3,buy,X,Z\n1,2,3,buy,X,T", { ...kinds, otherKinds: 1 }, kindWords());
    expect([others.rows.length, (others.state.kinds as BigInt64Array)[0]]).toEqual([1, 1n]);
  });

  test("symbols that are not asked for are passed over, by their exact name, and never get an id", () => {
    const text = "1,2,3,buy,Z,T\n1,2,3,buy,Y,T\n0,2,3,buy,x,T\n2,2,3,buy,X,T";
    const { rows, bad, state } = one(text, { ...kinds, symbols: 2 }, kindWords("X", "Y"));
    expect(rows.map((r) => [r.time, r.instrument])).toEqual([
      [1_000_000_000n, 0],
      [2_000_000_000n, 1],
    ]);
    expect([bad, (state.kinds as BigInt64Array)[1]]).toEqual([[], 2n]);
    expect(refusal("1,2,3,buy,,T", kinds, kindWords("X"))).toEqual([["empty", 1, 4, 10, 0]]);
  });

  test("prices as integers of a smaller unit are rounded once", () => {
    const price = (text: string, priceScale: number) => one(`1,${text},3`, { ...plain, priceScale }).rows[0]?.price;
    expect(price("5853300", 4)).toBe(585.33);
    expect(price("4347750000000", 9)).toBe(4347.75);
    expect(price("1", 9)).toBe(1e-9);
    expect(price("123456789012345678", 9)).toBe(Number("123456789.012345678"));
    expect(price("12.5e2", 4)).toBe(0.125);
    expect(refusal("1,9223372036854775807,3", { ...plain, priceScale: 9 })).toEqual([["price", 1, 1, 2, 19]]);
    expect(refusal("1,3e-07.0,3", { ...plain, priceScale: 9 })).toEqual([["number", 1, 1, 2, 7]]);
    for (let i = 0; i < 200; i++) {
      const digits = String(Math.round(1e15 * Math.abs(Math.sin(i + 1))));
      expect(price(digits, 7)).toBe(Number(`${digits}e-7`));
    }
  });

  test("seconds since midnight, of a day and in a zone", () => {
    const day = Date.UTC(2012, 5, 21) / 86_400_000;
    const time = (text: string, inputs?: ParserInputs) => one(`${text},2,3`, { ...plain, timeFormat: "of_day", day }, inputs);
    expect(time("34200.004241176").rows[0]!.time).toBe(ns("2012-06-21T09:30:00Z") + 4_241_176n);
    expect(time("34200.004241176", newYork).rows[0]!.time).toBe(ns("2012-06-21T13:30:00Z") + 4_241_176n);
    expect(time("86399.999999999").rows[0]!.time).toBe(ns("2012-06-22T00:00:00Z") - 1n);
    expect(time("86400").bad[0]).toEqual(["time_range", 1, 0, 0, 5, "86400,2,3"]);
    expect(time("99999999999999999999").bad[0]![0]).toBe("time_range");
    expect(time("-1").bad[0]![0]).toBe("time");
  });

  test("dates with slashes or nothing between, and with the month first", () => {
    const time = (text: string, timeFormat: "iso" | "mdy", inputs?: ParserInputs) => {
      const { rows, bad } = one(`"${text}",2,3`, { ...plain, timeFormat }, inputs);
      return rows[0]?.time ?? bad[0]![0];
    };
    for (const date of ["2024-01-02 14:30:00.5", "2024/01/02 14:30:00.5", "20240102 14:30:00.5", "20240102T14:30:00.5Z"])
      expect(time(date, "iso")).toBe(ns("2024-01-02T14:30:00.500Z"));
    for (const wrong of ["2024-01/02 14:30:00", "202401-02 14:30:00", "2024010 14:30:00", "01/02/2024 14:30:00", "2024-1-2 14:30:00"])
      expect(time(wrong, "iso")).toBe("time");
    expect(time("01/02/2024 09:30:00", "mdy")).toBe(ns("2024-01-02T09:30:00Z"));
    expect(time("01/02/2024 09:30:00", "mdy", newYork)).toBe(ns("2024-01-02T14:30:00Z"));
    for (const wrong of ["13/02/2024 09:30:00", "02/30/2024 09:30:00", "1/2/2024 09:30:00", "2024-01-02 09:30:00", "01-02-2024 09:30:00"])
      expect(time(wrong, "mdy")).toBe("time");
    const apart = { ...plain, columns: 4, clockColumn: 1, priceColumn: 2, sizeColumn: 3, timeFormat: "mdy" } as const;
    expect(one("09/28/2009,09:30:00,35.6,100", apart, newYork).rows[0]!.time).toBe(ns("2009-09-28T13:30:00Z"));
  });

  test("a zone holds where a time does not name its own; an hour that comes twice is the first", () => {
    const time = (text: string) => one(`${text},2,3`, { ...plain, timeFormat: "iso" }, newYork).rows[0]?.time;
    expect(time("2024-07-01T09:30:00")).toBe(ns("2024-07-01T13:30:00Z"));
    expect(time("2024-12-02T09:30:00")).toBe(ns("2024-12-02T14:30:00Z"));
    expect(time("2024-07-01T09:30:00Z")).toBe(ns("2024-07-01T09:30:00Z"));
    expect(time("2024-07-01T09:30:00-04:00")).toBe(ns("2024-07-01T13:30:00Z"));
    expect(time("2024-11-03T01:30:00")).toBe(ns("2024-11-03T05:30:00Z"));
    expect(time("2024-11-03T02:00:00")).toBe(ns("2024-11-03T07:00:00Z"));
    expect(time("2024-03-10T01:59:59")).toBe(ns("2024-03-10T06:59:59Z"));
    expect(time("2024-03-10T03:00:00")).toBe(ns("2024-03-10T07:00:00Z"));
    expect(time("1970-01-01T00:00:00")).toBe(ns("1970-01-01T05:00:00Z"));
    // Days in both directions, so that the change that holds is found again.
    const back = "2024-12-02T09:30:00,2,3\n2024-07-01T09:30:00,2,3\n2024-12-03T09:30:00,2,3";
    const { rows, bad } = one(back, { ...plain, timeFormat: "iso" }, newYork);
    expect([rows.map((r) => r.time), bad.map((b) => b[0])]).toEqual([
      [ns("2024-12-02T14:30:00Z"), ns("2024-12-03T14:30:00Z")],
      ["time_backwards"],
    ]);
  });

  test("records: keys in any order, nested, blanks, what is not asked for, a number before", () => {
    const inputs = { ...kindWords(), paths: nested };
    const { rows, bad } = one(
      [
        record(1),
        ` 1723161255030314667 { "k" : "T" , "d" : { "q" : 2 , "x" : [1,{"p":7}] , "p" : 10.5 } , "y" : "X" , "s" : null , "t" : 2 } \r`,
        record(3, "10.5", `,"info":{"t":99,"p":"}","d":{"p":4}},"list":["]",[]]`),
        `{"d":{"p":1e1,"q":"2"},"t":"4","t":5,"y":"Y","s":"sell","k":"t"}`,
        `{"e":{"d":{"p":3}},"k":"A","t":`,
        `{"t":6,"d":{"p":"1","q":"1"},"y":"X"}`,
      ].join("\n"),
      json,
      inputs,
    );
    expect(bad).toEqual([]);
    expect(rows.map((r) => [Number(r.time) / 1e9, r.price, r.size, r.side, r.instrument])).toEqual([
      [1, 10.5, 2, 1, 0],
      [2, 10.5, 2, 0, 0],
      [3, 10.5, 2, 1, 0],
      [5, 10, 2, -1, 1],
      [6, 1, 1, 0, 0],
    ]);
  });

  test("places of an array, as exchanges answer", () => {
    const paths = pathsOf({ price: "0", size: "1", time: "2", side: "3" });
    const options = { ...plain, columns: 7, timeColumn: 2, priceColumn: 0, sizeColumn: 1, sideColumn: 3 };
    const { rows } = one('["30243.4","0.34",1688669597.8277369,"b","m","",61044952]\n["1","2",1688669598,"s","l","",1]', options, {
      ...kindWords(),
      paths: pathsOf({ price: "0", size: "1", time: "2" }),
    });
    expect(rows[0]).toMatchObject({ time: 1688669597827736900n, price: 30243.4, size: 0.34, side: 0 });
    expect(one('[1,2,3,"buy"]', options, { paths }).rows[0]).toMatchObject({ price: 1, size: 2, side: 1 });
    const twelve = one(`[${Array.from({ length: 12 }, (_, i) => i + 1).join(",")}]`, options, {
      paths: pathsOf({ time: "9", price: "10", size: "11" }),
    });
    expect(twelve.rows[0]).toMatchObject({ time: 10_000_000_000n, price: 11, size: 12 });
  });

  test("what is no record is refused at its place", () => {
    const inputs = { paths: pathsOf({ time: "t", price: "p", size: "q", symbol: "y" }) };
    const options = { ...plain, columns: 4, symbolColumn: 3 };
    const at = (text: string) => refusal(text, options, inputs);
    expect(at('{"t":1,"p":2,"q":3,"y":"X"')).toEqual([["json", 1, 0, 26, 0]]);
    expect(at('{"t":1,"p":2,"q":3,"y":"X')).toEqual([["json", 1, 0, 25, 0]]);
    expect(at('{"t":1,"p":2,"q":3,"y":"X"}}')).toEqual([["json", 1, 0, 27, 1]]);
    expect(at('{"t":1 "p":2}')).toEqual([["json", 1, 0, 7, 6]]);
    expect(at('{"t":1,}')).toEqual([["json", 1, 0, 7, 1]]);
    expect(at('{"t":}')).toEqual([["json", 1, 0, 5, 1]]);
    expect(at("{t:1}")).toEqual([["json", 1, 0, 1, 4]]);
    expect(at("time,price")).toEqual([["json", 1, 0, 0, 10]]);
    expect(at("12345")).toEqual([["json", 1, 0, 5, 0]]);
    expect(at('{"t":1,"q":3,"y":"X"}')).toEqual([["empty", 1, 1, 21, 0]]);
    expect(at('{"t":1,"p":null,"q":3,"y":"X"}')).toEqual([["empty", 1, 1, 15, 0]]);
    expect(at('{"t":1,"p":"3e-07.0","q":3,"y":"X"}')).toEqual([["number", 1, 1, 12, 7]]);
    expect(at('{"t":1,"p":true,"q":3,"y":"X"}')).toEqual([["number", 1, 1, 11, 4]]);
    expect(at('{"t":1,"p":{"a":1},"q":3,"y":"X"}')).toEqual([["number", 1, 1, 11, 7]]);
    expect(at('{"t":1,"p":2,"q":3,"y":"BTC\\/USDT"}')).toEqual([["escape", 1, 3, 24, 9]]);
    expect(at('{"t":1,"p":2,"q":3,"y":""}')).toEqual([["empty", 1, 3, 24, 0]]);
    expect(at('{"a":"\\"}","t":1,"p":2,"q":3,"y":"X"}')).toEqual([]);
    expect(at(`${"[".repeat(5_000)}`)).toEqual([["json", 1, 0, 5_000, 0]]);
  });
});

describe.skipIf(noAddon)(`native against the reference (${noAddon ?? "add-on loaded"})`, () => {
  const lines = Array.from({ length: 30 }, (_, i) => record(1_700_000_000 + i, `${i + 0.25}`, i % 3 ? "" : `,"x":[1,{"y":"a\\"b"}]`));
  const deep = lines.map((line, i) => (i % 2 ? `17000000000${i} ${line}` : line)).join("\n");
  const rows = lines
    .map((_, i) => `2024-0${1 + (i % 9)}-10 0${i % 10}:30:00.${i},${i}25,3,buy,"X${i % 3}",${"TACTT"[i % 5]},"a,b",c`)
    .join("\n");
  const cases: [text: string, options: ParserOptions, inputs: ParserInputs][] = [
    [deep, json, { ...kindWords(), paths: nested }],
    [deep, { ...json, otherKinds: 1 }, { ...kindWords("X"), paths: nested }],
    [deep, { ...plain, columns: 4 }, { paths: pathsOf({ time: "t", price: "d.p", size: "d.q" }) }],
    [`[${lines.map((_, i) => `[1,"${i}",1.5,2]`).join("\n")}`.slice(1), plain, { paths: pathsOf({ time: "3", price: "1", size: "2" }) }],
    [rows, { ...kinds, columns: 8, timeFormat: "iso", priceScale: 3 }, { ...kindWords("X1", "X2"), ...newYork }],
    [
      rows.replace(/2024-(\d\d)-10/g, "$1/10/2024"),
      { ...kinds, columns: 8, timeFormat: "mdy", otherKinds: 1 },
      { ...kindWords(), ...newYork },
    ],
    [rows.replace(/2024\S+ \S+?:/g, "340"), { ...kinds, columns: 8, timeFormat: "of_day", day: 15_512 }, kindWords()],
  ];
  const pieces = [
    "{",
    "}",
    "[",
    "]",
    '"',
    "\\",
    '\\"',
    ":",
    ",",
    "null",
    "true",
    "\n",
    "\r",
    "0",
    "9",
    ".",
    "-",
    "e5",
    '"t":',
    '"d":{',
    " ",
    "A",
    "T",
    "\0",
    "\xff",
  ];
  const change = fc.record({
    at: fc.nat(),
    drop: fc.integer({ min: 0, max: 9 }),
    put: fc.oneof(fc.constantFrom(...pieces), fc.string({ maxLength: 3 })),
  });

  test("they agree on whole text", () => {
    for (const [text, options, inputs] of cases) {
      const whole = parse([bytesOf(text)], options, "reference", 7, inputs);
      expect(whole.rows.length + whole.bad.length).toBeGreaterThan(0);
      expectSame(parse([bytesOf(text)], options, "native", 7, inputs), whole);
    }
  });

  test("damaged text never crashes it, and both say the same, byte for byte", () => {
    fc.assert(
      fc.property(
        fc.array(change, { minLength: 1, maxLength: 20 }),
        fc.array(fc.nat(), { maxLength: 5 }),
        fc.nat(cases.length - 1),
        fc.nat(1200),
        (changes, places, which, from) => {
          const [text, options, inputs] = cases[which]!;
          let damaged = text.slice(from % (text.length / 2), (from % (text.length / 2)) + 500);
          for (const { at, drop, put } of changes) {
            const place = at % (damaged.length + 1);
            damaged = damaged.slice(0, place) + put + damaged.slice(place + drop);
          }
          const cuts = cut(bytesOf(damaged), places);
          expectSame(parse(cuts, options, "native", 7, inputs), parse(cuts, options, "reference", 7, inputs));
        },
      ),
      { numRuns: 800 },
    );
  });

  test("random bytes of JSON", () => {
    const bytes = fc.array(fc.oneof(fc.constantFrom(...Buffer.from('0123456789.,\n\r"{}[]:\\ tdpqsyk-eT')), fc.nat(255)), {
      maxLength: 120,
    });
    fc.assert(
      fc.property(bytes, fc.array(fc.nat(), { maxLength: 4 }), fc.nat(3), (random, places, which) => {
        const [, options, inputs] = cases[which]!;
        const cuts = cut(Uint8Array.from(random), places);
        expectSame(parse(cuts, options, "native", 7, inputs), parse(cuts, options, "reference", 7, inputs));
      }),
      { numRuns: 600 },
    );
  });
});
