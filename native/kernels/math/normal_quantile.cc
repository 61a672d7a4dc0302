// Contract: src/kernels/math/normal_quantile.ts. AS 241 instead of Newton's method.
#include "kernels/parts/normal_quantile.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "probability", .outputs = "x"};

template <class T> Status normal_quantile(In<T> probability, Out<T> x) {
  normal_quantiles(probability.data, x.data, probability.length);
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(normal_quantile)
