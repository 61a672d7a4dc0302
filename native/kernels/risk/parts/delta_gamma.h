// A book of second order in the coordinates of src/kernels/risk/parts/delta_gamma.ts, and its tail given all of them but one.
#pragma once
#include "linalg/cholesky.h"
#include "linalg/eigen.h"
#include "kernels/parts/normal_quantile.h"
#include "simulated_tail.h"
#include "kernels/parts/sobol.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "delta, gamma, mean, covariance, directions",
                             .options = "assets, paths, confidence, theta, method, scramblings, seed, stream, threads",
                             .outputs = "var, es, varError, esError"};
CHOICE(Sampling, sobol, monte_carlo)

// All of it in units of a power of two as large as what is largest in it, so that no square leaves the range of f64.
struct Book {
  f64 constant, slope, half_curve, sigma, unit;
  i64 others;        // coordinates besides the one along the slope
  f64 *cross, *half;
};

struct BookInputs {
  In<f64> delta, gamma;
  OptionalIn<f64> mean;
  In<f64> covariance;
  OptionalIn<u32> directions;
};

// f64 values for a book of n assets.
inline i64 book_space(i64 n) { return 5 * n * n + cholesky_scratch(n) + 12 * n; }

// H m H with the reflection H that takes v onto the first axis; v is used up.
inline void reflect(f64* m, f64* v, i64 n, f64 slope, f64* sums) {
  v[0] += v[0] < 0 ? -slope : slope;
  const f64 size = dot(v, v, n), times = size > 0 ? 2 / size : 0;
  for (i64 j = 0; j < n; j++) sums[j] = 0;
  for (i64 k = 0; k < n; k++) add_scaled(sums, m + k * n, times * v[k], n);
  for (i64 k = 0; k < n; k++) add_scaled(m + k * n, sums, -v[k], n);
  for (i64 i = 0; i < n; i++) add_scaled(m + i * n, v, -times * dot(m + i * n, v, n), n);
}

// Cross terms of coordinates with one curvature go to the first of them; then those that move the value most come first.
inline void order_coordinates(const f64* values, f64* cross, i64 n, f64* order, f64* weight, Book& book) {
  ascending_order(values, n, order);
  const auto at = [&](i64 i) { return static_cast<i64>(order[i]); };
  f64 largest = 0;
  for (i64 i = 0; i < n; i++) largest = __builtin_fabs(values[i]) > largest ? __builtin_fabs(values[i]) : largest;
  for (i64 i = 0, end; i < n; i = end) {
    f64 squares = cross[at(i)] * cross[at(i)];
    for (end = i + 1; end < n && values[at(end)] - values[at(end - 1)] <= 1e-9 * largest; end++) {
      squares += cross[at(end)] * cross[at(end)];
      cross[at(end)] = 0;
    }
    cross[at(i)] = end > i + 1 ? __builtin_sqrt(squares) : __builtin_fabs(cross[at(i)]);
  }
  f64 *sorted = weight + n, *bends = sorted + n;
  for (i64 i = 0; i < n; i++) sorted[i] = cross[at(i)], bends[i] = values[at(i)];
  for (i64 i = 0; i < n; i++) weight[i] = -(sorted[i] * sorted[i] + 0.5 * bends[i] * bends[i]);
  ascending_order(weight, n, order);
  for (i64 i = 0; i < n; i++) book.cross[i] = sorted[at(i)], book.half[i] = 0.5 * bends[at(i)];
}

// Brings a book's constant, slopes v and curvatures m to its unit.
inline void to_unit(Book& book, f64* v, f64* m, i64 n) {
  f64 largest = __builtin_fabs(book.constant);
  for (i64 i = 0; i < n; i++) largest = __builtin_fabs(v[i]) > largest ? __builtin_fabs(v[i]) : largest;
  for (i64 i = 0; i < n * n; i++) largest = __builtin_fabs(m[i]) > largest ? __builtin_fabs(m[i]) : largest;
  int exponent = 0;
  if (largest > 0 && largest < __builtin_inf()) __builtin_frexp(largest, &exponent);
  if (exponent < -1000) exponent = -1000;  // its inverse is a number, too
  book.unit = __builtin_ldexp(1, exponent);
  const f64 scale = __builtin_ldexp(1, -exponent);
  book.constant *= scale;
  for (i64 i = 0; i < n; i++) v[i] *= scale;
  for (i64 i = 0; i < n * n; i++) m[i] *= scale;
}

static i64 scratch_size(const Sizes& of) {
  const i64 n = of.option(names.option("assets")), paths = of.option(names.option("paths")), scramblings = of.option(names.option("scramblings"));
  const i64 threads = of.option(names.option("threads")), own = (n * n + 2 * n) + threads * 24 * n;
  const bool drawn = static_cast<Sampling>(of.option(names.option("method"))) == Sampling::monte_carlo;
  const PathPlan plan{paths, 1, 240, 0, 1};
  return book_space(n) + own +
         (drawn ? tail_scratch(plan, tail_rule(of.number(names.option("confidence")))) : threads * 2 * (paths / scramblings + 24) + 2 * scramblings);
}

// Fills in `book`, whose constant has theta in it; the row where the covariance has no factor, or -1.
inline i64 make_book(const BookInputs& in, i64 n, f64 theta, f64* space, Book& book) {
  const f64 *delta = in.delta.data, *gamma = in.gamma.data, *mean = in.mean.data;
  f64 *lower = space, *bent = lower + n * n, *m = bent + n * n, *basis = m + n * n, *spare = basis + n * n, *scratch = spare + n * n;
  f64 *v = scratch + cholesky_scratch(n), *sums = v + n, *values = sums + n, *cross = values + n, *work = cross + n;  // work: 6 n
  book = {0, 0, 0, 0, 1, n - 1, work + 4 * n, work + 5 * n};
  const i64 failed = lower_factor(in.covariance.data, n, lower, scratch);
  if (failed >= 0) return failed;
  for (i64 i = 0; i < n * n; i++) bent[i] = m[i] = 0;
  for (i64 k = 0; k < n; k++) v[k] = 0;
  for (i64 i = 0; i < n; i++) {
    f64 pull = 0;
    for (i64 j = 0; j < n; j++) {
      const f64 g = gamma[i > j ? i * n + j : j * n + i];
      pull += mean ? g * mean[j] : 0;
      add_scaled(bent + i * n, lower + j * n, g, j + 1);
    }
    book.constant += mean ? mean[i] * (delta[i] + 0.5 * pull) : 0;
    add_scaled(v, lower + i * n, delta[i] + pull, i + 1);
    for (i64 k = 0; k <= i; k++) add_scaled(m + k * n, bent + i * n, lower[i * n + k], n);
  }
  book.constant += theta;
  to_unit(book, v, m, n);
  book.slope = __builtin_sqrt(dot(v, v, n));
  reflect(m, v, n, book.slope, sums);
  book.half_curve = 0.5 * m[0];
  book.sigma = __builtin_sqrt(book.slope * book.slope + 0.5 * dot(m, m, n * n));
  if (n == 1) return -1;
  for (i64 i = 1; i < n; i++)
    for (i64 j = 1; j < n; j++) spare[(i - 1) * (n - 1) + j - 1] = m[i * n + j];
  if (!eigen_rows(spare, n - 1, values, basis, work)) book.sigma = book.constant = __builtin_nan("");
  for (i64 c = 0; c < n - 1; c++) cross[c] = dot(basis + c * (n - 1), m + 1, n - 1);
  order_coordinates(values, cross, n - 1, sums, work, book);
  return -1;
}

// Probability and mean of the loss -(c + b y + q y^2) where it is above the level.
struct TailPart {
  f64 probability, loss;
};
inline TailPart conditional_tail(f64 c, f64 b, f64 q, f64 level) {
  const f64 k = c + level, discriminant = b * b - 4 * q * k;
  const TailPart above{1, -(c + q)}, none{0, 0};
  if (discriminant < 0) return q < 0 ? above : none;
  const f64 root = __builtin_sqrt(discriminant), t = -0.5 * (b + (b < 0 ? -root : root));
  if (t == 0) return q < 0 || (q == 0 && k < 0) ? above : none;
  const f64 one = q == 0 ? (t < 0 ? -__builtin_inf() : __builtin_inf()) : t / q, two = k / t;
  const f64 low = one < two ? one : two, high = one < two ? two : one;
  const f64 at_low = normal_pdf(low), at_high = normal_pdf(high), m0 = normal_cdf(high) - normal_cdf(low);
  const f64 edges = (at_low > 0 ? low * at_low : 0) - (at_high > 0 ? high * at_high : 0);
  const f64 between = -(c * m0 + b * (at_low - at_high) + q * (m0 + edges));
  if (q < 0) return {1 - m0, above.loss - between};
  return {m0, between};
}

struct SmoothTail {
  const f64 *c, *b;
  i64 points;
  f64 q;
  TailPart at(f64 level) const {
    TailPart sum{0, 0};
    for (i64 i = 0; i < points; i++) {
      const TailPart one = conditional_tail(c[i], b[i], q, level);
      sum.probability += one.probability, sum.loss += one.loss;
    }
    const f64 n = static_cast<f64>(points);
    return {sum.probability / n, sum.loss / n};
  }
};

// VaR and ES by the Illinois method, with a bisection now and then. The steps that look for the ends double: there are 2,100 at most.
inline void smoothed_risk(const SmoothTail& tail, f64 alpha, f64 sigma, f64& var, f64& es) {
  if (!(sigma > 0)) {  // nothing moves the value, or it is no number
    var = es = -(tail.c[0] + sigma);
    return;
  }
  const auto excess = [&](f64 level) { return tail.at(level).probability - alpha; };
  f64 low = -tail.c[0], high = low, at_low = excess(low), at_high = at_low;
  for (f64 step = sigma; at_low <= 0 && step < __builtin_inf(); step *= 2) low -= step, at_low = excess(low);
  for (f64 step = sigma; at_high > 0 && step < __builtin_inf(); step *= 2) high += step, at_high = excess(high);
  for (int i = 0; i < 100 && high - low > 1e-15 * (__builtin_fabs(high) + sigma); i++) {
    const f64 secant = high - at_high * (high - low) / (at_high - at_low), middle = 0.5 * (low + high);
    const f64 next = i % 4 == 3 || !(secant > low && secant < high) ? middle : secant, found = excess(next);
    if (found > 0) low = next, at_low = found, at_high *= 0.5;
    else high = next, at_high = found, at_low *= 0.5;
    if (found == 0) break;
  }
  var = at_high == 0 ? high : 0.5 * (low + high);
  const TailPart found = tail.at(var);
  es = var + (found.loss - var * found.probability) / alpha;
}

// Mean of a few numbers and its standard error.
inline void mean_and_error(const f64* x, i64 count, f64& mean, f64& error) {
  f64 sum = 0, squares = 0;
  for (i64 i = 0; i < count; i++) sum += x[i];
  mean = sum / static_cast<f64>(count);
  for (i64 i = 0; i < count; i++) squares += (x[i] - mean) * (x[i] - mean);
  error = __builtin_sqrt(squares / static_cast<f64>(count * (count - 1)));
}

// Where the coordinates come from.
struct Draw {
  u32 seed, stream;
  const u32* directions;
  i64 even;  // coordinates that Sobol' points have

  u32 scramble(i64 coordinate, i32 number) const { return scramble_seed(static_cast<u32>(coordinate), seed, stream * 64 + static_cast<u32>(number)); }
};

// Fills in `book`, whose constant holds theta too, and `draw`; or refuses a covariance that has no factor.
inline Status open_book(const BookInputs& in, i64 assets, f64 theta, i32 seed, i32 stream, Space& space, Book& book, Draw& draw) {
  const i64 failed = make_book(in, assets, theta, space.take(book_space(assets)), book);
  if (failed >= 0) return refuse(NOT_DEFINITE, names.input("covariance"), failed * (assets + 1), 0);
  const i64 dimensions = in.directions ? in.directions.length / 32 : 0;
  draw = {static_cast<u32>(seed), static_cast<u32>(stream), in.directions.data, dimensions < book.others ? dimensions : book.others};
  return done();
}

struct BookOutputs {
  f64 unit;  // of what was found
  Out<f64> var, es, var_error, es_error;
  void operator()(i64, const SimulatedRisk& risk) const {
    var[0] = unit * risk.var, es[0] = unit * risk.es, var_error[0] = unit * risk.var_error, es_error[0] = unit * risk.es_error;
  }
};

// one(number, thread, var, es) makes the smoothed tail of a scrambling; results are the means over them.
template <class One> Status scrambled_risk(i32 scramblings, i64 points, i32 threads, Threads crew, Space space, const BookOutputs& out, One one) {
  f64 *vars = space.take(scramblings), *means = space.take(scramblings);
  const bool whole = spread(crew, scramblings, points, threads, [&](i64 i, i32 thread) { one(static_cast<i32>(i), thread, vars[i], means[i]); });
  if (!whole) return cancelled();
  SimulatedRisk found{};
  mean_and_error(vars, scramblings, found.var, found.var_error);
  mean_and_error(means, scramblings, found.es, found.es_error);
  out(0, found);
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
