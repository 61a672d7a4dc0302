/**
 * Numbers in few bytes, for pages that hold their data: decimals rounded once to so many digits, written as the steps from one to the next,
 * seven bits a byte (LEB128), in base64. What is read again is the rounded number itself.
 */

/** Decimals in base64. */
export interface Packed {
  /** Significant digits of each. */
  readonly digits: number;
  /** Power of ten of the smallest. */
  readonly from: number;
  readonly steps: string;
}
/** Times in base64: whole units, from the first on. */
export interface PackedTimes {
  readonly first: number;
  /** Microseconds. */
  readonly unit: number;
  readonly steps: string;
}

/** Decimals as they stand in a file have few digits and are kept whole; of what was computed so many are kept, and all before the point. */
const [computed, most] = [6, 12];
/** Sums of decimals are off by this share. */
const rounding = 1e-14;
/** A step of twice a code, with its sign, is a whole number that is exact. */
const largestCode = 2 ** 51;

/** As many digits as all values need, where those are few. */
function digitsOf(values: ArrayLike<number>): number {
  let [needed, largest] = [1, 0];
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!Number.isFinite(value)) continue;
    largest = Math.max(largest, Math.abs(value));
    while (needed <= most && Math.abs(Number(value.toPrecision(needed)) - value) > rounding * Math.abs(value)) needed++;
  }
  return needed <= most ? needed : Math.max(computed, Math.min(15, Math.ceil(Math.log10(largest + 1))));
}

/** Of the largest or the smallest number but 0. */
function powerOf(values: ArrayLike<number>, which: (a: number, b: number) => number, start: number): number {
  let found = start;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (Number.isFinite(value) && value !== 0) found = which(found, Math.floor(Math.log10(Math.abs(value))));
  }
  return found;
}

/** `-1.2345e-3` at 5 digits: sign -1, mantissa 12345, power -3. */
function partsOf(value: number, digits: number): [sign: number, mantissa: number, power: number] {
  const [mantissa, power] = Math.abs(value)
    .toExponential(digits - 1)
    .split("e") as [string, string];
  return [Math.sign(value), Number(mantissa.replace(".", "")), Number(power)];
}

/** NaN and infinities become NaN. */
export function packNumbers(values: ArrayLike<number>): Packed {
  let digits = digitsOf(values);
  const powers = 1 + powerOf(values, Math.max, -400) - powerOf(values, Math.min, 400);
  while (9 * 10 ** (digits - 1) * (powers + 1) > largestCode) digits--;
  const [low, spread] = [10 ** (digits - 1), 9 * 10 ** (digits - 1)];
  const parts = Array.from(values, (value) => (Number.isFinite(value) && value !== 0 ? partsOf(value, digits) : undefined));
  const from = parts.reduce((least, part) => Math.min(least, part?.[2] ?? least), 400);
  // Numbers in their order have codes in their order: 0 for 0, and one for each mantissa of each power.
  const steps = new Steps();
  let last = 0;
  for (const [i, part] of parts.entries()) {
    if (!part && values[i] !== 0) {
      steps.add(0);
      continue;
    }
    const code = part ? part[0] * ((part[2] - from) * spread + part[1] - low + 1) : 0;
    const step = code - last;
    steps.add(step < 0 ? -2 * step : 2 * step + 1);
    last = code;
  }
  return { digits, from, steps: steps.text() };
}

export function unpackNumbers({ digits, from, steps }: Packed): Float64Array {
  const [low, spread] = [10 ** (digits - 1), 9 * 10 ** (digits - 1)];
  let last = 0;
  return Float64Array.from(stepsOf(steps), (step) => {
    if (step === 0) return Number.NaN;
    last += step % 2 ? (step - 1) / 2 : -step / 2;
    if (last === 0) return 0;
    const code = Math.abs(last) - 1;
    return Math.sign(last) * Number(`${(code % spread) + low}e${Math.floor(code / spread) + from - digits + 1}`);
  });
}

/** `ms` ascend; rounded to the microsecond. */
export function packTimes(ms: ArrayLike<number>): PackedTimes {
  const all = Array.from(ms, (time) => Math.round(time * 1000));
  const first = all[0] ?? 0;
  const waits = all.map((time, i) => time - (all[i - 1] ?? first));
  const unit = waits.reduce(divisor, 0) || 1;
  const steps = new Steps();
  for (const wait of waits) steps.add(wait / unit);
  return { first, unit, steps: steps.text() };
}

export function unpackTimes({ first, unit, steps }: PackedTimes): Float64Array {
  let at = first;
  return Float64Array.from(stepsOf(steps), (step) => (at += step * unit) / 1000);
}

const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b));

/** Whole numbers from 0 to 2^53, small ones in one byte. */
class Steps {
  private readonly bytes: number[] = [];

  add(value: number): void {
    let rest = value;
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.bytes.push(128 + (rest % 128));
    this.bytes.push(rest);
  }
  text(): string {
    let binary = "";
    for (const byte of this.bytes) binary += String.fromCharCode(byte);
    return btoa(binary);
  }
}

function* stepsOf(base64: string): Generator<number> {
  const binary = atob(base64);
  let [value, weight] = [0, 1];
  for (let i = 0; i < binary.length; i++) {
    const byte = binary.charCodeAt(i);
    value += (byte % 128) * weight;
    weight *= 128;
    if (byte >= 128) continue;
    yield value;
    [value, weight] = [0, 1];
  }
}
