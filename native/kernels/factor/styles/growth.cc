// Contract: src/kernels/factor/styles/growth.ts. The same sums, descriptor by descriptor.
#include "kernels/factor/parts/descriptor.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "forecastGrowth, earningsGrowth, salesGrowth, universe",
                             .options = "assets, tail, forecastWeight, earningsWeight, salesWeight",
                             .outputs = "score"};

static i64 scratch_size(const Sizes& of) { return blend_scratch(of.option(names.option("assets"))); }

template <class T>
Status growth(OptionalIn<T> forecast_growth, In<T> earnings_growth, OptionalIn<T> sales_growth, OptionalIn<u8> universe, i32 assets, f64 tail,
              f64 forecast_weight, f64 earnings_weight, f64 sales_weight, Workspace scratch, Out<T> score) {
  const Descriptor<T> given[] = {{forecast_growth.data, forecast_weight}, {earnings_growth.data, earnings_weight}, {sales_growth.data, sales_weight}};
  blend_panels(given, earnings_growth.length, universe, assets, tail, scratch.data, score);
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(growth)
