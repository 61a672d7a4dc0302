// Contract: src/kernels/factor/panel/winsorize.ts. Percentiles by selection: extremes of columns bound the tails, which alone are ranked.
#include "kernels/parts/cross_section.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "values, universe", .options = "assets, tail", .outputs = "winsorized"};

static i64 scratch_size(const Sizes& of) { return score_scratch(of.option(names.option("assets"))); }

template <class T>
Status winsorize(In<T> values, OptionalIn<u8> universe, i32 assets, f64 tail, Workspace scratch, Out<T> winsorized) {
  const i64 padded = round_up(assets, 8);
  for (i64 at = 0; at < values.length; at += assets) {
    const Section<T> section{values.data + at, universe ? universe.data + at : nullptr, nullptr, assets};
    const i64 count = take_section(section, scratch.data);
    const Bounds bounds = tail_bounds(scratch.data, padded, count, tail, scratch.data + padded);
    const f64x8 none = broadcast<f64x8>(count > 0 ? 0.0 : missing);
    each_value(section.values, assets, winsorized.data + at, [=](f64x8 x) { return clipped(x, bounds) + none; });
  }
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(winsorize)
