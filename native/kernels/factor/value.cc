// Contract: src/kernels/factor/value.ts. The same, each ratio added to the sum as it is scored.
#include "cross_section.h"
#include "vector_math.h"

namespace tickforge::TICKFORGE_ISA {

// One date's z-scores of a row of f64; `inside` has room for the padded length.
static void scores(const f64* x, const u8* universe, i64 assets, f64* inside, f64* z) {
  const i64 padded = round_up(assets, 8);
  const Section<f64> section{x, universe, nullptr, assets};
  const i64 count = take_section(section, inside);
  i64 first = 0;
  while (first < padded - 1 && !(inside[first] == inside[first])) first++;
  const auto value = [=](i64 i) { return load8(inside + i); };
  const f64 mean = spread_of(section, inside[first], padded, count, false, value).mean;
  const f64 scale = spread_of(section, mean, padded, count, false, value).scale;
  for (i64 i = 0; i < assets; i++) z[i] = (x[i] - mean) * scale;
}

template <class T>
static void winsorized(const T* x, const u8* universe, i64 assets, f64 tail, bool logarithm, f64* scratch, f64* out) {
  const i64 count = take_section(Section<T>{x, universe, nullptr, assets}, scratch);
  const Bounds bounds = tail_bounds(scratch, round_up(assets, 8), count, tail, scratch + round_up(assets, 8));
  for (i64 i = 0; i < assets; i++) out[i] = count > 0 ? clipped(static_cast<f64>(x[i]), bounds) : missing;
  if (!logarithm) return;
  for (i64 i = 0; i < assets; i++) out[i] = log_any(out[i] > 0.0 ? out[i] : missing);
}

template <class T>
Status value(In<T> book_price, In<T> sales_price, In<T> cash_flow_price, OptionalIn<u8> universe, i32 assets, f64 tail, i32 missing_ratio,
             Workspace scratch, Out<T> score) {
  const i64 padded = round_up(assets, 8);
  f64 *x = scratch.data, *z = x + padded, *sum = z + padded, *known = sum + padded, *room = known + padded;
  const T* const ratios[] = {book_price.data, sales_price.data, cash_flow_price.data};
  const bool skip = missing_ratio == 1;
  for (i64 at = 0; at < book_price.length; at += assets) {
    const u8* const in = universe ? universe.data + at : nullptr;
    for (i64 i = 0; i < assets; i++) sum[i] = known[i] = 0;
    for (int k = 0; k < 3; k++) {
      winsorized(ratios[k] + at, in, assets, tail, k < 2, room, x);
      scores(x, in, assets, room, z);
      for (i64 i = 0; i < assets; i++) {
        const bool counts = !skip || z[i] == z[i];
        sum[i] += counts ? z[i] : 0.0, known[i] += counts ? 1.0 : 0.0;
      }
    }
    for (i64 i = 0; i < assets; i++) sum[i] /= known[i];
    scores(sum, in, assets, room, z);
    for (i64 i = 0; i < assets; i++) score[at + i] = static_cast<T>(z[i]);
  }
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(value)
