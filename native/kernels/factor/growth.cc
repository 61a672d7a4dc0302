// Contract: src/kernels/factor/growth.ts. The same sums, descriptor by descriptor.
#include "descriptor.h"

namespace tickforge::TICKFORGE_ISA {

template <class T>
Status growth(OptionalIn<T> forecast_growth, In<T> earnings_growth, OptionalIn<T> sales_growth, OptionalIn<u8> universe, i32 assets, f64 tail,
              f64 forecast_weight, f64 earnings_weight, f64 sales_weight, Workspace scratch, Out<T> score) {
  for (i64 at = 0; at < earnings_growth.length; at += assets) {
    const Blend blend{universe ? universe.data + at : nullptr, assets, tail, scratch.data};
    blend.begin();
    if (forecast_growth) blend.add(forecast_growth.data + at, forecast_weight);
    blend.add(earnings_growth.data + at, earnings_weight);
    if (sales_growth) blend.add(sales_growth.data + at, sales_weight);
    blend.finish(score.data + at);
  }
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(growth)
