// Contract: src/kernels/factor/panel/neutralize.ts. The same Gram-Schmidt, its products in eight lanes.
#include "kernels/factor/parts/cross_section_fit.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{
    .inputs = "values, group, exposures, weights, universe", .options = "assets, groups, columns", .outputs = "residual, rank"};

static i64 scratch_size(const Sizes& of) {
  const i64 assets = of.option(names.option("assets")), columns = of.option(names.option("columns")), groups = of.option(names.option("groups"));
  return (columns + 3) * (assets + 8) + 2 * groups + columns;
}

template <class T>
Status neutralize(In<T> values, OptionalIn<i32> group, OptionalIn<T> exposures, OptionalIn<T> weights, OptionalIn<u8> universe, i32 assets,
                  i32 groups, i32 columns, Workspace scratch, Out<T> residual, Out<i32> rank) {
  const i64 padded = round_up(assets, 8);
  f64 *value = scratch.data, *w = value + padded, *e = w + padded, *sums = e + columns * padded, *totals = sums + groups;
  f64* const squares = totals + groups;
  for (i64 t = 0; t * assets < values.length; t++) {
    const i64 at = t * assets;
    const Section<T> section{values.data + at, universe ? universe.data + at : nullptr, weights ? weights.data + at : nullptr, assets};
    const i32* const ids = group ? group.data + at : nullptr;
    copy_row(section.values, assets, padded, value);
    for (i64 k = 0; k < columns; k++) copy_row(exposures.data + (t * columns + k) * assets, assets, padded, e + k * padded);
    estimation_weights(section, ids, value, e, columns, padded, w);
    const Fit fit{padded, w, ids, assets, groups, sums, totals};
    const i32 filled = fit.total_groups();
    fit.center(value);
    rank[t] = filled + take_off(fit, value, e, squares, columns);
    for (i64 i = 0; i < assets; i++) residual[at + i] = static_cast<T>(__builtin_fabs(value[i]) <= largest ? value[i] : missing);
  }
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(neutralize)
