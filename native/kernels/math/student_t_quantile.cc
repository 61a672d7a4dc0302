// Contract: src/kernels/math/student_t_quantile.ts. Newton's method on the accurate tail instead of bisection.
#include "kernels/parts/student_tail.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "probability", .options = "df", .outputs = "t"};

template <class T> Status student_t_quantile(In<T> probability, f64 df, Out<T> t) {
  const Student student(df);
  for (i64 i = 0; i < probability.length; i++) t[i] = static_cast<T>(student.quantile(static_cast<f64>(probability[i])));
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(student_t_quantile)
