// Contract: src/kernels/risk/stress/reverse_stress.ts. The same equation; the basis comes by QL.
#include "linalg/cholesky.h"
#include "linalg/eigen.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "covariance, delta, gamma, loss", .options = "factors", .outputs = "shock, distance"};

namespace {

struct Curve {
  const f64 *b, *lambda;
  i64 n;

  f64 part(i64 i, f64 mu) const { return b[i] == 0 ? 0.0 : -mu * b[i] / (1 + mu * lambda[i]); }
  f64 gain(f64 mu) const {
    f64 sum = 0;
    for (i64 i = 0; i < n; i++) {
      const f64 y = part(i, mu);
      sum += b[i] * y + 0.5 * lambda[i] * y * y;
    }
    return sum;
  }
};

// y of smallest size that loses `loss`; false where there is none. `lowest`: where lambda is least.
bool nearest(const Curve& c, i64 lowest, f64 loss, f64* y) {
  const f64 least = c.lambda[lowest], end = least < 0 ? -1 / least : __builtin_inf();
  f64 low = 0, high = end;
  if (!(least < 0)) {
    for (high = 1; c.gain(high) > -loss && high < 1e300;) high *= 2;
    if (high >= 1e300) return false;
  }
  for (;;) {  // until they are neighbours: after some 2,100 halvings at most
    const f64 middle = (low + high) / 2;
    if (!(middle > low && middle < high)) break;
    (c.gain(middle) > -loss ? low : high) = middle;
  }
  for (i64 i = 0; i < c.n; i++) y[i] = c.part(i, low);
  const f64 lack = loss + c.gain(low);
  if (low >= end * (1 - 1e-12) && lack > 1e-9 * loss) y[lowest] += __builtin_sqrt(2 * lack / -least);
  return true;
}

struct Basis {
  f64 *lower, *curved, *rows, *lambda, *b, *y, *part, *scratch;
};

// Lower factor, then the basis in which the curvature is diagonal, and delta in it. False where the covariance has no factor.
bool make_basis(In<f64> covariance, In<f64> delta, OptionalIn<f64> gamma, i64 n, const Basis& s) {
  if (lower_factor(covariance.data, n, s.lower, s.scratch) >= 0) return false;
  const auto g = [=](i64 i, i64 j) { return i > j ? gamma[i * n + j] : gamma[j * n + i]; };
  f64* half = s.rows;  // gamma times the factor
  for (i64 i = 0; i < n; i++)
    for (i64 j = 0; j < n; j++) {
      half[i * n + j] = 0;
      for (i64 k = j; k < n; k++) half[i * n + j] += g(i, k) * s.lower[k * n + j];
    }
  for (i64 i = 0; i < n; i++)
    for (i64 j = 0; j <= i; j++) {
      f64 sum = 0;
      for (i64 k = i; k < n; k++) sum += s.lower[k * n + i] * half[k * n + j];
      s.curved[i * n + j] = s.curved[j * n + i] = sum;
    }
  for (i64 j = 0; j < n; j++) {
    s.part[j] = 0;
    for (i64 k = j; k < n; k++) s.part[j] += s.lower[k * n + j] * delta[k];
  }
  eigen_rows(s.curved, n, s.lambda, s.rows, s.scratch);
  for (i64 i = 0; i < n; i++) s.b[i] = dot(s.rows + i * n, s.part, n);
  return true;
}

}  // namespace

static i64 scratch_size(const Sizes& of) {
  const i64 n = of.option(names.option("factors"));
  return 3 * n * n + 7 * n + cholesky_scratch(n);
}

static Status reverse_stress(In<f64> covariance, In<f64> delta, OptionalIn<f64> gamma, In<f64> loss, i32 factors, Workspace scratch, Out<f64> shock,
                             Out<f64> distance) {
  const i64 n = factors;
  const f64 none = __builtin_nan("");
  f64* w = scratch.data;
  const Basis s{w, w + n * n, w + 2 * n * n, w + 3 * n * n, w + 3 * n * n + n, w + 3 * n * n + 2 * n, w + 3 * n * n + 3 * n, w + 3 * n * n + 4 * n};
  if (!gamma) {
    const auto at = [=](i64 i, i64 j) { return i > j ? covariance[i * n + j] : covariance[j * n + i]; };
    f64 variance = 0;
    for (i64 i = 0; i < n; i++) {
      s.y[i] = 0;
      for (i64 j = 0; j < n; j++) s.y[i] += at(i, j) * delta[j];
      variance += s.y[i] * delta[i];
    }
    for (i64 k = 0; k < loss.length; k++) {
      distance[k] = variance > 0 ? loss[k] / __builtin_sqrt(variance) : __builtin_inf();
      for (i64 i = 0; i < n; i++) shock[k * n + i] = variance > 0 ? -loss[k] * s.y[i] / variance : none;
    }
    return done();
  }
  const bool definite = make_basis(covariance, delta, gamma, n, s);
  i64 lowest = 0;
  for (i64 i = 1; definite && i < n; i++) lowest = s.lambda[i] < s.lambda[lowest] ? i : lowest;
  for (i64 k = 0; k < loss.length; k++) {
    f64* to = shock.data + k * n;
    const bool reached = definite && nearest({s.b, s.lambda, n}, lowest, loss[k], s.y);
    distance[k] = !definite ? none : reached ? __builtin_sqrt(dot(s.y, s.y, n)) : __builtin_inf();
    for (i64 j = 0; j < n; j++) s.part[j] = 0;
    for (i64 i = 0; reached && i < n; i++) add_scaled(s.part, s.rows + i * n, s.y[i], n);
    for (i64 i = 0; i < n; i++) to[i] = reached ? dot(s.lower + i * n, s.part, i + 1) : none;
  }
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL_PLAIN(reverse_stress)
