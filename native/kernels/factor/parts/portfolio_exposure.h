// Exposures of portfolios to market, sectors and styles, as src/kernels/factor/parts/portfolio_exposure.ts. An asset that is not held counts
// for nothing, whatever its exposures.
#pragma once
#include "factor_sums.h"

namespace tickforge::TICKFORGE_ISA {

struct FactorModel {
  i64 assets, sectors, styles;
  const i32* sector;
};

template <class T> void portfolio_exposure(const FactorModel& m, const T* weights, const T* styles, f64* x) {
  for (i64 k = 0; k < 1 + m.sectors + m.styles; k++) x[k] = 0;
  f64 out = 0;  // of assets without sector
  for (i64 i = 0; i < m.assets; i++) {
    const f64 w = static_cast<f64>(weights[i]);
    f64& to = m.sector[i] < 0 ? out : x[1 + m.sector[i]];
    to += w;
    out += m.sector[i] < 0 && w != 0 ? missing : 0.0;
  }
  for (i64 s = 0; s < m.sectors; s++) x[0] += x[1 + s];
  for (i64 k = 0; k < m.styles; k++) {
    const T* column = styles + k * m.assets;
    f64x8 sums{};
    for (i64 i = 0; i < m.assets; i += 8) {
      const f64x8 w = load_first(weights + i, m.assets - i);
      sums += select(~equal(w, f64x8{}), w * load_first(column + i, m.assets - i));
    }
    x[1 + m.sectors + k] = reduce_add(sums);
  }
  if (out == out) return;
  for (i64 k = 0; k < 1 + m.sectors + m.styles; k++) x[k] = missing;
}

// Sum over the factors of exposure * by_factor, for each asset: each(i, sums, count) sees eight of them.
template <class T, class Each> void asset_sums(const FactorModel& m, const T* styles, const f64* by_factor, Each each) {
  for (i64 i = 0; i < m.assets; i += 8) {
    const i64 count = m.assets - i < 8 ? m.assets - i : 8;
    f64x8 sums{};
    for (i64 l = 0; l < count; l++) sums[l] = m.sector[i + l] < 0 ? missing : by_factor[0] + by_factor[1 + m.sector[i + l]];
    for (i64 k = 0; k < m.styles; k++) sums = multiply_add(by_factor[1 + m.sectors + k], load_first(styles + k * m.assets + i, count), sums);
    each(i, sums, count);
  }
}

}  // namespace tickforge::TICKFORGE_ISA
