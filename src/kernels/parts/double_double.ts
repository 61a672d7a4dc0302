/** Numbers as the unevaluated sum of two f64, about 106 bits, for the references' powers: Dekker (1971), Numer. Math. 18. */

export type Double = readonly [high: number, low: number];

const splitter = 2 ** 27 + 1;
export const ln2: Double = [Math.LN2, 2.3190468138462996e-17];

function exactSum(a: number, b: number): Double {
  const high = a + b;
  const part = high - a;
  return [high, a - (high - part) + (b - part)];
}

function exactProduct(a: number, b: number): Double {
  const split = (x: number) => {
    const head = splitter * x - (splitter * x - x);
    return [head, x - head] as const;
  };
  const [[ah, al], [bh, bl], high] = [split(a), split(b), a * b];
  return [high, ah * bh - high + ah * bl + al * bh + al * bl];
}

export function plus(a: Double, b: Double): Double {
  const [high, low] = exactSum(a[0], b[0]);
  return exactSum(high, low + (a[1] + b[1]));
}

export function times(a: Double, b: Double): Double {
  const [high, low] = exactProduct(a[0], b[0]);
  return exactSum(high, low + (a[0] * b[1] + a[1] * b[0]));
}

export function over(a: Double, b: Double): Double {
  const first = a[0] / b[0];
  const product = times([first, 0], b);
  return exactSum(first, (a[0] - product[0] - product[1] + a[1]) / b[0]);
}

/** exp(x) as a number > 0 and a power of two apart: the series of a 64th of what is left of x, squared six times. */
function exponential(x: Double): { value: Double; power: number } {
  const power = Math.round(x[0] / ln2[0]);
  const rest = plus(x, times([-power, 0], ln2));
  const small: Double = [rest[0] / 64, rest[1] / 64];
  let value: Double = [1, 0];
  for (let n = 12; n > 0; n--) value = plus([1, 0], over(times(small, value), [n, 0]));
  for (let i = 0; i < 6; i++) value = times(value, value);
  return { value, power };
}

/** x exp(e), rounded once and gradually to 0. */
export function timesExp(x: Double, e: Double): number {
  if (e[0] <= -2000) return 0 * x[0];
  const { value, power } = exponential(e);
  const [high] = times(x, value);
  const half = Math.trunc(power / 2);
  return high * 2 ** half * 2 ** (power - half);
}

/** log(x) of x > 0: one step of Newton's method from the logarithm in f64. */
export function logOf(x: Double): Double {
  const power = Math.floor(Math.log2(x[0]));
  const scale = (part: number) => (part * 2 ** -Math.trunc(power / 2)) / 2 ** (power - Math.trunc(power / 2));
  const mantissa: Double = [scale(x[0]), scale(x[1])];
  const guess: Double = [Math.log(mantissa[0]), 0];
  const minus = exponential([-guess[0], 0]);
  const shifted: Double = [minus.value[0] * 2 ** minus.power, minus.value[1] * 2 ** minus.power];
  const off = plus(times(mantissa, shifted), [-1, 0]);
  return plus(plus(guess, plus(off, [-(off[0] * off[0]) / 2, 0])), times([power, 0], ln2));
}
