// Contract: src/kernels/risk/options/delta_gamma_risk.ts. Shaders: shaders/normal_draws.metal, shaders/sobol_draws.metal, shaders/second_order.metal.
// The coordinates of the book and the tail, given what the shaders made of each path, are the native kernel's.
#include "kernels/risk/parts/delta_gamma.h"
#include "gpu/gpu_paths.h"

namespace tickforge::TICKFORGE_ISA {

namespace {

constexpr Shader second_order =
    shader_row<Reads<Pair>, Reads<Pair>, Reads<Pair>, Writes<Pair>, Writes<Pair>, Reads<second_order_constants>>("second_order", 128);
constexpr Shader sobol_draws = shader_row<Reads<u32>, Reads<u32>, Writes<Pair>, Reads<sobol_draws_constants>>("sobol_draws", 128);

// Constants and slopes of paths from the coordinates behind the first; what is known of the first is read too.
struct Reach {
  Work work;
  const Book& book;
  i64 paths;  // at most
  Pair *variables, *halves, *crosses, *constants, *slopes;
  LaunchArgument drawn, half, cross, constant, slope;

  Reach(const Book& of, i64 most) : book(of), paths(batch_of(of.others + 1, most)) {
    drawn = work.take((book.others + 1) * paths, variables), half = work.take(book.others, halves), cross = work.take(book.others, crosses);
    constant = work.take(paths, constants), slope = work.take(paths, slopes);
    for (i64 d = 0; d < book.others && !work.failed(); d++) halves[d] = pair_of(book.half[d]), crosses[d] = pair_of(book.cross[d]);
  }
  // Runs it on rows of the variables from `first` on.
  bool given(i64 first, i64 count) {
    const second_order_constants numbers{static_cast<u32>(count), static_cast<u32>(book.others)};
    work.launch(second_order, count,
                {part(drawn, book.others * count, first * count), half, cross, part(constant, count), part(slope, count), Work::constants(numbers)});
    return work.finish();
  }
  // What does not hang on the first coordinate, and the slope along it.
  f64 constant_of(i64 path) const { return value_of(constants[path]) + book.constant; }
  f64 slope_of(i64 path) const { return value_of(slopes[path]) + book.slope; }
};

// Losses of plain paths.
bool plain_losses(const Book& book, const Draw& draw, i64 first, i64 paths, f64* losses) {
  Reach reach(book, paths);
  for (i64 start = 0; start < paths; start += reach.paths) {
    const i64 count = paths - start < reach.paths ? paths - start : reach.paths;
    draw_normals(reach.work, reach.drawn, book.others + 1, static_cast<u64>(first + start), count, draw.seed, draw.stream);
    if (!reach.given(1, count)) return false;
    for (i64 k = 0; k < count; k++) {
      const f64 z = value_of(reach.variables[k]);
      losses[start + k] = -(reach.constant_of(k) + reach.slope_of(k) * z + book.half_curve * z * z);
    }
  }
  return true;
}

// Constants and slopes of the points of one scrambling.
bool scrambling(const Book& book, const Draw& draw, i32 number, i64 points, f64* c, f64* b) {
  Reach reach(book, points);
  u32* seeds;
  const LaunchArgument hashes = reach.work.take(draw.even, seeds);
  if (reach.work.failed()) return reach.work.finish();
  for (i64 d = 0; d < draw.even; d++) seeds[d] = draw.scramble(d, number);
  const LaunchArgument table = reach.work.reads(draw.directions, 32 * draw.even);
  for (i64 start = 0; start < points; start += reach.paths) {
    const i64 count = points - start < reach.paths ? points - start : reach.paths;
    if (book.others > draw.even)
      draw_normals(reach.work, reach.drawn, book.others, static_cast<u64>(number * points + start), count, draw.seed, draw.stream);
    const sobol_draws_constants numbers{static_cast<u32>(count), static_cast<u32>(draw.even), static_cast<u32>(start)};
    reach.work.launch(sobol_draws, draw.even * count, {table, hashes, part(reach.drawn, draw.even * count), Work::constants(numbers)});
    if (!reach.given(0, count)) return false;
    for (i64 k = 0; k < count; k++) c[start + k] = reach.constant_of(k), b[start + k] = reach.slope_of(k);
  }
  return true;
}

}  // namespace

static Status delta_gamma_risk(In<f64> delta, In<f64> gamma, OptionalIn<f64> mean, In<f64> covariance, OptionalIn<u32> directions, i32 assets,
                               i32 paths, f64 confidence, f64 theta, Sampling method, i32 scramblings, i32 seed, i32 stream, i32, Workspace scratch,
                               Threads crew, Out<f64> var, Out<f64> es, Out<f64> var_error, Out<f64> es_error) {
  Space space{scratch.data};
  Book book;
  Draw draw;
  const BookInputs inputs{delta, gamma, mean, covariance, directions};
  if (const Status opened = open_book(inputs, assets, theta, seed, stream, space, book, draw); opened.code != OK) return opened;
  const TailRule rule = tail_rule(confidence);
  const BookOutputs out{book.unit, var, es, var_error, es_error};
  if (method == Sampling::monte_carlo)
    return tails_of_device(
        {paths, 1, 240, 0, 1}, rule, crew, space,
        [&](i64 first, i64 count, f64* losses, i64) { return plain_losses(book, draw, first, count, losses); }, out);
  const i64 points = paths / scramblings;
  f64 *c = space.take(points), *b = space.take(points);
  bool ran = true;
  const Status told = scrambled_risk(scramblings, points, 1, crew, space, out, [&](i32 number, i32, f64& one_var, f64& one_es) {
    ran = ran && scrambling(book, draw, number, points, c, b);
    if (ran) smoothed_risk({c, b, points, book.half_curve}, rule.alpha, book.sigma, one_var, one_es);
  });
  return ran ? told : device_failed();
}

}  // namespace tickforge::TICKFORGE_ISA
GPU_KERNEL(delta_gamma_risk, true, &normal_draws, &sobol_draws, &second_order)
