// Contract: src/kernels/factor/exponential_weights.ts. The whole part of the power goes into the exponent, the rest through exp.
#include "vector_math.h"

namespace tickforge::TICKFORGE_ISA {

template <class T> Status exponential_weights(In<T> age, f64 half_life, Out<T> weight) {
  for (i64 i = 0; i < age.length; i++) {
    const f64 y = static_cast<f64>(age[i]) / half_life, bounded = y < 1100.0 ? y : 1100.0;
    const f64 shifted = to_integer - bounded, k = shifted - to_integer;
    const f64 r = (-bounded - k) * 0.6931471805599453;
    weight[i] = static_cast<T>(scale_down(1.0 + (r + r * r * exp_rest(r)), shifted));
  }
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(exponential_weights)
