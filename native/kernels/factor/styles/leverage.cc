// Contract: src/kernels/factor/styles/leverage.ts. The same ratios and sums.
#include "kernels/factor/parts/descriptor.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "cap, book, longTermDebt, totalDebt, totalAssets, preferred, universe",
                             .options = "assets, tail, marketWeight, debtWeight, bookWeight",
                             .outputs = "score"};

static f64 over(f64 top, f64 bottom) { return bottom > 0 ? top / bottom : missing; }

static i64 scratch_size(const Sizes& of) { return blend_scratch(of.option(names.option("assets"))); }

template <class T>
Status leverage(In<T> cap, In<T> book, In<T> long_term_debt, In<T> total_debt, In<T> total_assets, OptionalIn<T> preferred, OptionalIn<u8> universe,
                i32 assets, f64 tail, f64 market_weight, f64 debt_weight, f64 book_weight, Workspace scratch, Out<T> score) {
  f64* const row = scratch.data;
  const auto f = [](T x) { return static_cast<f64>(x); };
  for (i64 at = 0; at < cap.length; at += assets) {
    const Blend blend{universe ? universe.data + at : nullptr, assets, tail, row + round_up(assets, 8)};
    const auto lent = [=](i64 i) {
      const f64 own = preferred ? static_cast<f64>(preferred[at + i]) : 0.0;
      return own == own ? own : 0.0;
    };
    blend.begin();
    for (i64 i = 0; i < assets; i++) row[i] = over(f(cap[at + i]) + lent(i) + f(long_term_debt[at + i]), f(cap[at + i]));
    blend.add(row, market_weight);
    for (i64 i = 0; i < assets; i++) row[i] = over(f(total_debt[at + i]), f(total_assets[at + i]));
    blend.add(row, debt_weight);
    for (i64 i = 0; i < assets; i++) row[i] = over(f(book[at + i]) + lent(i) + f(long_term_debt[at + i]), f(book[at + i]));
    blend.add(row, book_weight);
    blend.finish(score.data + at);
  }
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(leverage)
