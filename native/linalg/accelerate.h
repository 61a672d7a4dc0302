// Matrix arithmetic by Apple's Accelerate: the policy of linalg.h on macOS. What it leaves to the last bit is Apple's: results agree
// with the tiles' within each contract's tolerance, not to the bit. Vector functions (vForce) are not used: exp, log and the normal
// distribution promise the same bits on every processor. On other systems test/accelerate stands in for the framework.
#pragma once
#define ACCELERATE_NEW_LAPACK
#define __ASSERT_MACROS_DEFINE_VERSIONS_WITHOUT_UNDERSCORES 0
#include <Accelerate/Accelerate.h>
#include <signal.h>

#include "simd/simd.h"

// What accelerate.h has beyond tiles.h.
#define TICKFORGE_LAPACK

namespace tickforge::TICKFORGE_ISA {

// `upper` products may be written this far below the diagonal, from j / diagonal_block * diagonal_block on.
inline constexpr i64 diagonal_block = 256;
// Smaller matrices are done before a library has looked at its arguments.
inline constexpr i64 lapack_from = 64;

// The framework has locks and memory of its own: an execution that is given up (abi/system.h) is left before or behind its calls.
struct Unbroken {
  sigset_t before;
  Unbroken() {
    sigset_t urgent;
    sigemptyset(&urgent);
    sigaddset(&urgent, SIGURG);
    pthread_sigmask(SIG_BLOCK, &urgent, &before);
  }
  ~Unbroken() { pthread_sigmask(SIG_SETMASK, &before, nullptr); }
};

inline __LAPACK_int lapack_int(i64 value) { return static_cast<__LAPACK_int>(value); }

// Puts row k of a block into its place: a block is [depth][columns], as it came.
inline void pack_row(const f64* row, i64 columns, i64 k, i64, f64* packed) {
  __builtin_memcpy(packed + k * columns, row, static_cast<std::size_t>(columns) * sizeof(f64));
}

// c = scale c + sum over k of a_k b_k' for packed rows a_k and b_k of n columns; rows of c are `step` apart. `upper`: only what is
// on and above the diagonal is wanted; of two different factors, column blocks are multiplied down to the diagonal.
inline void add_products(const f64* a, const f64* b, i64 n, i64 depth, f64 scale, f64* c, i64 step, bool upper) {
  const __LAPACK_int width = lapack_int(n), rows = lapack_int(depth), apart = lapack_int(step);
  const Unbroken whole;
  if (upper && a == b) {
    cblas_dsyrk(CblasRowMajor, CblasUpper, CblasTrans, width, rows, 1.0, a, width, scale, c, apart);
    return;
  }
  const i64 block = upper ? diagonal_block : n;
  for (i64 j = 0; j < n; j += block) {
    const i64 columns = n - j < block ? n - j : block;
    cblas_dgemm(CblasRowMajor, CblasTrans, CblasNoTrans, lapack_int(upper ? j + columns : n), lapack_int(columns), rows, 1.0, a, width, b + j, width,
                scale, c + j, apart);
  }
}

// out[j][i] = sum over k of a[i][k] x[j][k].
inline void multiply_rows(const f64* a, i64 n, const f64* x, i64 rows, f64* out) {
  const __LAPACK_int size = lapack_int(n);
  const Unbroken whole;
  cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, lapack_int(rows), size, size, 1.0, x, size, a, size, 0.0, out, size);
}

// The upper half of u becomes the factor of the matrix that it holds; the first row whose pivot is not positive, or -1.
inline i64 lapack_factor_upper(f64* u, i64 n) {
  const __LAPACK_int size = lapack_int(n);
  __LAPACK_int info = 0;
  const Unbroken whole;
  dpotrf_("L", &size, u, &size, &info);  // LAPACK's columns are our rows
  return info - 1;
}

// Eigenvalues into d and eigenvectors into the rows of q; a[n][n] is used up. False where LAPACK does not settle or there is no memory:
// it needs far more than a kernel's workspace has, and takes more of its own.
inline bool lapack_eigen_rows(f64* a, i64 n, f64* d, f64* q) {
  f64 sum = 0;
  for (i64 i = 0; i < n * n; i++) sum += a[i] * 0;
  if (sum != 0) {  // NaN: LAPACK may not return from one
    for (i64 i = 0; i < n; i++) d[i] = __builtin_nan("");
    for (i64 i = 0; i < n * n; i++) q[i] = __builtin_nan("");
    return true;
  }
  const Unbroken held;
  const i64 reals = 64 * n, integers = 10 * n;
  const std::size_t bytes = static_cast<std::size_t>(reals) * sizeof(f64) + static_cast<std::size_t>(integers + 2 * n) * sizeof(__LAPACK_int);
  f64* const work = static_cast<f64*>(__builtin_malloc(bytes));
  if (work == nullptr) return false;
  __LAPACK_int* const whole = reinterpret_cast<__LAPACK_int*>(work + reals);
  const __LAPACK_int size = lapack_int(n), work_size = lapack_int(reals), whole_size = lapack_int(integers), none = 0;
  const f64 bound = 0;
  __LAPACK_int found = 0, info = 0;
  dsyevr_("V", "A", "U", &size, a, &size, &bound, &bound, &none, &none, &bound, &found, d, q, &size, whole + integers, work, &work_size, whole,
          &whole_size, &info);
  __builtin_free(work);
  return info == 0 && found == size;
}

}  // namespace tickforge::TICKFORGE_ISA
