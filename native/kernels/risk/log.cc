// Contract: src/kernels/risk/log.ts. log(2^k m) with m near 1, by its series in (m - 1) / (m + 1).
#include "vector_math.h"

namespace tickforge::TICKFORGE_ISA {

template <class T> Status log(In<T> x, Out<T> y) {
  for (i64 i = 0; i < x.length; i++) y[i] = static_cast<T>(log_any(static_cast<f64>(x[i])));
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(log)
