// Contract: src/kernels/risk/options/delta_gamma_risk.ts
// Source: Glasserman, Heidelberger & Shahabuddin (2000), Manage. Sci. 46(10): in its own coordinates a book has no mixed terms.
// One thread a path: with all coordinates but the one along the delta given, what does not hang on that one, and the slope along it.
#include <metal_stdlib>
using namespace metal;

#include "constants.h"
#include "pair.h"

kernel void second_order(
    device const float2* coordinates [[buffer(0)]], device const float2* half_curves [[buffer(1)]], device const float2* crosses [[buffer(2)]],
    device float2* constant_parts [[buffer(3)]], device float2* slopes [[buffer(4)]], constant second_order_constants& constants [[buffer(5)]],
    uint path [[thread_position_in_grid]]) {
  if (path >= constants.paths) return;
  pair sum = pair(0.0f, 0.0f), slope = pair(0.0f, 0.0f);
  for (uint d = 0; d < constants.others; d++) {
    const pair x = pair_at(coordinates + d * constants.paths + path);
    sum = add(sum, times(pair_at(half_curves + d), times(x, x)));
    slope = add(slope, times(pair_at(crosses + d), x));
  }
  put(sum, constant_parts + path);
  put(slope, slopes + path);
}
