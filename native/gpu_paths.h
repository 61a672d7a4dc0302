// Simulated paths on a GPU: normal variables and sums of products of them, in batches that fit its memory.
#pragma once
#include "gpu_products.h"
#include "return_model.h"

namespace tickforge::TICKFORGE_ISA {

// What each path is made into: rows of `matrix` times its variables, and a diagonal times those behind the first `depth`.
struct PathSums {
  i64 rows, depth, variables;
  const f64* matrix;    // [rows][depth]
  const f64* diagonal;  // [rows], or null
};

inline constexpr i64 batch_numbers = i64{1} << 22;  // variables and sums that are in memory at a time

// Calls take(start, count, sums[row][path]) for batches of paths from `first` on; false where the device failed.
template <class Take> bool each_path_batch(const PathSums& of, u64 first, i64 paths, const Law& law, Take take) {
  Work work;
  Pair *left, *diagonal, *variables, *sums;
  const i64 wide = of.variables + of.rows, batch = batch_numbers / wide < 1 ? 1 : batch_numbers / wide < paths ? batch_numbers / wide : paths;
  const LaunchArgument weights = work.take(of.depth * of.rows, left), corner = work.take(of.diagonal ? of.rows : 1, diagonal);
  const LaunchArgument drawn = work.take(of.variables * batch, variables), made = work.take(of.rows * batch, sums);
  if (work.failed()) return work.finish();
  for (i64 i = 0; i < of.rows; i++)
    for (i64 k = 0; k < of.depth; k++) left[k * of.rows + i] = pair_of(of.matrix[i * of.depth + k]);
  for (i64 i = 0; of.diagonal && i < of.rows; i++) diagonal[i] = pair_of(of.diagonal[i]);
  for (i64 start = 0; start < paths; start += batch) {
    const i64 count = paths - start < batch ? paths - start : batch;
    const auto part = [&](LaunchArgument whole, i64 rows) { return whole.bytes = rows * count * static_cast<i64>(sizeof(Pair)), whole; };
    const normal_draws_constants draws{static_cast<u32>(count), static_cast<u32>(of.variables), static_cast<u32>(first + static_cast<u64>(start)), law.seed, law.stream};
    const product_sums_constants products{static_cast<u32>(of.rows), static_cast<u32>(count), static_cast<u32>(of.depth), 0, of.diagonal != nullptr};
    work.launch(normal_draws, (of.variables + 1) / 2 * count, {part(drawn, of.variables), Work::constants(draws)});
    work.launch(product_sums, of.rows * count, {weights, part(drawn, of.variables), corner, part(made, of.rows), Work::constants(products)});
    if (!work.finish()) return false;
    take(start, count, sums);
  }
  return true;
}

}  // namespace tickforge::TICKFORGE_ISA
