// Contract: src/kernels/factor/model/factor_risk.ts. The same sums in columns.
#include "kernels/factor/parts/portfolio_exposure.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "weights, sector, styles, covariance, specific",
                             .options = "assets, sectors, styles, factors",
                             .outputs = "total, factor, specificRisk, exposures, contributions, marginal"};

static i64 scratch_size(const Sizes& of) { return 2 * of.option(names.option("factors")) + 16; }

template <class T>
Status factor_risk(In<T> weights, In<i32> sector, OptionalIn<T> styles, In<f64> covariance, In<T> specific, i32 assets, i32 sectors, i32 style_count,
                   i32 factors, Workspace scratch, Out<f64> total, Out<f64> factor, Out<f64> specific_risk, Out<f64> exposures,
                   Out<f64> contributions, Out<T> marginal) {
  const i64 n = factors;
  const FactorModel model{assets, sectors, style_count, sector.data};
  f64* push = scratch.data;
  for (i64 p = 0; p < total.length; p++) {
    const T* w = weights.data + p * assets;
    f64* x = exposures.data + p * n;
    portfolio_exposure(model, w, styles.data, x);
    f64 of_factors = 0;
    for (i64 k = 0; k < n; k++) {
      push[k] = 0;
      for (i64 j = 0; j < n; j++) push[k] += (k > j ? covariance[k * n + j] : covariance[j * n + k]) * x[j];
      of_factors += x[k] * push[k];
    }
    f64x8 squares{};
    for (i64 i = 0; i < assets; i += 8) {
      const f64x8 held = load_first(w + i, assets - i), own = held * load_first(specific.data + i, assets - i);
      squares += select(~equal(held, f64x8{}), own * own);
    }
    const f64 own = reduce_add(squares), sigma = __builtin_sqrt(of_factors + own);
    total[p] = sigma, factor[p] = __builtin_sqrt(of_factors), specific_risk[p] = __builtin_sqrt(own);
    for (i64 k = 0; k < n; k++) contributions[p * n + k] = x[k] * push[k] / sigma;
    T* to = marginal.data + p * assets;
    asset_sums(model, styles.data, push, [=](i64 i, f64x8 sums, i64 count) {
      const f64x8 held = load_first(w + i, count), d = load_first(specific.data + i, count);
      const f64x8 all = (sums + select(~equal(held, f64x8{}), held * d * d)) / sigma;
      for (i64 l = 0; l < count; l++) to[i + l] = static_cast<T>(all[l]);
    });
  }
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(factor_risk)
