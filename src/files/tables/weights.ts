/** Weights of assets from a table: a column of names and one of numbers, or a line of numbers under the names. */
import { didYouMean } from "../../core/contract/errors.js";
import { problem } from "../bytes/unpack.js";
import type { Decimal } from "../kernels/written.js";
import { type NumberColumn, type TextColumn, unknownColumn } from "./raw_table.js";
import { type NumberTable, readTable } from "./read_table.js";

function pairs(table: NumberTable): [string, number, number][] {
  const { file, columns, rows } = table;
  const numbers = columns.filter((c): c is NumberColumn => c.kind === "number");
  const names = columns.find((c): c is TextColumn => c.kind === "text");
  const weight = numbers.find(({ name }) => /^(weight|weights|w|share|value)$/i.test(name)) ?? numbers[0];
  if (!weight || rows === 0)
    throw problem("E_WEIGHTS", file, "has no weights", "write asset,weight and a line for each asset, or the assets and a line of weights");
  if (names) return Array.from({ length: rows }, (_, row) => [names.words[names.ids[row]!]!, weight.values[row]!, row]);
  if (rows > 1)
    throw problem(
      "E_WEIGHTS",
      file,
      `has ${rows} lines of weights and no column of assets`,
      "one line of weights under the names of the assets",
    );
  return numbers.map(({ name, values }) => [name, values[0]!, 0]);
}

/** In the order of the assets. One that is not named is refused, or taken as not held; what was to be in those that are `left` out is in the others. */
export async function readWeights(
  path: string,
  assets: readonly string[],
  {
    unnamed = "refused",
    decimal,
    left = [],
  }: { unnamed?: "refused" | "not held"; decimal?: Decimal | undefined; left?: readonly string[] } = {},
): Promise<Float64Array> {
  const table = await readTable(path, { decimal });
  const weights = new Float64Array(assets.length).fill(Number.NaN);
  let elsewhere = 0;
  for (const [name, value, row] of pairs(table)) {
    const at = assets.indexOf(name);
    const where = `${table.unit} ${table.lineOf(row)}`;
    if (at < 0 && left.includes(name)) {
      elsewhere += Math.abs(value) || 0;
      continue;
    }
    if (at < 0) throw unknownColumn(`${table.file}, ${where}`, name, assets, didYouMean(name, assets));
    if (!Number.isNaN(weights[at]!))
      throw problem("E_WEIGHTS", table.file, `${where}: ${name} has a second weight`, "one weight for each asset");
    if (!Number.isFinite(value)) throw problem("E_WEIGHTS", table.file, `${where}: ${name} has no weight`, "write 0 for what is not held");
    weights[at] = value;
  }
  const without = assets.filter((_, i) => Number.isNaN(weights[i]!));
  if (without.length > 0 && unnamed === "refused")
    throw problem(
      "E_WEIGHTS",
      table.file,
      `has no weight for ${without.slice(0, 5).join(", ")}${without.length > 5 ? ` and ${without.length - 5} more` : ""}`,
      "write 0 for what is not held, or name the others with --assets",
    );
  const held = weights.map((w) => (Number.isNaN(w) ? 0 : w));
  if (held.every((w) => w === 0)) throw problem("E_WEIGHTS", table.file, "all weights are 0", "a portfolio holds something");
  const gross = held.reduce((sum, w) => sum + Math.abs(w), 0);
  return elsewhere > 0 ? held.map((w) => (w * (gross + elsewhere)) / gross) : held;
}
