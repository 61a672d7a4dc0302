// Contract: src/kernels/factor/panel/exponential_weights.ts. The whole part of the power goes into the exponent, the rest through exp.
#include "simd/elementary.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "age", .options = "halfLife", .outputs = "weight"};

template <class T> Status exponential_weights(In<T> age, f64 half_life, Out<T> weight) {
  for (i64 i = 0; i < age.length; i++) weight[i] = static_cast<T>(power_of_half(static_cast<f64>(age[i]) / half_life));
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(exponential_weights)
