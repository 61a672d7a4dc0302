/**
 * Indices worth drawing when `columns` columns of pixels stand for all of `x`: of every column the lowest and the highest value,
 * so that no spike is lost, its first missing value, so that a gap stays a gap, and the two ends. `x` ascends.
 */
export function decimate(x: ArrayLike<number>, y: ArrayLike<number>, columns: number): number[] {
  const rows = x.length;
  if (rows <= 2 * columns) return Array.from({ length: rows }, (_, i) => i);
  const columnOf = columnsBy(x, columns);
  const kept: number[] = [0];
  const keep = (...indices: number[]) => {
    for (const i of indices.sort((a, b) => a - b)) if (i > kept[kept.length - 1]!) kept.push(i);
  };
  for (let first = 0; first < rows; ) {
    const column = columnOf(first);
    let [lowest, highest, missing] = [-1, -1, -1];
    let i = first;
    for (; i < rows && columnOf(i) === column; i++) {
      if (!Number.isFinite(y[i]!)) {
        if (missing < 0) missing = i;
        continue;
      }
      if (lowest < 0 || y[i]! < y[lowest]!) lowest = i;
      if (highest < 0 || y[i]! > y[highest]!) highest = i;
    }
    keep(lowest, highest, missing);
    first = i;
  }
  keep(rows - 1);
  return kept;
}

/** What the values of one column of pixels come to. */
export interface Column {
  /** Mean of the times in it. */
  x: number;
  lowest: number;
  median: number;
  highest: number;
}

/** For data so dense that a line would fill the picture: extremes and median per column; columns without a value are left out. */
export function columnsOf(x: ArrayLike<number>, y: ArrayLike<number>, columns: number): Column[] {
  const found: Column[] = [];
  const columnOf = columnsBy(x, columns);
  for (let first = 0; first < x.length; ) {
    const column = columnOf(first);
    const values: number[] = [];
    let sum = 0;
    let i = first;
    for (; i < x.length && columnOf(i) === column; i++) {
      if (!Number.isFinite(y[i]!)) continue;
      values.push(y[i]!);
      sum += x[i]! - x[first]!;
    }
    values.sort((a, b) => a - b);
    const middle = values.length >> 1;
    const median = values.length % 2 ? values[middle]! : values[middle - 1]! / 2 + values[middle]! / 2;
    if (values.length) found.push({ x: x[first]! + sum / values.length, lowest: values[0]!, median, highest: values[values.length - 1]! });
    first = i;
  }
  return found;
}

/** Rows for a table that stands in for a line: equal slices of time, each with its extremes. Slices without a value are left out. */
export interface Slice {
  from: number;
  to: number;
  values: number;
  lowest: number;
  highest: number;
  last: number;
}

export function slices(x: ArrayLike<number>, y: ArrayLike<number>, most: number): Slice[] {
  const found: Slice[] = [];
  const sliceOf = columnsBy(x, most);
  const from = x[0] ?? 0;
  const width = ((x[x.length - 1] ?? 0) - from) / most;
  let index = -1;
  for (let i = 0; i < x.length; i++) {
    const value = y[i]!;
    if (!Number.isFinite(value)) continue;
    if (sliceOf(i) !== index) {
      index = sliceOf(i);
      const start = from + index * width;
      found.push({ from: start, to: start + width, values: 0, lowest: value, highest: value, last: value });
    }
    const into = found[found.length - 1]!;
    into.values++;
    into.lowest = Math.min(into.lowest, value);
    into.highest = Math.max(into.highest, value);
    into.last = value;
  }
  return found;
}

/** The column of each row when `columns` of equal width lie between the first and the last `x`. */
export function columnsBy(x: ArrayLike<number>, columns: number): (row: number) => number {
  const from = x[0] ?? 0;
  const span = (x[x.length - 1] ?? 0) - from;
  return (row) => (span > 0 ? Math.min(columns - 1, Math.floor(((x[row]! - from) / span) * columns)) : 0);
}
