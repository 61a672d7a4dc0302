import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TickforgeError } from "../../src/core/contract/errors.js";
import { timeChart } from "../../src/report/kit/chart.js";
import { classBorders, classOf, signedClassOf } from "../../src/report/kit/heat.js";
import { wide } from "../../src/report/kit/layout.js";
import { commandHtml, duration, escapeHtml, fixed, inertJson, percent, signedPercent, significant } from "../../src/report/kit/text.js";
import { comparisonPage } from "../../src/report/toxicity/comparison.js";
import { toxicityPage } from "../../src/report/toxicity/toxicity.js";
import type { ToxicityReport } from "../../src/report/toxicity/toxicity_report.js";
import { listed } from "../../src/report/toxicity/toxicity_summary.js";
import { alarmsOf, expandingCdf, firstBuckets, noBucketsAtAll, simulatedReport } from "./kit/sample.js";

const report = simulatedReport();
const html = toxicityPage(report);
const summaryOf = (page: string) => JSON.parse(/<script type="application\/json" id="summary">(.*?)<\/script>/s.exec(page)![1]!);
/** What a reader sees: no markup, style or data. */
const textOf = (page: string) =>
  page
    .replace(/<(style|script)[\s\S]*?<\/\1>/g, "")
    .replace(/<[^>]*>/g, " ")
    .replace(/\s+/g, " ");

/** A report as large as a year of trading, without the time to simulate one. */
function hundredThousandBuckets(): ToxicityReport {
  const rows = 100_000;
  let level = 0;
  const noise = (i: number) => Math.sin(i * 12.9898) * 43758.5453 - Math.floor(Math.sin(i * 12.9898) * 43758.5453) - 0.5;
  const vpin = Float64Array.from({ length: rows }, (_, i) => (i < 49 ? Number.NaN : Math.abs((level = level * 0.99 + noise(i) * 0.1))));
  const startTime = BigInt64Array.from({ length: rows }, (_, i) => report.startTime + BigInt(i) * 300_000_000_000n);
  const buy = Float64Array.from({ length: rows }, (_, i) => 500 + noise(i + 7) * 900);
  const lastPrice = Float64Array.from({ length: rows }, (_, i) => 100 + 20 * Math.sin(i / 9000) + noise(i + 3));
  const endTime = startTime.map((time, i) => time + BigInt(Math.round((noise(i) + 0.5) * 250e9)));
  const buckets = {
    startTime,
    endTime,
    buy,
    sell: buy.map((b) => 1000 - b),
    lastPrice,
    vpin,
    cdf: expandingCdf(vpin),
    alarm: alarmsOf(expandingCdf(vpin)),
  };
  return { ...report, buckets, endTime: endTime.at(-1)!, bucketVolume: 1000 };
}

describe("the page", () => {
  it("has its panels in their order", () => {
    const headings = [...html.matchAll(/<h2[^>]*>(.*?)<\/h2>/g)].map((match) => match[1]);
    expect(headings).toEqual([
      "Before you read on",
      "How this page was made",
      "Price and alarms",
      "VPIN",
      "CDF of VPIN",
      "Signed imbalance",
      "Seconds per bucket",
      "Toxic hours",
      "Alarms and what the price did next",
      "How the alarm rate depends on the choices",
      "VPIN, volume and volatility",
      "Data",
    ]);
  });

  it("shows the command line, version, file, hash and every option", () => {
    const text = textOf(html);
    const { files, options, commandLine, version } = report;
    for (const shown of [commandLine, version, files[0]!.name, files[0]!.sha256, files[0]!.format]) expect(text).toContain(shown);
    for (const [name, value] of Object.entries(options)) expect(text).toContain(`${name} ${value}`);
    expect(text).toContain("simulated");
    expect(textOf(toxicityPage({ ...report, truth: undefined } as unknown as ToxicityReport))).not.toContain("This tape is simulated");
  });

  it("has toxic hours only where there is an alarm, and only the days that were traded", () => {
    const quiet = toxicityPage({ ...report, buckets: { ...report.buckets, alarm: new Uint8Array(report.buckets.alarm.length) } });
    expect(/<h2[^>]*>Toxic hours/.exec(quiet)).toBeNull();
    const days = [...(/<section id="hours".*?<\/figure>/s.exec(html)?.[0] ?? "").matchAll(/>(Mon|Tue|Wed|Thu|Fri|Sat|Sun)</g)];
    expect(days.map(([, day]) => day)).toEqual([..."12"].flatMap(() => ["Mon", "Tue", "Wed", "Thu", "Fri"]));
  });

  it("stays under 250 kB for a day's buckets and for a year's", () => {
    expect(new TextEncoder().encode(html).length).toBeLessThan(250_000);
    expect(new TextEncoder().encode(toxicityPage(hundredThousandBuckets())).length).toBeLessThan(250_000);
  });

  it("names nothing outside itself and allows nothing", () => {
    expect(html).toContain(`content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"`);
    expect(html).not.toMatch(/<(link|img|iframe|object|embed|base|form)\b|\ssrc=|\shref=|@import|https?:|\son\w+=/i);
    expect([...html.matchAll(/url\((.*?)\)/g)].map((match) => match[1])).toEqual(["#cross", "#cross-narrow", "#hatch", "#dotted"]);
    expect([...html.matchAll(/<script[^>]*>/g)].map((match) => match[0])).toEqual(['<script type="application/json" id="summary">']);
  });

  it("gives every picture a name and a description, once per id, and every chart a table", () => {
    const ids = [...html.matchAll(/\sid="(.*?)"/g)].map((match) => match[1]);
    expect(new Set(ids).size).toBe(ids.length);
    const pictures = [
      ...html.matchAll(
        /<svg class="(?:wide|narrow)"[^>]*role="img" aria-labelledby="(\S+)" aria-describedby="(\S+)"><title id="(\S+)">(.+?)<\/title><desc id="(\S+)">(.+?)<\/desc>/g,
      ),
    ];
    expect(pictures).toHaveLength(12);
    for (const [, title, desc, titleId, , descId] of pictures) expect([title, desc]).toEqual([titleId, descId]);
    expect(html.match(/<details>/g)).toHaveLength(6);
    expect(html).not.toMatch(/NaN|undefined|Infinity/);
  });

  it("repeats its figures as JSON", () => {
    const summary = summaryOf(html);
    expect(summary).toMatchObject({
      schema: 1,
      report: "toxicity",
      buckets: report.buckets.endTime.length,
      simulated: true,
      threshold: 0.99,
    });
    expect(summary.startTime).toBe(String(report.startTime));
    expect(summary.alarms.episodes).toBe(summary.episodes.length);
    expect(summary.episodes[0].moves).toHaveProperty("60min");
  });
});

describe("text from outside", () => {
  const hostile = `</script><script>alert(1)</script>"'&<b onmouseover=x>\u0000`;

  it("cannot leave the place it is written to", () => {
    const page = toxicityPage({
      ...report,
      commandLine: hostile,
      version: hostile,
      files: [{ name: hostile, sha256: hostile, format: hostile }],
      options: { [hostile]: hostile },
      rejected: { [hostile]: 3 },
      data: { timeUnit: hostile },
    });
    expect(page.match(/<script/g)).toHaveLength(1);
    expect(page).not.toMatch(/<b\b|alert\(1\)<\/script>/);
    expect(page).not.toContain("\u0000");
    expect(summaryOf(page).commandLine).toBe(hostile);
  });

  it("nor can the name of an instrument among several", () => {
    const measures = [{ name: "kyle_lambda", unit: hostile, over: hostile, values: report.buckets.vpin }];
    const page = comparisonPage([0, 1].map((tape) => ({ name: hostile, tape, report: { ...report, measures } })));
    expect(page.match(/<script/g)).toHaveLength(1);
    expect(page).not.toMatch(/<b\b|alert\(1\)<\/script>/);
    expect(summaryOf(page).instruments).toHaveLength(2);
  });

  it("is escaped whatever it is", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        expect(escapeHtml(text)).not.toMatch(/[<>"']|&(?!(amp|lt|gt|quot|#39);)/);
        expect(inertJson({ text })).not.toMatch(/[<>&]/);
        expect(JSON.parse(inertJson({ text }))).toEqual({ text });
      }),
    );
  });
});

describe("a report with little in it", () => {
  const of = (rows: number, more: Partial<ToxicityReport> = {}) =>
    toxicityPage({ ...report, buckets: firstBuckets(report.buckets, rows), ...more });

  it("says why nothing is drawn without a bucket", () => {
    const page = toxicityPage({ ...report, buckets: noBucketsAtAll(), trades: 3, volume: 1.5, sensitivity: [] });
    expect(textOf(page)).toContain("No bucket was filled: 3 trades with a volume of 1.5 in all");
    expect(page).not.toMatch(/NaN|undefined|Infinity|<svg class/);
    expect(page.match(/class="empty"/g)).toHaveLength(8);
    expect(page.match(/class="empty">No bucket was filled/g)).toHaveLength(7);
  });

  it("says how many buckets VPIN still needs", () => {
    expect(textOf(of(1))).toContain("VPIN is an average over 50 buckets and only 1 was filled");
    expect(textOf(of(49))).toContain("only 49 were filled");
    expect(textOf(of(50))).not.toContain("so it has no value yet");
    for (const rows of [1, 2, 49, 50, 51, 60]) expect(of(rows)).not.toMatch(/NaN|undefined|Infinity/);
  });

  it("is honest where every VPIN is missing or every value is the same", () => {
    const nan = report.buckets.vpin.map(() => Number.NaN);
    const missing = toxicityPage({ ...report, buckets: { ...report.buckets, vpin: nan, cdf: nan, alarm: new Uint8Array(nan.length) } });
    expect(textOf(missing)).toContain("VPIN has no value in any bucket of these data.");
    const same = report.buckets.vpin.map(() => 0.25);
    const flat = toxicityPage({
      ...report,
      buckets: { ...report.buckets, vpin: same, cdf: same, alarm: new Uint8Array(same.length), lastPrice: same },
    });
    expect(textOf(flat)).toContain("after the first 100 was above 99.0 % of those ranked before it");
    const few = toxicityPage({ ...report, minHistory: 5000, buckets: { ...report.buckets, alarm: new Uint8Array(same.length) } });
    expect(textOf(few)).toContain("No alarm: 5,000 values are ranked before the first one can come");
    for (const page of [missing, flat]) expect(page).not.toMatch(/NaN|undefined|Infinity/);
  });

  it("says what was not looked at", () => {
    expect(textOf(of(100, { data: {}, rejected: {}, files: [] }))).toContain("Duplicates not looked at");
  });

  it("labels a cdf that looked ahead", () => {
    const text = textOf(toxicityPage({ ...report, cdfBasis: "in sample" }));
    expect(text).toContain("CDF of VPIN, in-sample");
    expect(text).toContain("Nobody could have acted on it at the time.");
    expect(text).not.toContain("Expanding, point in time");
  });
});

describe("columns that do not fit", () => {
  const refused = (buckets: ToxicityReport["buckets"]) => {
    try {
      toxicityPage({ ...report, buckets });
    } catch (error) {
      return error instanceof TickforgeError ? [error.code, error.port] : error;
    }
    return undefined;
  };

  it("are refused by name", () => {
    expect(refused({ ...report.buckets, sell: report.buckets.sell.slice(1) })).toEqual(["E_LENGTH", "sell"]);
    expect(refused({ ...report.buckets, endTime: report.buckets.endTime.slice().reverse() })).toEqual(["E_TIME_BACKWARDS", "endTime"]);
  });
});

describe("bars", () => {
  it("stand on zero, also where every value is far from it", () => {
    const of = {
      id: "b",
      title: "b",
      description: "b",
      axis: "b",
      x: Float64Array.of(1e12, 2e12),
      y: Float64Array.of(90, 100),
      form: "bars" as const,
    };
    expect(timeChart(of, wide)).toContain(">0<");
    expect(timeChart({ ...of, y: of.y.map((v) => -v) }, wide)).toContain(">0<");
    expect(timeChart({ ...of, form: "line" }, wide)).not.toContain(">0<");
  });
});

describe("numbers and words", () => {
  it("are written as people read them", () => {
    expect([fixed(-1234.5, 1), fixed(Number.NaN, 1), significant(151_203.4), significant(1e-7), significant(12345678)]).toEqual([
      "\u22121,234.5",
      "–",
      "151,203",
      "1.00e\u22127",
      "12,345,678",
    ]);
    expect([percent(0.012345, 2), signedPercent(0.005), signedPercent(-0.005), signedPercent(0)]).toEqual([
      "1.23 %",
      "+0.50 %",
      "\u22120.50 %",
      "0.00 %",
    ]);
    const seconds = (s: number) => duration(BigInt(Math.round(s * 1e9)));
    expect([seconds(0.25), seconds(41), seconds(3000), seconds(3 * 3600 + 1200), seconds(3 * 3600), seconds(52 * 3600)]).toEqual([
      "0.25 s",
      "41 s",
      "50 min",
      "3 h 20 min",
      "3 h",
      "2 days 4 h",
    ]);
  });

  it("put values into five classes of equal width", () => {
    const borders = classBorders([0, 10, Number.NaN]);
    expect(borders).toEqual([0, 2, 4, 6, 8, 10]);
    expect([0, 1.9, 2, 7.9, 8, 10, Number.NaN].map((value) => classOf(value, borders))).toEqual([0, 0, 1, 3, 4, 4, -1]);
    expect([-9, -4, -1, 0, 1, 4, 9, Number.NaN].map((value) => signedClassOf(value, 9))).toEqual([0, 1, 2, 3, 3, 4, 5, -1]);
    expect(classOf(3, classBorders([3, 3]))).toBe(2);
  });

  it("list the longest alarms where there are many, in order of time", () => {
    const episodes = Array.from({ length: 60 }, (_, i) => ({
      first: i,
      last: i,
      peak: i,
      open: false,
      startTime: 0n,
      endTime: BigInt(i % 20 === 0 ? 0 : i),
    }));
    const shown = listed(episodes);
    expect(shown).toHaveLength(40);
    expect(shown).not.toContain(40);
    expect(shown[0]).toBe(18);
    expect(shown).toEqual([...shown].sort((a, b) => a - b));
  });
});

it("a command line is broken between words, never after the hyphens of a flag", () => {
  expect(commandHtml("tickforge replay a-b.csv --on-bad skip")).toBe('tickforge replay a-b.csv <span class="flag">--on-bad</span> skip');
  expect(commandHtml("x --<b>")).toBe("x --&lt;b&gt;");
});
