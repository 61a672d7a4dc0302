// Contract: src/kernels/factor/styles/dividend_yield.ts. The same.
#include "kernels/factor/parts/descriptor.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "dividends, price, universe", .options = "assets, tail", .outputs = "score"};

static i64 scratch_size(const Sizes& of) { return blend_scratch(of.option(names.option("assets"))); }

template <class T>
Status dividend_yield(In<T> dividends, In<T> price, OptionalIn<u8> universe, i32 assets, f64 tail, Workspace scratch, Out<T> score) {
  f64* const row = scratch.data;
  for (i64 at = 0; at < price.length; at += assets) {
    for (i64 i = 0; i < assets; i++) {
      const f64 p = static_cast<f64>(price[at + i]), yield = static_cast<f64>(dividends[at + i]) / p;
      row[i] = p > 0.0 ? yield : missing;
    }
    const Blend blend{universe ? universe.data + at : nullptr, assets, tail, row + round_up(assets, 8)};
    blend.begin();
    blend.add(row, 1.0);
    blend.finish(score.data + at);
  }
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(dividend_yield)
