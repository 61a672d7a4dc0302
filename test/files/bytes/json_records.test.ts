/** What stands around the records of a JSON document: what is not its grammar is refused where it is, and no record behind it is lost in silence. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { Records } from "../../../src/files/bytes/json_records.js";
import { collectTrades } from "../../../src/files/read/trades.js";
import type { ReadOptions } from "../../../src/files/trades/reading.js";
import "../../../src/index.js";

const folder = mkdtempSync(join(tmpdir(), "tickforge-json-"));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;
const read = (text: string, options: ReadOptions = {}) => {
  const path = join(folder, `file${files++}.json`);
  writeFileSync(path, text);
  return collectTrades(path, options);
};
const record = (i: number) => `{"id":${i},"price":"${100 + (i % 7)}.5","qty":"1","time":${1_700_000_000_000 + i},"isBuyerMaker":true}`;
const records = Array.from({ length: 1500 }, (_, i) => record(i));
const list = (of: readonly string[]) => `[${of.join(",\n")}]`;
/** With something behind record `after` of the list. */
const inserted = (what: string, after = 500) => list(records.with(after - 1, records[after - 1] + what));
const wrapped = (text: string) => `{"code":0,"data":${text},"more":{"next":null,"flags":[true,-1.5e3]}}`;

describe("brackets too many, too few or of the wrong kind", () => {
  test.each<[string, string, string, string | RegExp]>([
    ["one more }", inserted("}"), "E_BAD_JSON", /byte \d+, at record 500: '}' where ',' or \] is expected/],
    ["one more ]", inserted("]"), "E_BAD_JSON", /byte \d+, at record 500: ',' where a document is expected/],
    ["one more } in an object", wrapped(inserted("}")), "E_BAD_JSON", /at record 500: '}'/],
    ["one more ] in an object", wrapped(inserted("]")), "E_BAD_JSON", /at record 500: '{' where a key is expected/],
    ["one { too few", list(records.with(500, records[500]!.slice(1))), "E_BAD_JSON", /at record 500: a value among the records/],
    [
      "one } too few",
      list(records.with(499, records[499]!.slice(0, -1))),
      "E_FILE_TRUNCATED",
      /at the end|in the middle of its JSON document/,
    ],
    ["two commas", inserted(","), "E_BAD_JSON", /at record 500: ',' where a value is expected/],
    ["no comma", list(records).replace("},\n", "}\n"), "E_BAD_JSON", /at record 1: '{' where ',' or \] is expected/],
    ["a number among the records", inserted(",7"), "E_BAD_JSON", /at record 500: a value among the records/],
    ["null before the records", list(["null", ...records]), "E_BAD_JSON", /at record 0: a value among the records/],
    ["text behind the document", `${list(records)}\nend`, "E_BAD_JSON", /at record 1500: 'e' where a document/],
    ["a zero byte", inserted("\0"), "E_FILE_BINARY", /at byte \d+/],
    ["another list in a second document", `${list(records)}\n${wrapped(list(records))}`, "E_BAD_JSON", /another depth/],
    ["a quote too few", list(records.with(499, records[499]!.replace('"id"', 'id"'))), "E_FILE_TRUNCATED", /JSON document/],
  ])("%s", async (_, text, code, message) => {
    for (const onBad of ["stop", "skip"] as const) {
      const error = await read(text, { onBad }).then(
        () => Promise.reject(new Error("it was read")),
        (caught) => caught,
      );
      if (onBad === "stop" && error.name === "BadRowError") continue; // the record itself is refused first
      expect(error).toMatchObject({ name: "DataError", code, message: expect.stringMatching(message), hint: expect.any(String) });
    }
  });

  test("deeper than any record is: refused with its place, in a document, around one and on a line", async () => {
    const deep = `${'{"a":'.repeat(5000)}1${"}".repeat(5000)}`;
    const arrays = "[".repeat(5000) + "]".repeat(5000);
    for (const text of [deep, `[${deep},${records.join(",")}]`, arrays, list(records).replace('"id":700', `"id":${arrays}`)])
      await expect(read(text)).rejects.toMatchObject({ code: "E_BAD_JSON", message: expect.stringMatching(/byte \d+.*more than 64 deep/) });
    await expect(read([...records.slice(0, 10), deep, ...records.slice(10)].join("\n"))).rejects.toMatchObject({ line: 11 });
  });
});

test("documents as services write them are read whole, wherever they are cut", async () => {
  const good = [
    list(records),
    wrapped(list(records)),
    `\uFEFF ${list(records)} \n`,
    `{"columns":["a","b"],"data":${list(records)},"names":["c"]}`,
    `${wrapped(list(records.slice(0, 700)))}\n${wrapped("[]")}\n${wrapped(list(records.slice(700)))}`,
    `1700000000 ${wrapped(list(records))}`,
  ];
  for (const text of good) expect((await read(text)).facts.rows, text.slice(0, 60)).toBe(1500);
  const text = Buffer.from(wrapped(list(records.slice(0, 20))));
  for (const size of [1, 2, 7, 64]) {
    const reader = new Records("file", 2);
    const parts: Buffer[] = [];
    for (let at = 0; at < text.length; at += size) parts.push(Buffer.from(reader.push(text.subarray(at, at + size))));
    reader.end();
    expect(Buffer.concat(parts).toString()).toBe(`${records.slice(0, 20).join("\n")}\n`);
  }
});
