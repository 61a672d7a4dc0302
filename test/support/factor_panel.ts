/** A panel whose returns are made of market, sectors and a style alone: what a factor model must find. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { seeded } from "../../src/kernels/parts/sample.js";

export const [dates, assets] = [70, 30];
export const day = (t: number): string => new Date(Date.UTC(2024, 0, 1 + t)).toISOString().slice(0, 10);
const random = seeded(7);
const style = Array.from({ length: assets }, () => random() + random() - 1);
const market = Array.from({ length: dates }, () => 0.02 * (random() - 0.5));
export const premium = Array.from({ length: dates }, () => 0.01 * (random() - 0.4));
/** Nothing but market, sector and style: no residual. */
export const returns = (t: number, i: number): number => market[t]! + (i % 3) * 0.001 + premium[t]! * style[i]!;

export const head = "date,symbol,close,cap,style,oracle";
const price = Array.from({ length: assets }, () => 100);
/** Cells of a row for each date and asset; oracle is the return of the next date. */
export const rows: string[][] = [];
for (let t = 0; t < dates; t++)
  for (let i = 0; i < assets; i++) {
    price[i]! *= 1 + returns(t, i);
    const next = t + 1 < dates ? returns(t + 1, i) : 0;
    rows.push([day(t), `A${i}`, String(price[i]), String(1e7 * (1 + i) * price[i]!), String(style[i]), String(next)]);
  }

export const writeTable = (folder: string, name: string, lines: readonly (readonly string[])[], title = head): void =>
  writeFileSync(join(folder, name), `${[title, ...lines.map((line) => line.join(","))].join("\n")}\n`);

/** panel.csv and sectors.csv: three sectors. */
export function writePanel(folder: string): void {
  writeTable(folder, "panel.csv", rows);
  writeTable(
    folder,
    "sectors.csv",
    Array.from({ length: assets }, (_, i) => [`A${i}`, `sector ${i % 3}`]),
    "symbol,sector",
  );
}
