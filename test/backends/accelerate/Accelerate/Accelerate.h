// Stands in for Apple's Accelerate where there is none: the functions of BLAS and LAPACK that native/linalg/accelerate.h calls, with their
// interfaces and their meaning, in plain loops. It proves that the calls are right, and nothing about speed.
#pragma once
#include <cstdlib>

typedef int __LAPACK_int;
enum CBLAS_ORDER { CblasRowMajor = 101, CblasColMajor = 102 };
enum CBLAS_TRANSPOSE { CblasNoTrans = 111, CblasTrans = 112 };
enum CBLAS_UPLO { CblasUpper = 121, CblasLower = 122 };

// Every build has its own copy: nothing of it may meet in the linker.
#define STAND_IN static inline

// What a library answers with a message and an exit: an argument that cannot be.
STAND_IN void demand(bool holds) {
  if (!holds) std::abort();
}

STAND_IN void cblas_dgemm(CBLAS_ORDER order, CBLAS_TRANSPOSE left, CBLAS_TRANSPOSE right, __LAPACK_int rows, __LAPACK_int columns,
                          __LAPACK_int depth, double alpha, const double* a, __LAPACK_int a_step, const double* b, __LAPACK_int b_step,
                          double beta, double* c, __LAPACK_int c_step) {
  demand(order == CblasRowMajor && rows >= 0 && columns >= 0 && depth >= 0 && c_step >= (columns > 1 ? columns : 1));
  demand(a_step >= (left == CblasTrans ? rows : depth) && b_step >= (right == CblasTrans ? depth : columns));
  for (long i = 0; i < rows; i++)
    for (long j = 0; j < columns; j++) {
      double sum = 0;
      for (long k = 0; k < depth; k++)
        sum += (left == CblasTrans ? a[k * a_step + i] : a[i * a_step + k]) * (right == CblasTrans ? b[j * b_step + k] : b[k * b_step + j]);
      double& to = c[i * c_step + j];
      to = (beta == 0 ? 0 : beta * to) + alpha * sum;
    }
}

STAND_IN void cblas_dsyrk(CBLAS_ORDER order, CBLAS_UPLO half, CBLAS_TRANSPOSE transpose, __LAPACK_int size, __LAPACK_int depth, double alpha,
                          const double* a, __LAPACK_int a_step, double beta, double* c, __LAPACK_int c_step) {
  demand(order == CblasRowMajor && half == CblasUpper && transpose == CblasTrans && a_step >= size && c_step >= size);
  for (long i = 0; i < size; i++)
    for (long j = i; j < size; j++) {
      double sum = 0;
      for (long k = 0; k < depth; k++) sum += a[k * a_step + i] * a[k * a_step + j];
      double& to = c[i * c_step + j];
      to = (beta == 0 ? 0 : beta * to) + alpha * sum;
    }
}

// The lower half of a, by columns.
STAND_IN void dpotrf_(const char* half, const __LAPACK_int* size, double* a, const __LAPACK_int* step, __LAPACK_int* info) {
  demand(*half == 'L' && *step >= *size);
  const long n = *size, apart = *step;
  *info = 0;
  for (long j = 0; j < n; j++) {
    double pivot = a[j * apart + j];
    for (long k = 0; k < j; k++) pivot -= a[k * apart + j] * a[k * apart + j];
    if (!(pivot > 0)) {
      a[j * apart + j] = pivot;
      *info = static_cast<__LAPACK_int>(j + 1);
      return;
    }
    a[j * apart + j] = __builtin_sqrt(pivot);
    for (long i = j + 1; i < n; i++) {
      double sum = a[j * apart + i];
      for (long k = 0; k < j; k++) sum -= a[k * apart + i] * a[k * apart + j];
      a[j * apart + i] = sum / a[j * apart + j];
    }
  }
}

// What dsyevr_ says where a test lets it fail: its code, and how many eigenvalues it did not find.
static __LAPACK_int stand_in_info = 0, stand_in_lost = 0;

// All eigenvalues, ascending, and vectors, by Jacobi's rotations (Golub & Van Loan 2013, 8.5).
STAND_IN void dsyevr_(const char* what, const char* range, const char* half, const __LAPACK_int* size, double* a, const __LAPACK_int* step,
                      const double*, const double*, const __LAPACK_int*, const __LAPACK_int*, const double*, __LAPACK_int* found, double* w,
                      double* z, const __LAPACK_int* z_step, __LAPACK_int* support, double* work, const __LAPACK_int* reals,
                      __LAPACK_int* integers, const __LAPACK_int* whole, __LAPACK_int* info) {
  const long n = *size;
  demand(*what == 'V' && *range == 'A' && *half == 'U' && *step == n && *z_step == n && *reals >= 26 * n && *whole >= 10 * n);
  for (long i = 0; i < n * n; i++) demand(a[i] - a[i] == 0);  // it may not return from a NaN
  for (long i = 0; i < n; i++)
    for (long j = 0; j < n; j++) {
      if (i > j) a[j * n + i] = a[i * n + j];  // by columns: the upper half is read
      z[i * n + j] = i == j;
    }
  for (int sweep = 0; sweep < 60; sweep++) {
    double off = 0, all = 0;
    for (long i = 0; i < n * n; i++) all += a[i] * a[i], off += i % (n + 1) == 0 ? 0 : a[i] * a[i];
    if (off <= 1e-32 * all) break;
    for (long p = 0; p < n; p++)
      for (long q = p + 1; q < n; q++) {
        if (a[p * n + q] == 0) continue;
        const double tau = (a[q * n + q] - a[p * n + p]) / (2 * a[p * n + q]);
        const double t = (tau >= 0 ? 1 : -1) / (__builtin_fabs(tau) + __builtin_sqrt(1 + tau * tau));
        const double c = 1 / __builtin_sqrt(1 + t * t), s = t * c;
        for (long k = 0; k < n; k++) {
          const double x = a[k * n + p], y = a[k * n + q];
          a[k * n + p] = c * x - s * y, a[k * n + q] = s * x + c * y;
        }
        for (long k = 0; k < n; k++) {
          const double x = a[p * n + k], y = a[q * n + k], u = z[p * n + k], v = z[q * n + k];
          a[p * n + k] = c * x - s * y, a[q * n + k] = s * x + c * y;
          z[p * n + k] = c * u - s * v, z[q * n + k] = s * u + c * v;
        }
      }
  }
  for (long i = 0; i < n; i++) w[i] = a[i * n + i];
  for (long i = 0; i < n; i++)  // ascending, vectors with their values
    for (long j = i + 1; j < n; j++) {
      if (w[j] >= w[i]) continue;
      const double value = w[i];
      w[i] = w[j], w[j] = value;
      for (long k = 0; k < n; k++) {
        const double x = z[i * n + k];
        z[i * n + k] = z[j * n + k], z[j * n + k] = x;
      }
    }
  // The caller's memory, all that was promised, and each part apart from the others.
  for (long i = 0; i < *reals; i++) work[i] = i;
  for (long i = 0; i < *whole; i++) integers[i] = -1;
  for (long i = 0; i < n; i++) support[2 * i] = 1, support[2 * i + 1] = static_cast<__LAPACK_int>(n);
  for (long i = 0; i < *reals; i++) demand(work[i] == i);
  for (long i = 0; i < *whole; i++) demand(integers[i] == -1);
  for (long i = 0; i < n; i++) demand(w[i] == w[i] && z[i * n] == z[i * n]);
  *found = static_cast<__LAPACK_int>(n) - stand_in_lost;
  *info = stand_in_info;
}
