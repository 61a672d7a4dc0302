// How alike assets move, a row at a time: correlations of one asset with those that are still asked for, from a covariance or from factors. What
// is asked for lies in slots; a slot that is dropped is filled by the last one, so that the rest stays side by side.
#pragma once
#include "simd/simd.h"

namespace tickforge::TICKFORGE_ISA {

// To multiples of 2^-40, as src/kernels/portfolio/parts/tree.ts does.
template <class V> [[gnu::always_inline]] inline V settled(V x) { return x + 6144.0 - 6144.0; }
[[gnu::always_inline]] inline f64x8 settled_correlation(f64x8 rho) { return settled(max(min(rho, 1.0), -1.0)); }

// From a covariance [n, n]; `inverse` holds 1 / volatility of each asset.
struct AlikeByCovariance {
  const f64 *covariance, *inverse;
  i64 n;
  i32* asset;  // of each slot
  const f64* row = nullptr;
  f64 scale = 0;

  void choose(i64 slot) {
    row = covariance + asset[slot] * n;
    scale = inverse[asset[slot]];
  }
  void drop(i64 slot, i64 last) { asset[slot] = asset[last]; }
  // Correlations of the chosen one with the first `count` slots, and beyond them up to a multiple of eight.
  void fill(i64 count, f64* rho) const {
    for (i64 s = 0; s < count; s += 8) {
      f64x8 v{};
      for (i64 l = 0; l < 8 && s + l < count; l++) v[l] = row[asset[s + l]] * inverse[asset[s + l]];
      store(rho + s, settled_correlation(v * scale));
    }
  }
};

inline constexpr i64 alike_group = 64;  // slots side by side in a block: as many as there are sums in registers

// From factors: rows of [n, factors], scaled so that their products are correlations, stand in columns of blocks [n / 64][factors][64].
struct AlikeByFactors {
  f64 *blocks, *chosen;
  i64 factors;
  i32* asset;

  static i64 size(i64 n, i64 factors) { return (n + alike_group - 1) / alike_group * alike_group * factors + factors; }
  f64* column(i64 slot) const { return blocks + slot / alike_group * alike_group * factors + slot % alike_group; }
  template <class Value> void put(i64 slot, Value value) const {
    f64* to = column(slot);
    for (i64 k = 0; k < factors; k++) to[k * alike_group] = value(k);
  }
  void choose(i64 slot) {
    const f64* from = column(slot);
    for (i64 k = 0; k < factors; k++) chosen[k] = from[k * alike_group];
  }
  void drop(i64 slot, i64 last) {
    const f64* from = column(last);
    put(slot, [&](i64 k) { return from[k * alike_group]; });
    asset[slot] = asset[last];
  }
  // `rho` has room for a multiple of 64.
  void fill(i64 count, f64* rho) const {
    for (i64 s = 0; s < count; s += alike_group) {
      const f64* block = blocks + s * factors;
      f64x8 sums[alike_group / 8] = {};
      for (i64 k = 0; k < factors; k++)
        for (i64 v = 0; v < alike_group / 8; v++) sums[v] = multiply_add(chosen[k], load<f64x8>(block + k * alike_group + 8 * v), sums[v]);
      for (i64 v = 0; v < alike_group / 8; v++) store(rho + s + 8 * v, settled_correlation(sums[v]));
    }
  }
};

}  // namespace tickforge::TICKFORGE_ISA
