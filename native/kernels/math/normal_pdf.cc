// Contract: src/kernels/math/normal_pdf.ts. The Gaussian with its square split.
#include "simd/elementary.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "x", .outputs = "density"};

template <class T> Status normal_pdf(In<T> x, Out<T> density) {
  for (i64 i = 0; i < x.length; i++) density[i] = static_cast<T>(normal_pdf(static_cast<f64>(x[i])));
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(normal_pdf)
