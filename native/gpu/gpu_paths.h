// Simulated paths on a GPU: normal variables and sums of products of them, in batches that fit its memory, and the tails of their losses.
#pragma once
#include "gpu_products.h"
#include "kernels/risk/parts/return_model.h"
#include "kernels/risk/parts/simulated_tail.h"

namespace tickforge::TICKFORGE_ISA {

#ifndef TICKFORGE_BATCH_NUMBERS  // tests make small sizes take several batches
#define TICKFORGE_BATCH_NUMBERS (i64{1} << 22)
#endif
inline constexpr i64 batch_numbers = TICKFORGE_BATCH_NUMBERS;  // that are in memory at a time

// Paths of a batch, each with so many numbers.
inline i64 batch_of(i64 numbers, i64 paths) {
  const i64 most = batch_numbers / numbers < 1 ? 1 : batch_numbers / numbers;
  return most < paths ? most : paths;
}

// Normal variables of `count` paths from `first` on: drawn[variable][path].
inline void draw_normals(Work& work, const LaunchArgument& drawn, i64 variables, u64 first, i64 count, u32 seed, u32 stream) {
  const normal_draws_constants draws{static_cast<u32>(count), static_cast<u32>(variables), static_cast<u32>(first), seed, stream};
  work.launch(normal_draws, (variables + 1) / 2 * count, {part(drawn, variables * count), Work::constants(draws)});
}

// What each path is made into: rows of `matrix` times its variables, and a diagonal times those behind the first `depth`.
struct PathSums {
  i64 rows, depth, variables;
  const f64* matrix;    // [rows][depth]
  const f64* diagonal;  // [rows], or null

  i64 batch(i64 paths) const { return batch_of(variables + rows, paths); }
};

// A batch of paths; its sums are there once `work` has finished.
struct PathBatch {
  i64 start, count;
  const f64* scales;    // path_scales
  const Pair* sums;     // [row][path]
  LaunchArgument made;  // `sums` for another launch

  f64 deviation(i64 row, i64 path) const { return value_of(sums[row * count + path]) * scales[path]; }
};

// Calls take(batch) for batches of paths from `first` on, which finishes the work and says whether that went well; false where it did not.
template <class Take> bool each_path_batch(Work& work, const PathSums& of, u64 first, i64 paths, const Law& law, Take take) {
  Pair *left, *diagonal, *variables, *sums;
  const i64 batch = of.batch(paths);
  const LaunchArgument weights = work.take(of.depth * of.rows, left), corner = work.take(of.diagonal ? of.rows : 1, diagonal);
  const LaunchArgument drawn = work.take(of.variables * batch, variables), made = work.take(of.rows * batch, sums);
  if (work.failed()) return work.finish();
  for (i64 i = 0; i < of.rows; i++)
    for (i64 k = 0; k < of.depth; k++) left[k * of.rows + i] = pair_of(of.matrix[i * of.depth + k]);
  for (i64 i = 0; of.diagonal && i < of.rows; i++) diagonal[i] = pair_of(of.diagonal[i]);
  std::vector<f64> scales(static_cast<size_t>(batch + tile_scenarios));
  for (i64 start = 0; start < paths; start += batch) {
    const i64 count = paths - start < batch ? paths - start : batch;
    for (i64 k = 0; k < count; k += tile_scenarios) path_scales(first + static_cast<u64>(start + k), law, scales.data() + k);
    const product_sums_constants products{static_cast<u32>(of.rows), static_cast<u32>(count), static_cast<u32>(of.depth), 0, of.diagonal != nullptr};
    draw_normals(work, drawn, of.variables, first + static_cast<u64>(start), count, law.seed, law.stream);
    work.launch(product_sums, of.rows * count,
                {weights, part(drawn, of.variables * count), corner, part(made, of.rows * count), Work::constants(products)});
    if (!take(PathBatch{start, count, scales.data(), sums, part(made, of.rows * count)})) return false;
  }
  return true;
}

// simulate_tails where one call, make(first path, paths, losses, row), makes a whole round and says whether that went well.
template <class Make, class Tell> Status tails_of_device(const PathPlan& plan, const TailRule& rule, Threads crew, Space space, Make make,
                                                         Tell tell) {
  f64* losses = space.take(plan.padded() * plan.round() * plan.batch);
  bool ran = true;
  const bool whole = keep_tails(
      plan, rule, space, losses,
      [&](i64 start, i64 count, i64 row) {
        return spread(crew, 1, count * plan.batch, 1, [&](i64, i32) { ran = make(start * plan.batch, count * plan.batch, losses, row); }) && ran;
      },
      tell);
  return !ran ? device_failed() : whole ? done() : cancelled();
}

}  // namespace tickforge::TICKFORGE_ISA
