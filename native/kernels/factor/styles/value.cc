// Contract: src/kernels/factor/styles/value.ts. The same, each ratio added to the sum as it is scored.
#include "kernels/parts/cross_section.h"
#include "simd/elementary.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "bookPrice, salesPrice, cashFlowPrice, universe", .options = "assets, tail, missing", .outputs = "score"};
CHOICE(MissingRatio, nan, skip)

template <class T>
static void winsorized(const T* x, const u8* universe, i64 assets, f64 tail, bool logarithm, f64* scratch, f64* out) {
  const i64 count = take_section(Section<T>{x, universe, nullptr, assets}, scratch);
  const Bounds bounds = tail_bounds(scratch, round_up(assets, 8), count, tail, scratch + round_up(assets, 8));
  for (i64 i = 0; i < assets; i++) out[i] = count > 0 ? clipped(static_cast<f64>(x[i]), bounds) : missing;
  if (!logarithm) return;
  for (i64 i = 0; i < assets; i++) out[i] = log_any(out[i] > 0.0 ? out[i] : missing);
}

static i64 scratch_size(const Sizes& of) {
  const i64 assets = of.option(names.option("assets"));
  return 7 * (assets + 16);
}

template <class T>
Status value(In<T> book_price, In<T> sales_price, In<T> cash_flow_price, OptionalIn<u8> universe, i32 assets, f64 tail, MissingRatio missing_ratio,
             Workspace scratch, Out<T> score) {
  const i64 padded = round_up(assets, 8);
  f64 *x = scratch.data, *z = x + padded, *sum = z + padded, *known = sum + padded, *room = known + padded;
  const T* const ratios[] = {book_price.data, sales_price.data, cash_flow_price.data};
  const bool skip = missing_ratio == MissingRatio::skip;
  for (i64 at = 0; at < book_price.length; at += assets) {
    const u8* const in = universe ? universe.data + at : nullptr;
    for (i64 i = 0; i < assets; i++) sum[i] = known[i] = 0;
    for (int k = 0; k < 3; k++) {
      winsorized(ratios[k] + at, in, assets, tail, k < 2, room, x);
      standardize_row(x, in, assets, room, z);
      for (i64 i = 0; i < assets; i++) {
        const bool counts = !skip || z[i] == z[i];
        sum[i] += counts ? z[i] : 0.0, known[i] += counts ? 1.0 : 0.0;
      }
    }
    for (i64 i = 0; i < assets; i++) sum[i] /= known[i];
    standardize_row(sum, in, assets, room, score.data + at);
  }
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(value)
