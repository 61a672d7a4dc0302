// Contract: src/kernels/risk/options/delta_gamma_risk.ts
// Source: Sobol' points in the order of Gray's code, scrambled as src/kernels/parts/sobol.ts has it; Wichura (1988), AS 241, for the start
// of the inverse. One thread a point and a dimension; variables[dimension][point].
#include <metal_stdlib>
using namespace metal;

#include "constants.h"
#include "philox.h"

static inline uint scrambled_bits(uint x, uint seed) {
  uint n = reverse_bits(x);
  n ^= n * 0x3d20adeau;
  n = (n + seed) * ((seed >> 16) | 1);
  n ^= n * 0x05526c56u;
  n ^= n * 0x53a22864u;
  return reverse_bits(n);
}

kernel void sobol_draws(
    device const uint* directions [[buffer(0)]], device const uint* seeds [[buffer(1)]], device float2* variables [[buffer(2)]],
    constant sobol_draws_constants& constants [[buffer(3)]], uint index [[thread_position_in_grid]]) {
  const uint dimension = index / constants.points, point = constants.first_point + index % constants.points;
  if (dimension >= constants.dimensions) return;
  uint bits = 0;
  for (uint gray = point ^ (point >> 1), bit = 0; gray != 0; gray >>= 1, bit++)
    if (gray & 1) bits ^= directions[32 * dimension + bit];
  put(normal_of_bits(scrambled_bits(bits, seeds[dimension]), 0.5f), variables + index);
}
