// Systems of equations with a positive definite matrix, by Cholesky's factor.
#pragma once
#include "cholesky.h"
#include "covariance.h"

namespace tickforge::TICKFORGE_ISA {

// y = a^-1 x, where `l` is the lower factor of a; y may be x.
inline void solve_lower(const f64* l, i64 n, const f64* x, f64* y) {
  for (i64 i = 0; i < n; i++) y[i] = (x[i] - dot(l + i * n, y, i)) / l[i * n + i];
  for (i64 i = n - 1; i >= 0; i--) {
    y[i] /= l[i * n + i];
    for (i64 k = 0; k < i; k++) y[k] -= l[i * n + k] * y[i];
  }
}

}  // namespace tickforge::TICKFORGE_ISA
