// Contract: src/kernels/factor/styles/earnings_yield.ts. The same sums, descriptor by descriptor.
#include "kernels/factor/parts/descriptor.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "forecastEarningsPrice, cashEarningsPrice, earningsPrice, universe",
                             .options = "assets, tail, forecastWeight, cashWeight, trailingWeight",
                             .outputs = "score"};

static i64 scratch_size(const Sizes& of) { return blend_scratch(of.option(names.option("assets"))); }

template <class T>
Status earnings_yield(OptionalIn<T> forecast_earnings_price, OptionalIn<T> cash_earnings_price, In<T> earnings_price, OptionalIn<u8> universe,
                      i32 assets, f64 tail, f64 forecast_weight, f64 cash_weight, f64 trailing_weight, Workspace scratch, Out<T> score) {
  const Descriptor<T> given[] = {
      {forecast_earnings_price.data, forecast_weight}, {cash_earnings_price.data, cash_weight}, {earnings_price.data, trailing_weight}};
  blend_panels(given, earnings_price.length, universe, assets, tail, scratch.data, score);
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(earnings_yield)
