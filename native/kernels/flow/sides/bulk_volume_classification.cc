// Contract: src/kernels/flow/sides/bulk_volume_classification.ts. Standard deviations by prefix sums over blocks of rows (change_moments.h).
#include "kernels/flow/parts/change_moments.h"
#include "abi/state_values.h"
#include "kernels/parts/student_t.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "last, first",
                             .options = "change, sigma, halfLife, distribution, df",
                             .state = "lastPrice, count, mean, squares",
                             .outputs = "buyFraction"};

static thread_local StudentCurve fitted;  // that of the last df: fitting one costs as much as some thousand rows

// Writes F(x / sigma); x is padded here to a multiple of 8, so that the last rows take the vector code too.
template <class T> static void write_shares(f64* x, f64 sigma, T* share, i64 count, const StudentCurve* curve) {
  f64 p[change_block];
  i64 padded = count;
  for (; padded % 8; padded++) x[padded] = 0;
  if (curve) {
    const StudentCurve c = *curve;
    for (i64 i = 0; i < padded; i++) p[i] = student_cdf(x[i] / sigma, c);
  } else {
    for (i64 i = 0; i < padded; i++) p[i] = normal_cdf(x[i] / sigma);
  }
  for (i64 i = 0; i < count; i++) share[i] = static_cast<T>(p[i]);
}

template <class T>
Status bulk_volume_classification(In<T> last, OptionalIn<T> first, Change change_kind, Deviation sigma_kind, f64 half_life,
                                  ChangeDistribution distribution, f64 df, State<f64> last_price, State<f64> count, State<f64> mean,
                                  State<f64> squares, Out<T> buy_fraction) {
  const i64 rows = last.length;
  if (rows == 0) return done();
  if (distribution == ChangeDistribution::student_t && fitted.df != df) student_fit(fitted, df);
  const StudentCurve* curve = distribution == ChangeDistribution::student_t ? &fitted : nullptr;
  const bool within = change_kind == Change::within && first, whole = sigma_kind == Deviation::whole;
  const OptionalIn<T> opening = within ? first : OptionalIn<T>{nullptr, 0};
  const i64 begin = within || (!whole && last_price[0] > 0) ? 0 : 1;  // the first row of the tape has no change
  const f64 before = begin ? static_cast<f64>(last[0]) : last_price[0];
  if (begin) buy_fraction[0] = static_cast<T>(0.5);
  if (whole) {
    ChangeMoments m{};
    each_block(last, opening, before, begin, [&](i64, i64 n, f64* change) { join(m, change, n); });
    const f64 sigma = __builtin_sqrt(m.squares / (m.count - 1));
    const f64 divisor = sigma > 0 ? sigma : __builtin_huge_val();  // all changes are 0 then, or there is one: F(0)
    each_block(last, opening, before, begin, [&](i64 start, i64 n, f64* change) { write_shares(change, divisor, &buy_fraction[start], n, curve); });
    return done();
  }
  ChangeMoments m{static_cast<f64>(count_of(count[0])), mean[0], squares[0]};
  alignas(64) f64 z[change_block];
  const ChangeDecay decay = decay_of(sigma_kind == Deviation::ewma ? half_life : 0);
  each_block(last, opening, before, begin, [&](i64 start, i64 n, f64* change) {
    follow(m, decay, change, z, n);
    write_shares(z, 1, &buy_fraction[start], n, curve);
  });
  last_price[0] = static_cast<f64>(last[rows - 1]);
  count[0] = m.count, mean[0] = m.mean, squares[0] = m.squares;
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(bulk_volume_classification)
