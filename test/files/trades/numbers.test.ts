import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { crc32c as plainCrc } from "../../../src/bus/frame.js";
import { crc32c } from "../../../src/files/kernels/crc32c.js";
import { seeded } from "../../../src/kernels/parts/sample.js";
import { backends, bytesOf, parse, plain } from "../kit/parse.js";

/** What each text is read as: a number, or the name of its refusal. */
function readAll(texts: readonly string[], backend: string): (number | string)[] {
  const parsed = parse([bytesOf(texts.map((t) => `1,1,${t}\n`).join(""))], plain, backend, texts.length + 1);
  const refused = new Map(parsed.bad.map((b) => [b[1] as number, b[0] as string]));
  let row = 0;
  return texts.map((_, i) => refused.get(i + 1) ?? parsed.rows[row++]!.size);
}
const expected = (text: string) => (Number.isFinite(Number(text)) ? Number(text) : "number_range");

/** Any finite double of 0 or more, all exponents alike. */
function anyDouble(random: () => number): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setUint32(0, random() * 0x7ff00000);
  view.setUint32(4, random() * 2 ** 32);
  return view.getFloat64(0);
}
/** All digits of a double. */
function exactDigits(x: number): string {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, x);
  const bits = view.getBigUint64(0);
  const exponent = Number(bits >> 52n);
  const mantissa = exponent === 0 ? bits : (bits & (2n ** 52n - 1n)) | (1n << 52n);
  return scaledDigits(mantissa, Math.max(exponent, 1) - 1075);
}
/** mantissa * 2^exponent in full. */
function scaledDigits(mantissa: bigint, exponent: number): string {
  if (exponent >= 0) return String(mantissa << BigInt(exponent));
  const digits = String(mantissa * 5n ** BigInt(-exponent)).padStart(1 - exponent, "0");
  return `${digits.slice(0, exponent)}.${digits.slice(exponent)}`;
}

describe.each(backends)("numbers on %s", (backend) => {
  const many = backend === "native" ? 40_000 : 2_000;
  const check = (texts: readonly string[]) => {
    const got = readAll(texts, backend);
    const wrong = texts.filter((t, i) => !Object.is(got[i], expected(t)));
    expect(wrong.slice(0, 5)).toEqual([]);
  };

  test("doubles printed in every way come back as they were", () => {
    const random = seeded(1);
    for (let round = 0; round < 5; round++) {
      const doubles = Array.from({ length: many }, () => (round < 3 ? anyDouble(random) : 10 ** (16 * random() - 8)));
      check(doubles.map(String));
      check(doubles.map((x) => x.toExponential()));
      check(doubles.map((x) => x.toExponential(1 + Math.floor(random() * 30))));
      check(doubles.map((x) => x.toPrecision(1 + Math.floor(random() * 40))));
      check(doubles.map((x) => x.toFixed(Math.floor(random() * 30))));
    }
  });

  test("halfway between two doubles, and a digit to either side", () => {
    const random = seeded(2);
    const texts = Array.from({ length: 1_500 }, (_, i) => {
      const x = i % 3 === 0 ? anyDouble(random) : i % 3 === 1 ? 2 ** -1074 * Math.floor(random() * 2 ** 20) : 10 ** (30 * random() - 15);
      const full = exactDigits(x);
      const view = new DataView(new ArrayBuffer(8));
      view.setFloat64(0, x);
      const exponent = Math.max(Number(view.getBigUint64(0) >> 52n), 1) - 1075;
      const whole = BigInt(Math.round(x / 2 ** Math.max(exponent, -1074)));
      const half = exponent > -1074 && exponent < 900 ? scaledDigits(2n * whole + 1n, exponent - 1) : full;
      const below = half.replace(/.$/, (d) => String(Math.max(0, Number(d) - 1)));
      return [full, half, `${half}${half.includes(".") ? "" : "."}0000000001`, below];
    }).flat();
    check(texts.filter((t) => t.length < 1_200));
  });

  test("the ends of the range, long runs of zeros, and powers of ten", () => {
    check([
      "1.7976931348623157e308",
      "1.7976931348623158e308",
      "1.7976931348623159e308",
      "179769313486231580793728971405301e276",
      "1e309",
      "4.9e-324",
      "2.4703282292062327e-324",
      "2.4703282292062328e-324",
      "2.2250738585072011e-308",
      "2.2250738585072014e-308",
      "1e-400",
      "0e99999999999",
      "1e-99999999999",
      "1e99999999999",
      `0.${"0".repeat(400)}1`,
      `1${"0".repeat(400)}`,
      `${"0".repeat(500)}1`,
      `1${"0".repeat(400)}e-400`,
      `0.${"0".repeat(400)}1e401`,
      `1.${"0".repeat(900)}1`,
      `9007199254740993.${"0".repeat(900)}1`,
      "9007199254740993",
      "9007199254740992.5",
      "9007199254740993.0000000000000000000000000000",
      "18446744073709551615",
      "18446744073709551616",
      "9999999999999999999",
      "99999999999999999999",
      ...Array.from({ length: 700 }, (_, i) => `1e${i - 360}`),
      ...Array.from({ length: 60 }, (_, i) => `123456789012345678e${i - 30}`),
    ]);
  });

  test("any digits with any point and exponent", () => {
    const text = fc.stringMatching(/^[0-9]{0,40}\.?[0-9]{1,40}(e[+-]?[0-9]{1,3})?$/);
    fc.assert(fc.property(fc.array(text, { minLength: 1, maxLength: 30 }), check), { numRuns: backend === "native" ? 400 : 50 });
  });

  test("checksums at every length around the steps of the fast form", () => {
    const random = seeded(5);
    for (const length of [1, 7, 8, 9, 63, 12_287, 12_288, 12_289, 24_576, 40_001]) {
      const bytes = Uint8Array.from({ length }, () => 256 * random());
      expect(crc32c({ bytes }, {}, { backend }).crc[0]).toBe(plainCrc(bytes));
    }
    expect(crc32c({ bytes: bytesOf("123456789") }, {}, { backend }).crc[0]).toBe(0xe3069283);
  });
});
