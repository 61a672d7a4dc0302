// How alike assets move, a row at a time: correlations of one asset with those that are still asked for, from a covariance or from factors. What
// is asked for lies in slots; a slot that is dropped is filled by the last one, so that the rest stays side by side. `fill` gives a row within
// `slack`, `exact` one element as it is.
#pragma once
#include "risk_model.h"

namespace tickforge::TICKFORGE_ISA {

// To multiples of 2^-40, as src/kernels/portfolio/parts/tree.ts does.
template <class V> [[gnu::always_inline]] inline V settled(V x) { return x + 6144.0 - 6144.0; }
inline f64 settled_correlation(f64 rho) { return settled(rho > 1 ? 1.0 : rho < -1 ? -1.0 : rho); }

// From a covariance [n, n]; `inverse` holds 1 / volatility of each asset.
struct AlikeByCovariance {
  const f64 *covariance, *inverse;
  i64 n;
  i32* asset;  // of each slot
  const f64* row = nullptr;
  f64 scale = 0;
  static constexpr f64 slack = 0x1p-40;  // what settling may add

  void choose(i64 slot) {
    row = covariance + asset[slot] * n;
    scale = inverse[asset[slot]];
  }
  void drop(i64 slot, i64 last) { asset[slot] = asset[last]; }
  // The chosen one and the first `count` slots, and beyond them up to a multiple of eight.
  void fill(i64 count, f64* rho) const {
    for (i64 s = 0; s < count; s += 8) {
      f64x8 v{};
      for (i64 l = 0; l < 8 && s + l < count; l++) v[l] = row[asset[s + l]] * inverse[asset[s + l]];
      store(rho + s, v * scale);
    }
  }
  f64 exact(i64 slot) const { return settled_correlation(row[asset[slot]] * inverse[asset[slot]] * scale); }
};

typedef f32 f32x16 __attribute__((vector_size(64)));
inline constexpr i64 alike_group = 64;  // slots side by side in a block: as many as there are sums in registers

// From factors. Rows are products in f32 of blocks [n / 64][factors][64], in whose columns the rows of V stand, scaled so that their products are
// correlations: most pairs are seen to be too far apart by these, at half the memory. The others are products of rows in f64.
struct AlikeByFactors {
  const RiskModel& model;
  const f64* inverse;
  f32 *blocks, *chosen;
  i32* asset;
  f64 slack = 0;
  const f64* row = nullptr;
  f64 scale = 0;

  // f64 that hold the blocks of a model of so many factors, and the chosen row.
  static i64 size(i64 n, i64 factors) { return ((n + alike_group - 1) / alike_group * alike_group * factors + factors + 1) / 2 + 1; }
  // Sums of k products of rows of length 1 at most, rounded to f32 before and after each step (Higham 2002, section 3.1).
  static f64 rounding(i64 factors) { return static_cast<f64>(factors + 4) * 0x1p-23; }

  static AlikeByFactors of(const RiskModel& model, const f64* inverse, f64* space, i32* asset) {
    const i64 k = model.factors, n = model.assets;
    f32* blocks = reinterpret_cast<f32*>(space);
    AlikeByFactors made{model, inverse, blocks, blocks + (n + alike_group - 1) / alike_group * alike_group * k, asset, rounding(k)};
    for (i64 i = 0; i < (n + alike_group - 1) / alike_group * alike_group * k; i++) blocks[i] = 0;
    for (i64 i = 0; i < n; i++)
      for (i64 f = 0; f < k; f++) made.column(i)[f * alike_group] = static_cast<f32>(model.v[i * model.step + f] * inverse[i]);
    return made;
  }
  f32* column(i64 slot) const { return blocks + slot / alike_group * alike_group * model.factors + slot % alike_group; }
  void choose(i64 slot) {
    const f32* from = column(slot);
    for (i64 k = 0; k < model.factors; k++) chosen[k] = from[k * alike_group];
    row = model.v + asset[slot] * model.step;
    scale = inverse[asset[slot]];
  }
  void drop(i64 slot, i64 last) {
    const f32* from = column(last);
    f32* to = column(slot);
    for (i64 k = 0; k < model.factors; k++) to[k * alike_group] = from[k * alike_group];
    asset[slot] = asset[last];
  }
  // `rho` has room for a multiple of 64.
  void fill(i64 count, f64* rho) const {
    constexpr i64 vectors = alike_group / 16;
    for (i64 s = 0; s < count; s += alike_group) {
      const f32* block = blocks + s * model.factors;
      f32x16 even[vectors] = {}, odd[vectors] = {};
      const auto add = [&](i64 k, f32x16(&sums)[vectors]) {
        for (i64 v = 0; v < vectors; v++) {
          f32x16 other;
          __builtin_memcpy(&other, block + k * alike_group + 16 * v, sizeof other);
          sums[v] += other * chosen[k];
        }
      };
      i64 k = 0;
      for (; k + 2 <= model.factors; k += 2) add(k, even), add(k + 1, odd);
      if (k < model.factors) add(k, even);
      for (i64 v = 0; v < vectors; v++)
        for (i64 l = 0; l < 16; l++) rho[s + 16 * v + l] = static_cast<f64>(even[v][l] + odd[v][l]);
    }
  }
  f64 exact(i64 slot) const { return settled_correlation(dot(row, model.v + asset[slot] * model.step, model.step) * scale * inverse[asset[slot]]); }
};

}  // namespace tickforge::TICKFORGE_ISA
