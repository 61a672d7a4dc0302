// Numbers of two floats, x rounded and y what the rounding lost, which hold 48 bits: sums, products, quotients, roots, exp and log.
// Sources: Dekker (1971), Numer. Math. 18; Joldes, Muller & Popescu (2017), ACM Trans. Math. Softw. 44(2), algorithms 6, 12 and 18.
// Error, relative: 2^-44 of sums of one sign, products, quotients, roots and exp, 2^-43 of log1p; log has 2^-44 absolute or relative,
// whichever is larger. Below 1e-31 the second float may be flushed to 0 and 24 bits are left.
// The rounding errors are exact only without fast math. Contraction to fma is harmless: no operand of a sum here is a bare product.
#ifdef __FAST_MATH__
#error "numbers of two floats need exact rounding: build without fast math"
#endif

typedef float2 pair;

static inline pair pair_at(device const float2* at) { return pair(at->x, at->y); }
static inline void put(pair value, device float2* at) { at->x = value.x, at->y = value.y; }

static inline pair exact_sum(float a, float b) {
  const float sum = a + b;
  const float part = sum - a;
  return pair(sum, (a - (sum - part)) + (b - part));
}
static inline pair ordered_sum(float a, float b) {  // |a| >= |b|
  const float sum = a + b;
  return pair(sum, b - (sum - a));
}
static inline float rounded(float a, float b) { return fma(a, b, 0.0f); }  // a product that no compiler takes into a sum
static inline pair exact_product(float a, float b) {
  const float product = rounded(a, b);
  return pair(product, fma(a, b, -product));
}

static inline pair add(pair a, pair b) {
  const pair high = exact_sum(a.x, b.x), low = exact_sum(a.y, b.y);
  const pair sum = ordered_sum(high.x, high.y + low.x);
  return ordered_sum(sum.x, low.y + sum.y);
}
static inline pair add(pair a, float b) {
  const pair sum = exact_sum(a.x, b);
  return ordered_sum(sum.x, a.y + sum.y);
}
static inline pair times(pair a, pair b) {
  const pair product = exact_product(a.x, b.x);
  return ordered_sum(product.x, fma(a.x, b.y, fma(a.y, b.x, product.y)));
}
static inline pair times(pair a, float b) {
  const pair product = exact_product(a.x, b);
  return ordered_sum(product.x, fma(a.y, b, product.y));
}
static inline pair over(pair a, pair b) {
  const float quotient = a.x / b.x;
  const float left = fma(-quotient, b.x, a.x) + a.y;
  return ordered_sum(quotient, fma(-quotient, b.y, left) / b.x);
}
static inline pair root(pair a) {
  if (!(a.x > 0.0f)) return pair(sqrt(a.x), 0.0f);
  const float high = sqrt(a.x);
  return ordered_sum(high, (fma(-high, high, a.x) + a.y) / (2.0f * high));
}
static inline pair scaled(pair a, int power) { return pair(ldexp(a.x, power), ldexp(a.y, power)); }
static inline pair size_of(pair a) { return a.x < 0.0f ? -a : a; }

// exp(r) - 1 for |r| <= 0.36: the series of exp(r / 16) - 1, which is squared back four times.
static inline pair exponential_rest(pair r) {
  r = scaled(r, -4);
  const pair sixth = add(pair(0.16666667f, -4.967054e-9f), rounded(r.x, 1.0f / 24 + r.x * (1.0f / 120 + r.x * (1.0f / 720))));
  const pair square = times(r, r);
  pair rest = add(r, add(scaled(square, -1), times(times(square, r), sixth)));
  for (int i = 0; i < 4; i++) rest = times(rest, add(rest, 2.0f));
  return rest;
}
// 0 below -104, where it is 0 in f32.
static inline pair exponential(pair a) {
  if (a.x < -104.0f) return pair(0.0f, 0.0f);
  if (a.x > 89.0f) return pair(INFINITY, 0.0f);
  const float power = rint(a.x * 1.442695f);
  pair r = add(a, -power * 0.6931457519531250f);  // exact: the constant has 15 bits
  r = add(r, times(pair(-1.4286068e-6f, -5.497923e-14f), power));
  return scaled(add(exponential_rest(r), 1.0f), int(power));
}
static inline pair exponential_less_one(pair a) { return fabs(a.x) < 0.34f ? exponential_rest(a) : add(exponential(a), -1.0f); }

// One step of Newton's method from the logarithm in f32, with the two terms that it leaves out.
static inline pair logarithm(pair a) {
  const float first = precise::log(a.x);
  const pair rest = add(times(a, exponential(pair(-first, 0.0f))), -1.0f);
  return add(add(rest, first), rounded(rest.x * rest.x, rest.x * (1.0f / 3) - 0.5f));
}
// log(1 + a) for a >= 0, which is 2 atanh(a / (2 + a)).
static inline pair logarithm_above_one(pair a) {
  if (a.x > 0.25f) return logarithm(add(a, 1.0f));
  const pair z = over(a, add(a, 2.0f)), square = times(z, z);
  const float s = square.x, rest = 1.0f / 9 + s * (1.0f / 11 + s * (1.0f / 13 + s * (1.0f / 15 + s * (1.0f / 17))));
  pair series = add(pair(0.14285715f, -6.386212e-9f), rounded(s, rest));
  series = add(pair(0.2f, -2.9802323e-9f), times(square, series));
  series = add(pair(0.33333334f, -9.934108e-9f), times(square, series));
  return scaled(add(z, times(times(z, square), series)), 1);
}
