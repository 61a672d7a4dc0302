// Contract: src/kernels/risk/covariance/sample_covariance.ts, src/kernels/risk/tail/simulate_returns.ts, src/kernels/risk/tail/monte_carlo_risk.ts, src/kernels/risk/options/option_book_risk.ts
// Source: definition; sums of products in numbers of two floats, 2^-43 of the sum of their sizes.
// sums[i][j] = sum over k of left[k][i] right[k][j], and, with a diagonal, diagonal[i] right[depth + i][j]. One thread a sum.
#include <metal_stdlib>
using namespace metal;

#include "constants.h"
#include "pair.h"

kernel void product_sums(
    device const float2* left [[buffer(0)]], device const float2* right [[buffer(1)]], device const float2* diagonal [[buffer(2)]],
    device float2* sums [[buffer(3)]], constant product_sums_constants& constants [[buffer(4)]], uint index [[thread_position_in_grid]]) {
  const uint columns = constants.columns, i = index / columns, j = index % columns;
  if (i >= constants.rows || (constants.upper && j < i)) return;
  pair sum = pair(0.0f, 0.0f);
  for (uint k = 0; k < constants.depth; k++)
    sum = add(sum, times(pair_at(left + k * constants.rows + i), pair_at(right + k * columns + j)));
  if (constants.diagonal) sum = add(sum, times(pair_at(diagonal + i), pair_at(right + (constants.depth + i) * columns + j)));
  put(sum, sums + index);
}
