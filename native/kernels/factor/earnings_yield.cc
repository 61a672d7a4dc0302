// Contract: src/kernels/factor/earnings_yield.ts. The same sums, descriptor by descriptor.
#include "descriptor.h"

namespace tickforge::TICKFORGE_ISA {

template <class T>
Status earnings_yield(OptionalIn<T> forecast_earnings_price, OptionalIn<T> cash_earnings_price, In<T> earnings_price, OptionalIn<u8> universe, i32 assets, f64 tail,
              f64 forecast_weight, f64 cash_weight, f64 trailing_weight, Workspace scratch, Out<T> score) {
  for (i64 at = 0; at < earnings_price.length; at += assets) {
    const Blend blend{universe ? universe.data + at : nullptr, assets, tail, scratch.data};
    blend.begin();
    if (forecast_earnings_price) blend.add(forecast_earnings_price.data + at, forecast_weight);
    if (cash_earnings_price) blend.add(cash_earnings_price.data + at, cash_weight);
    blend.add(earnings_price.data + at, trailing_weight);
    blend.finish(score.data + at);
  }
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(earnings_yield)
