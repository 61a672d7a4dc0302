// A problem of binary variables, dense or of low rank, as src/kernels/portfolio/selection/qubo_problem.ts has it: the same sums in the same
// order, so that both give the same bits. Rows of matrices are filled up to eight variables.
#pragma once
#include "simd/simd.h"

namespace tickforge::TICKFORGE_ISA {

struct ProblemInputs {
  OptionalIn<f64> quadratic, loading, factor_weight;
  In<f64> linear;
};

// What does not change while a problem is searched. `matrix` is couplings [n][padded] of a dense one; of one of low rank it is the loadings
// [n][factors_padded], and `slopes` is 2 weight loading, factor after factor [factors][padded].
struct Problem {
  i64 n, padded, factors, factors_padded;
  bool dense;
  f64 unit;
  const f64* linear;  // of a dense one with the diagonal added
  const f64* weight;
  f64 *own, *matrix, *slopes;
};

inline i64 padded_to_eight(i64 n) { return (n + 7) / 8 * 8; }

inline i64 problem_space(i64 n, i64 factors, bool dense) {
  const i64 padded = padded_to_eight(n);
  return padded + (dense ? padded + n * padded : n * padded_to_eight(factors) + factors * padded + factors * factors);
}
static constexpr i64 pair_block = 32;

// couplings of a dense problem: q_ij + q_ji, 0 on the diagonal.
inline void fill_couplings(const Problem& of, const f64* q) {
  const i64 n = of.n, padded = of.padded;
  for (i64 a = 0; a < n; a += pair_block)
    for (i64 b = 0; b < n; b += pair_block) {
      const i64 below = a + pair_block < n ? a + pair_block : n, right = b + pair_block < n ? b + pair_block : n;
      for (i64 i = a; i < below; i++)
        for (i64 j = b; j < right; j++) of.matrix[i * padded + j] = i == j ? 0 : q[i * n + j] + q[j * n + i];
    }
  for (i64 i = 0; i < n; i++)
    for (i64 j = n; j < padded; j++) of.matrix[i * padded + j] = 0;
}

inline Problem open_problem(const ProblemInputs& in, f64* space) {
  Problem of{};
  const i64 n = of.n = in.linear.length, padded = of.padded = padded_to_eight(n);
  of.dense = static_cast<bool>(in.quadratic);
  f64 squares = 0;
  if (of.dense) {
    f64* linear = space;
    of.own = linear + padded, of.matrix = of.own + padded;
    for (i64 i = 0; i < padded; i++) linear[i] = i < n ? in.linear[i] + in.quadratic[i * n + i] : 0, of.own[i] = 0;
    of.linear = linear;
    fill_couplings(of, in.quadratic.data);
    f64x8 sums{};
    for (i64 at = 0; at < n * padded; at += 8) {
      const f64x8 c = load<f64x8>(of.matrix + at);
      sums += c * c;
    }
    squares = reduce_add(sums);
  } else {
    const i64 k = of.factors = in.factor_weight.length, wide = of.factors_padded = padded_to_eight(k);
    const f64 *v = in.loading.data, *w = of.weight = in.factor_weight.data;
    of.own = space, of.matrix = of.own + padded, of.slopes = of.matrix + n * wide;
    of.linear = in.linear.data;
    f64* gram = of.slopes + k * padded;
    for (i64 at = 0; at < k * k; at++) gram[at] = 0;
    for (i64 i = 0; i < padded; i++) {
      of.own[i] = 0;
      for (i64 f = 0; f < k && i < n; f++) {
        of.own[i] += w[f] * v[i * k + f] * v[i * k + f];
        for (i64 g = 0; g < k; g++) gram[f * k + g] += v[i * k + f] * v[i * k + g];
      }
      for (i64 f = 0; f < wide && i < n; f++) of.matrix[i * wide + f] = f < k ? v[i * k + f] : 0;
      for (i64 f = 0; f < k; f++) of.slopes[f * padded + i] = i < n ? 2 * w[f] * v[i * k + f] : 0;
    }
    for (i64 f = 0; f < k; f++)
      for (i64 g = 0; g < k; g++) squares += 4 * w[f] * w[g] * gram[f * k + g] * gram[f * k + g];
    for (i64 i = 0; i < n; i++) squares -= 4 * of.own[i] * of.own[i];
  }
  of.unit = squares > 0 ? __builtin_sqrt(squares / static_cast<f64>(n)) / 4 : 1;
  return of;
}

}  // namespace tickforge::TICKFORGE_ISA
