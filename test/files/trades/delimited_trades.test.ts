import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { longestLine } from "../../../src/files/kernels/refusals.js";
import { sampleOptions, sampleText } from "../../../src/files/kernels/sample_text.js";
import { seeded } from "../../../src/kernels/parts/sample.js";
import { backends, bytesOf, cut, expectSame, noAddon, type ParserOptions, parse, parseText, plain } from "../kit/parse.js";

const sided: ParserOptions = { columns: 5, timeColumn: 0, priceColumn: 1, sizeColumn: 2, sideColumn: 3, symbolColumn: 4, timeFormat: "ms" };

describe.each(backends)("the parser on %s", (backend) => {
  const one = (text: string, options: ParserOptions = plain) => parseText(`${text}\n`, options, backend);
  const refusal = (text: string, options?: ParserOptions) => one(text, options).bad.map((b) => b.slice(0, 5));

  test("each refusal names line, column and place of the field", () => {
    expect(refusal("1,2")).toEqual([["columns", 1, 2, 0, 3]]);
    expect(refusal("1,2,3,4")).toEqual([["columns", 1, 4, 0, 7]]);
    expect(refusal('1,"2,3')).toEqual([["quote", 1, 1, 2, 4]]);
    expect(refusal('1,"2"x,3')).toEqual([["quote", 1, 1, 2, 6]]);
    expect(refusal("1, ,3")).toEqual([["empty", 1, 1, 3, 0]]);
    expect(refusal(",2,3")).toEqual([["empty", 1, 0, 0, 0]]);
    expect(refusal("1,2,3e-07.0")).toEqual([["number", 1, 2, 4, 7]]);
    expect(refusal("1,1e400,3")).toEqual([["number_range", 1, 1, 2, 5]]);
    expect(refusal("1,0,3")).toEqual([["price", 1, 1, 2, 1]]);
    expect(refusal("1,-1.5,3")).toEqual([["price", 1, 1, 2, 4]]);
    expect(refusal("1,2,-3")).toEqual([["size", 1, 2, 4, 2]]);
    expect(refusal("x1,2,3")).toEqual([["time", 1, 0, 0, 2]]);
    expect(refusal("9223372037,2,3")).toEqual([["time_range", 1, 0, 0, 10]]);
    expect(refusal("99999999999999999999,2,3")).toEqual([["time_range", 1, 0, 0, 20]]);
    expect(refusal("1,2,3,up,X", sided)).toEqual([["side", 1, 3, 6, 2]]);
    expect(refusal("1,2,3,buy,", sided)).toEqual([["empty", 1, 4, 10, 0]]);
    expect(refusal(`1,2,3,buy,${"X".repeat(256)}`, sided)).toEqual([["symbol", 1, 4, 10, 256]]);
    expect(refusal("1,2,3,buy,A\n1,2,3,buy,B\n1,2,3,buy,C\n1,2,3,buy,B", { ...sided, symbols: 2 })).toEqual([
      ["symbols_full", 3, 4, 10, 1],
    ]);
    expect(refusal("5,2,3\n4,2,3\n5,2,3")).toEqual([["time_backwards", 2, 0, 0, 1]]);
    expect(refusal(`1,2,${"3".repeat(longestLine)}\n2,2,3`)).toEqual([["line_long", 1, 0, 0, longestLine + 4]]);
  });

  test.each(["nan", "NaN", "inf", "Infinity", "-inf", "1,5", "0x10", "1_000", "1 000", "--1", "1.2.3", "e5", ".", "1e", "1e+", "+", "١"])(
    "'%s' is no number",
    (text) => expect(one(`1,2,"${Buffer.from(text).toString("latin1")}"`).bad[0]?.[0]).toBe("number"),
  );

  test("good rows around a bad one are delivered, and the bad line is kept", () => {
    const { rows, bad } = one("1,2,3\n1,x,3\n2,3,4");
    expect(rows.map((r) => r.price)).toEqual([2, 3]);
    expect(bad).toEqual([["number", 2, 1, 2, 1, "1,x,3"]]);
  });

  test("quotes, blanks, CRLF, empty lines, signs, exponents", () => {
    const text = ' 1 ,"2",+3\r\n\r\n  \n2,"  2.5e0 ", .5 \r\n3,2,5.\n';
    expect(one(text).rows.map((r) => [r.time, r.price, r.size])).toEqual([
      [1_000_000_000n, 2, 3],
      [2_000_000_000n, 2.5, 0.5],
      [3_000_000_000n, 2, 5],
    ]);
    expect(parseText('1\t2\t3\n"1"\t"2" \t 3\n', { ...plain, separator: 9 }, backend).rows).toHaveLength(2);
    expect(one('1,2,3,"a,""b"",c"', { ...plain, columns: 4 }).rows).toHaveLength(1);
  });

  test("time formats", () => {
    const time = (text: string, timeFormat: "s" | "ms" | "us" | "ns" | "iso" | "iso_us") =>
      one(`"${text}",1,1`, { ...plain, timeFormat }).rows[0]?.time ?? one(`"${text}",1,1`, { ...plain, timeFormat }).bad[0]?.[0];
    expect(time("1723161601", "s")).toBe(1723161601000000000n);
    expect(time("1723161601.5", "s")).toBe(1723161601500000000n);
    expect(time("1723161601.1234567899", "s")).toBe(1723161601123456789n);
    expect(time("1723161601437", "ms")).toBe(1723161601437000000n);
    expect(time("1723161601437.25", "ms")).toBe(1723161601437250000n);
    expect(time("1735689600123456", "us")).toBe(1735689600123456000n);
    expect(time("9223372036854775807", "ns")).toBe(9223372036854775807n);
    expect(time("9223372036854775808", "ns")).toBe("time_range");
    expect(time("0000000000000000000000001", "ns")).toBe(1n);
    for (const wrong of ["-1", "1e9", "1.5.2", "", "1 2"]) expect(time(wrong, "ms")).toMatch(/^(time|empty)$/);
    const noon = BigInt(Date.UTC(2013, 3, 15, 12)) * 1_000_000n;
    for (const right of [
      "2013-04-15 12:00:00+00:00",
      "2013-04-15T12:00:00Z",
      "2013-04-15T12:00:00",
      "2013-04-15D12:00:00.000",
      "2013-04-15 12:00:00 UTC",
    ])
      expect(time(right, "iso")).toBe(noon);
    expect(time("2013-04-15T14:30:00.000000001+02:30", "iso")).toBe(noon + 1n);
    expect(time("2013-04-15T07:00:00-0500", "iso")).toBe(noon);
    expect(time("2024-02-29T00:00:00Z", "iso")).toBe(BigInt(Date.UTC(2024, 1, 29)) * 1_000_000n);
    expect(time("2013-04-15T12:00:00.47000", "iso_us")).toBe(noon + 47_000_000n);
    for (const wrong of [
      "2023-02-29T00:00:00Z",
      "2013-13-01T00:00:00Z",
      "2013-04-15",
      "2013-04-15T24:00:00Z",
      "2013-04-15T12:60:00Z",
      "2013-04-15T12:00",
      "2013-04-15T12:00:00.",
      "2013-04-15T12:00:00+5",
      "2013-04-15X12:00:00",
      "15/04/2013 12:00:00",
    ])
      expect(time(wrong, "iso")).toBe("time");
    expect(time("1969-12-31T23:59:59Z", "iso")).toBe("time_range");
    expect(time("2263-01-01T00:00:00Z", "iso")).toBe("time_range");
    const apart = { columns: 4, timeColumn: 0, clockColumn: 1, priceColumn: 2, sizeColumn: 3, timeFormat: "iso" } as const;
    expect(one("2013-04-15,12:00:00.5,1,1", apart).rows[0]?.time).toBe(noon + 500_000_000n);
    expect(one("2013-04-15T12,12:00:00.5,1,1", apart).bad[0]?.[0]).toBe("time");
  });

  test("every day of four centuries has its number", () => {
    const days = Array.from({ length: 106_000 }, (_, i) => new Date(i * 86_400_000));
    const text = days.map((d) => `${d.toISOString()},1,1`).join("\n");
    const { rows } = parse([bytesOf(`${text}\n`)], { ...plain, timeFormat: "iso" }, backend, 200_000);
    expect(rows.length).toBe(days.length);
    expect(rows.every((r, i) => r.time === BigInt(i) * 86_400_000_000_000n)).toBe(true);
  });

  test("sides, symbols in order of appearance, and what is counted", () => {
    const { rows, state } = one("1,2,3,BUY,A\n1,2,0,s,B\n1,2,3,none,A\n\n9,2,3,,C\n9,2,3,,C", sided);
    expect(rows.map((r) => [r.side, r.instrument])).toEqual([
      [1, 0],
      [-1, 1],
      [0, 0],
      [0, 2],
      [0, 2],
    ]);
    expect(state.counts).toEqual(BigInt64Array.of(6n, 5n, 1n, 1n, 3n, 1n, 0n, 0n));
    expect(state.gap).toEqual(BigInt64Array.of(8_000_000n, 5n));
    const { rows: signed } = one("1,2,3\n1,2,-3\n1,2,-0", { ...plain, signedSize: 1 });
    expect(signed.map((r) => [r.size, r.side])).toEqual([
      [3, 1],
      [3, -1],
      [0, 0],
    ]);
  });

  test("a line too long is refused once, however it is cut", () => {
    const text = bytesOf(`1,2,3\n1,2,${"3".repeat(3 * longestLine)}\n2,2,3\n`);
    for (const size of [1000, longestLine, longestLine + 7, text.length]) {
      const pieces = Array.from({ length: Math.ceil(text.length / size) }, (_, i) => text.slice(i * size, (i + 1) * size));
      const { rows, bad } = parse(pieces, plain, backend);
      expect(rows.map((r) => r.time)).toEqual([1_000_000_000n, 2_000_000_000n]);
      expect(bad.map((b) => b.slice(0, 2))).toEqual([["line_long", 2]]);
      expect(parse([...pieces, bytesOf("x\n")], plain, backend).bad[1]).toEqual(["columns", 4, 1, 0, 1, "x"]);
    }
  });

  test("random rows come back as they were written", () => {
    const row = fc.record({
      step: fc.integer({ min: 0, max: 10 ** 9 }),
      price: fc.double({ min: 1e-12, max: 1e12, noNaN: true }),
      size: fc.double({ min: 0, max: 1e12, noNaN: true }),
      side: fc.constantFrom("buy", "sell", "none", ""),
      symbol: fc.stringMatching(/^[!-+\--~]{1,20}$/).filter((s) => !s.includes('"')),
      style: fc.integer({ min: 0, max: 3 }),
    });
    fc.assert(
      fc.property(fc.array(row, { maxLength: 30 }), fc.array(fc.nat(), { maxLength: 5 }), (rows, places) => {
        let time = 0;
        const times = rows.map((r) => (time += r.step));
        const show = (x: number, style: number) =>
          style === 0 ? String(x) : style === 1 ? x.toExponential() : style === 2 ? `"${x}"` : ` ${x} `;
        const text = rows.map((r, i) => `${times[i]},${show(r.price, r.style)},${show(r.size, r.style)},${r.side},${r.symbol}\n`).join("");
        const parsed = parse(cut(bytesOf(text), places), sided, backend);
        const ids = [...new Set(rows.map((r) => r.symbol))];
        const sides = { buy: 1, sell: -1, none: 0, "": 0 } as Record<string, number>;
        expect(parsed.bad).toEqual([]);
        expect(parsed.rows).toEqual(
          rows.map((r, i) => ({
            time: BigInt(times[i]!) * 1_000_000n,
            price: r.price,
            size: r.size,
            side: sides[r.side],
            instrument: ids.indexOf(r.symbol),
          })),
        );
      }),
    );
  });

  test("any cut of the bytes gives the same rows and refusals", () => {
    const text = sampleText(6_000, seeded(3), 0.05);
    const whole = parse([text], sampleOptions, backend);
    expect(whole.bad.length).toBeGreaterThan(0);
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 40 }), fc.integer({ min: 1, max: 60 }), (places, room) => {
        expectSame(parse(cut(text, places), sampleOptions, backend, room), whole);
      }),
      { numRuns: 60 },
    );
  });
});

describe.skipIf(noAddon)(`native against the reference (${noAddon ?? "add-on loaded"})`, () => {
  const shapes: ParserOptions[] = [
    sampleOptions,
    { ...sampleOptions, symbols: 3, timeFormat: "iso" },
    { ...sampleOptions, separator: 9, timeFormat: "s", signedSize: 1, sideColumn: -1 },
    { columns: 3, timeColumn: 2, priceColumn: 1, sizeColumn: 0, timeFormat: "us" },
    { columns: 4, timeColumn: 0, clockColumn: 3, priceColumn: 1, sizeColumn: 2, timeFormat: "iso_us" },
  ];
  const text = sampleText(2_000, seeded(11), 0.05);
  const pieces = [
    "0",
    "9",
    ".",
    "-",
    "+",
    "e",
    "E",
    ",",
    "\n",
    "\r",
    '"',
    '""',
    " ",
    "\t",
    "\0",
    "\xff",
    "T",
    ":",
    "Z",
    "nan",
    "99999999999999999999",
    "2024-02-29T00:00:00Z",
    "5e-324",
    "1e309",
    ",,,",
    "\n\n",
  ];
  const change = fc.record({
    at: fc.nat(),
    drop: fc.integer({ min: 0, max: 12 }),
    put: fc.oneof(fc.constantFrom(...pieces), fc.string({ maxLength: 3 })),
  });

  test("damaged text never crashes it, and both say the same, byte for byte", () => {
    fc.assert(
      fc.property(
        fc.array(change, { minLength: 1, maxLength: 30 }),
        fc.array(fc.nat(), { maxLength: 6 }),
        fc.nat(4),
        fc.nat(1900),
        (changes, places, shape, from) => {
          let damaged = Buffer.from(text.subarray(from, from + 600)).toString("latin1");
          for (const { at, drop, put } of changes) {
            const place = at % (damaged.length + 1);
            damaged = damaged.slice(0, place) + put + damaged.slice(place + drop);
          }
          const cuts = cut(bytesOf(damaged), places);
          expectSame(parse(cuts, shapes[shape]!, "native"), parse(cuts, shapes[shape]!, "reference"));
        },
      ),
      { numRuns: 3_000 },
    );
  });

  test("random bytes", () => {
    const bytes = fc.array(fc.oneof(fc.constantFrom(...Buffer.from('0123456789.,\n\r" -+eT:Z')), fc.nat(255)), { maxLength: 300 });
    fc.assert(
      fc.property(bytes, fc.array(fc.nat(), { maxLength: 4 }), fc.nat(4), (random, places, shape) => {
        const cuts = cut(Uint8Array.from(random), places);
        expectSame(parse(cuts, shapes[shape]!, "native"), parse(cuts, shapes[shape]!, "reference"));
      }),
      { numRuns: 2_000 },
    );
  });
});

test("options that do not go together are refused", () => {
  const bad = (options: object) => () => parseText("", { ...plain, ...options } as never, "reference");
  const call = (options: object) => () => parse([bytesOf("1\n")], { ...plain, ...options } as never, "reference");
  expect(bad({})).not.toThrow();
  expect(call({ sizeColumn: 1 })).toThrow(/two roles/);
  expect(call({ sizeColumn: 3 })).toThrow(/column 3, but lines have 3/);
  expect(call({ clockColumn: 2, columns: 4, sizeColumn: 3 })).toThrow(/time of day/);
  expect(call({ signedSize: 1, sideColumn: 3, columns: 4 })).toThrow(/not from both/);
  expect(call({ separator: 34 })).toThrow(/line end or a quote/);
});
