// Contract: src/kernels/factor/model/return_attribution.ts. The same sums in columns.
#include "kernels/factor/parts/portfolio_exposure.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "weights, returns, factorReturns, sector, styles",
                             .options = "assets, sectors, styles, factors",
                             .outputs = "total, contributions, specific"};

template <class T>
Status return_attribution(In<T> weights, In<T> returns, In<f64> factor_returns, In<i32> sector, OptionalIn<T> styles, i32 assets, i32 sectors,
                          i32 style_count, i32 factors, Out<f64> total, Out<f64> contributions, Out<f64> specific) {
  if (factors != 1 + sectors + style_count) return refuse(BAD_VALUE, names.input("factorReturns"), 0, 0);
  const FactorModel model{assets, sectors, style_count, sector.data};
  for (i64 t = 0; t < total.length; t++) {
    const T *w = weights.data + t * assets, *y = returns.data + t * assets;
    f64* parts = contributions.data + t * factors;
    portfolio_exposure(model, w, styles.data ? styles.data + t * style_count * assets : nullptr, parts);
    f64x8 sums{};
    for (i64 i = 0; i < assets; i += 8) {
      const f64x8 held = load_first(w + i, assets - i);
      sums += select(~equal(held, f64x8{}), held * load_first(y + i, assets - i));
    }
    f64 explained = 0;
    for (i64 k = 0; k < factors; k++) {
      parts[k] = parts[k] == 0 ? 0.0 : parts[k] * factor_returns[t * factors + k];
      explained += parts[k];
    }
    total[t] = reduce_add(sums), specific[t] = total[t] - explained;
  }
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(return_attribution)
