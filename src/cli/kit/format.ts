/** Numbers and times for a terminal: ASCII only, "-" where there is none. */
export const none = "-";

export const count = (value: number): string => (Number.isFinite(value) ? Math.round(value).toLocaleString("en-US") : none);

export const fixed = (value: number, decimals = 3): string =>
  Number.isFinite(value)
    ? value.toLocaleString("en-US", { minimumFractionDigits: decimals, maximumFractionDigits: decimals }).replace(/^-(?=[0.]*$)/, "")
    : none;

/** Up to `digits` significant digits, but never fewer than the whole part has. */
export function amount(value: number, digits = 7): string {
  if (!Number.isFinite(value)) return none;
  if (value !== 0 && (Math.abs(value) < 1e-6 || Math.abs(value) >= 1e15)) return value.toExponential(3);
  const whole = Math.ceil(Math.log10(Math.abs(value) + 1));
  return value.toLocaleString("en-US", { maximumSignificantDigits: Math.max(digits, whole, 1) });
}

/** Four digits, whatever the size: `0.5544`, `1.23e-6`. */
export const figure = (value: number): string => (value !== 0 && Math.abs(value) < 1e-3 ? value.toExponential(2) : amount(value, 4));

/** `3 rows`, `1.31 M rows`. */
export const short = (value: number): string =>
  value >= 1e9 ? `${(value / 1e9).toFixed(2)} G` : value >= 1e6 ? `${(value / 1e6).toFixed(2)} M` : count(value);

export const percent = (share: number, decimals = 1): string => (Number.isFinite(share) ? `${fixed(100 * share, decimals)}%` : none);
export const signedPercent = (share: number): string => (Number.isFinite(share) ? `${share >= 0 ? "+" : ""}${percent(share)}` : "unknown");

export const plural = (n: number, one: string, many = `${one}s`): string => `${count(n)} ${n === 1 ? one : many}`;

const iso = (time: bigint): string => {
  const date = new Date(Number(time / 1_000_000n));
  return Number.isNaN(date.getTime()) ? none : date.toISOString();
};
export const toMs = (time: bigint): string => iso(time).slice(0, 23).replace("T", " ");
export const toSecond = (time: bigint): string => iso(time).slice(0, 19).replace("T", " ");
export const toMinute = (time: bigint): string => iso(time).slice(0, 16).replace("T", " ");
/** All nine decimals. */
export const toNanosecond = (time: bigint): string =>
  `${iso(time).slice(0, 19)}.${(((time % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n).toString().padStart(9, "0")}Z`;

/** `0.61 s`, `41 min`, `3 h 20 min`. */
export function seconds(value: number): string {
  if (value < 60) return `${value < 10 ? value.toFixed(2) : value.toFixed(1)} s`;
  const minutes = Math.round(value / 60);
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** Rows of cells, columns set apart by two blanks; those named stand on the right. */
export function columns(rows: readonly (readonly string[])[], right: readonly number[], indent = ""): string {
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  const cell = (text: string, i: number) => (right.includes(i) ? text.padStart(widths[i]!) : text.padEnd(widths[i]!));
  return rows.map((row) => (indent + row.map(cell).join("  ")).trimEnd()).join("\n");
}

/** Lines of whole words. */
export function wrapped(text: string, width: number): string[] {
  const lines = [""];
  for (const word of text.split(" ")) {
    const last = lines.at(-1)!;
    if (last === "") lines[lines.length - 1] = word;
    else if (last.length + word.length + 1 <= width) lines[lines.length - 1] += ` ${word}`;
    else lines.push(word);
  }
  return lines;
}
