// Contract: src/kernels/risk/options/option_book_risk.ts
// Source: Merton (1973), Bell J. Econ. 4(1); Glasserman (2004), Monte Carlo Methods in Financial Engineering, section 9.1.
// One thread a path, in numbers of two floats. A loss is the sum of what each position loses, which is small where the position is large.
// Positions come instrument by instrument: its price moves once.
#include <metal_stdlib>
using namespace metal;

#include "constants.h"
#include "option.h"

static inline pair pair_at(device const float* at) { return pair(at[0], at[1]); }

kernel void option_book_risk(
    device const option_book_risk_position* positions [[buffer(0)]], device const float2* means [[buffer(1)]],
    device const float2* returns [[buffer(2)]], device const float2* scales [[buffer(3)]], device float2* losses [[buffer(4)]],
    constant option_book_risk_constants& constants [[buffer(5)]], uint path [[thread_position_in_grid]]) {
  if (path >= constants.paths) return;
  const pair scale = pair_at(scales + path);
  pair loss = pair(0.0f, 0.0f), move = loss, growth = loss;
  for (uint i = 0; i < constants.positions; i++) {
    device const option_book_risk_position* position = positions + i;
    const uint instrument = position->underlying;
    if (i == 0 || instrument != positions[i - 1].underlying) {
      move = add(times(pair_at(returns + instrument * constants.paths + path), scale), pair_at(means + instrument));
      growth = exponential_less_one(move);
    }
    const pair asset = pair_at(position->asset), gain = times(asset, growth);
    const float side = position->side;
    if (side == 0.0f) {
      loss = add(loss, -gain);
    } else {
      const option_parts parts = option_parts_of(
          add(pair_at(position->moneyness), move), pair_at(position->deviation), add(asset, gain), pair_at(position->cash), side);
      loss = add(loss, add(pair_at(position->now), times(add(parts.cash, -parts.asset), side)));
    }
  }
  put(loss, losses + path);
}
