// Contract: src/kernels/risk/tail/simulate_returns.ts
// Source: Salmon, Moraes, Dror & Shaw (2011), Philox4x32-10; Wichura (1988), AS 241, for the start of the inverse.
// One thread a path and a pair of variables; variables[variable][path], so that threads that are neighbours write neighbours.
#include <metal_stdlib>
using namespace metal;

#include "constants.h"
#include "philox.h"

kernel void normal_draws(
    device float2* variables [[buffer(0)]], constant normal_draws_constants& constants [[buffer(1)]], uint index [[thread_position_in_grid]]) {
  const uint block = index / constants.paths, path = index % constants.paths;
  if (2 * block >= constants.variables) return;
  const uint4 words = philox_words(uint4(constants.first_path + path, 0, block, 0), constants.seed, constants.stream);
  device float2* to = variables + 2 * block * constants.paths + path;
  put(normal_of(words.x, words.y), to);
  if (2 * block + 1 < constants.variables) put(normal_of(words.z, words.w), to + constants.paths);
}
