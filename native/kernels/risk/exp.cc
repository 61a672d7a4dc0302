// Contract: src/kernels/risk/exp.ts. The rounded multiple of log(2) taken off, a polynomial, the power of two put on.
#include "vector_math.h"

namespace tickforge::TICKFORGE_ISA {

template <class T> Status exp(In<T> x, Out<T> y) {
  for (i64 i = 0; i < x.length; i++) y[i] = static_cast<T>(exp_any(static_cast<f64>(x[i])));
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(exp)
