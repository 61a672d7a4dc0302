// Contract: src/kernels/risk/normal_cdf.ts. A Gaussian times a Mills ratio polynomial.
#include "vector_math.h"

namespace tickforge::TICKFORGE_ISA {

template <class T> Status normal_cdf(In<T> x, Out<T> probability) {
  for (i64 i = 0; i < x.length; i++) probability[i] = static_cast<T>(normal_cdf(static_cast<f64>(x[i])));
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(normal_cdf)
