// Contract: src/kernels/factor/panel/standardize.ts. The mean first, then squares about it, both in eight lanes.
#include "kernels/parts/cross_section.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "values, weights, universe", .options = "assets, weighting", .outputs = "score"};

static i64 scratch_size(const Sizes& of) {
  const i64 assets = of.option(names.option("assets"));
  return 2 * (assets + 16);
}

template <class T>
Status standardize(In<T> values, OptionalIn<T> weights, OptionalIn<u8> universe, i32 assets, Weighting weighting, Workspace scratch, Out<T> score) {
  const i64 padded = round_up(assets, 8);
  const f64* const inside = scratch.data;
  const auto value = [=](i64 i) { return load<f64x8>(inside + i); };
  for (i64 at = 0; at < values.length; at += assets) {
    const Section<T> section{values.data + at, universe ? universe.data + at : nullptr, weights ? weights.data + at : nullptr, assets};
    const i64 count = take_section(section, scratch.data);
    i64 first = 0;
    while (first < padded - 1 && !(inside[first] == inside[first])) first++;
    const Section<T> equal{section.values, section.universe, nullptr, assets};
    const bool both = weighting == Weighting::both && weights;
    const f64 mean = spread_of(section, inside[first], padded, count, false, value).mean;
    const f64 centre = both ? mean : weights ? spread_of(equal, inside[first], padded, count, false, value).mean : mean;
    const f64 scale = spread_of(both ? section : equal, centre, padded, count, both, value).scale;
    each_value(section.values, assets, score.data + at, [=](f64x8 x) { return (x - mean) * scale; });
  }
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(standardize)
