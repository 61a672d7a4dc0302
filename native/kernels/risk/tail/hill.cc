// Contract: src/kernels/risk/tail/hill.ts. Only the largest losses are sorted. The sum over them is taken as that of j log(x_j / x_(j + 1)),
// which serves every k at once and loses nothing where losses are close.
#include "kernels/parts/returns.h"
#include "kernels/parts/tail_risk.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "loss, largest", .outputs = "shape, tailIndex, standardError, threshold"};

namespace {

// Falling, by merging runs of doubled length; the result lies in `x`.
void sort_falling(f64* x, i64 count, f64* scratch) {
  for (i64 width = 1; width < count; width *= 2) {
    for (i64 start = 0; start < count; start += 2 * width) {
      const i64 middle = start + width < count ? start + width : count, end = middle + width < count ? middle + width : count;
      for (i64 to = start, a = start, b = middle; to < end; to++) {
        const bool left = a < middle && (b == end || x[a] >= x[b]);
        scratch[to] = left ? x[a] : x[b];
        a += left, b += !left;
      }
    }
    __builtin_memcpy(x, scratch, static_cast<size_t>(count) * sizeof(f64));
  }
}

}  // namespace

static i64 scratch_size(const Sizes& of) { return 2 * (of.length(names.input("loss")) + 8); }

template <class T>
Status hill(In<T> loss, In<i32> largest, Workspace scratch, Out<f64> shape, Out<f64> tail_index, Out<f64> standard_error, Out<f64> threshold) {
  f64 *x = scratch.data, *other = x + loss.length + 8;
  i64 count = 0, most = 0;
  for (i64 i = 0; i < loss.length; i++) {
    x[count] = static_cast<f64>(loss[i]);
    count += x[count] > 0;
  }
  for (i64 i = 0; i < largest.length; i++) most = largest[i] > most ? largest[i] : most;
  if (most + 1 < count) {
    __builtin_memcpy(other, x, static_cast<size_t>(count) * sizeof(f64));
    count = keep<Keep::AT_LEAST>(x, count, kth_largest(other, count, most + 1), x);
  }
  sort_falling(x, count, other);
  f64 sum = 0;
  for (i64 j = 0; j + 1 < count; j++) {
    sum += static_cast<f64>(j + 1) * log_return(x[j + 1], x[j]);
    other[j + 1] = sum;
  }
  for (i64 i = 0; i < largest.length; i++) {
    const i64 k = largest[i];
    const bool known = k < count;
    const f64 n = static_cast<f64>(k), xi = known ? other[k] / n : __builtin_nan("");
    shape[i] = xi, tail_index[i] = 1 / xi, standard_error[i] = xi / __builtin_sqrt(n);
    threshold[i] = known ? x[k] : __builtin_nan("");
  }
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(hill)
