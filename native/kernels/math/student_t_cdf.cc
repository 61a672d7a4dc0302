// Contract: src/kernels/math/student_t_cdf.ts. The front factor from a logarithm in two f64, a continued fraction or a series of positive terms.
#include "kernels/parts/student_tail.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "t", .options = "df", .outputs = "probability"};

template <class T> Status student_t_cdf(In<T> t, f64 df, Out<T> probability) {
  const Student student(df);
  for (i64 i = 0; i < t.length; i++) probability[i] = static_cast<T>(student.cdf(static_cast<f64>(t[i])));
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(student_t_cdf)
