// Contract: src/kernels/risk/delta_gamma_risk.ts. Shaders: shaders/normal_draws.metal, shaders/sobol_draws.metal, shaders/second_order.metal.
// The coordinates of the book and the tail, given what the shaders made of each path, are the native kernel's.
#include "delta_gamma.h"
#include "gpu_products.h"
#include "simulated_tail.h"
#include "sobol.h"

namespace tickforge::TICKFORGE_ISA {

namespace {

constexpr Shader second_order =
    shader_row<Reads<Pair>, Reads<Pair>, Reads<Pair>, Writes<Pair>, Writes<Pair>, Reads<second_order_constants>>("second_order", 128);
constexpr Shader sobol_draws = shader_row<Reads<u32>, Reads<u32>, Writes<Pair>, Reads<sobol_draws_constants>>("sobol_draws", 128);

struct Draw {
  u32 seed, stream;
  const u32* directions;
  i64 even;  // coordinates that Sobol' points have
};

constexpr i64 batch_numbers = i64{1} << 22;  // coordinates that are in memory at a time

// Constants and slopes of paths from the coordinates behind the first; what is known of the first is read too.
struct Reach {
  Work work;
  const Book& book;
  i64 paths;  // at most
  Pair *variables, *halves, *crosses, *constants, *slopes;
  LaunchArgument drawn, half, cross, constant, slope;

  Reach(const Book& of, i64 most) : book(of), paths(batch_numbers / (of.others + 1) < most ? batch_numbers / (of.others + 1) : most) {
    drawn = work.take((book.others + 1) * paths, variables), half = work.take(book.others, halves), cross = work.take(book.others, crosses);
    constant = work.take(paths, constants), slope = work.take(paths, slopes);
    for (i64 d = 0; d < book.others && !work.failed(); d++) halves[d] = pair_of(book.half[d]), crosses[d] = pair_of(book.cross[d]);
  }
  // Runs it on rows of the variables from `first` on.
  bool given(i64 first, i64 count) {
    const second_order_constants numbers{static_cast<u32>(count), static_cast<u32>(book.others)};
    work.launch(second_order, count, {part(drawn, book.others * count, first * count), half, cross, part(constant, count), part(slope, count), Work::constants(numbers)});
    return work.finish();
  }
  void draw(i64 first, i64 count, i64 dimensions, const Draw& draw) {
    const normal_draws_constants numbers{static_cast<u32>(count), static_cast<u32>(dimensions), static_cast<u32>(first), draw.seed, draw.stream};
    work.launch(normal_draws, (dimensions + 1) / 2 * count, {part(drawn, dimensions * count), Work::constants(numbers)});
  }
};

// Losses of plain paths.
bool plain_losses(const Book& book, f64 theta, const Draw& draw, i64 first, i64 paths, f64* losses) {
  Reach reach(book, paths);
  for (i64 start = 0; start < paths; start += reach.paths) {
    const i64 count = paths - start < reach.paths ? paths - start : reach.paths;
    reach.draw(first + start, count, book.others + 1, draw);
    if (!reach.given(1, count)) return false;
    for (i64 k = 0; k < count; k++) {
      const f64 z = value_of(reach.variables[k]), c = value_of(reach.constants[k]) + (theta + book.constant), b = value_of(reach.slopes[k]) + book.slope;
      losses[start + k] = -(c + b * z + book.half_curve * z * z);
    }
  }
  return true;
}

// Constants and slopes of the points of one scrambling.
bool scrambling(const Book& book, const Draw& draw, i32 number, i64 points, f64 theta, f64* c, f64* b) {
  Reach reach(book, points);
  u32* seeds;
  const LaunchArgument hashes = reach.work.take(draw.even, seeds);
  if (reach.work.failed()) return reach.work.finish();
  for (i64 d = 0; d < draw.even; d++) seeds[d] = scramble_seed(static_cast<u32>(d), draw.seed, draw.stream * 64 + static_cast<u32>(number));
  const LaunchArgument table = reach.work.reads(draw.directions, 32 * draw.even);
  for (i64 start = 0; start < points; start += reach.paths) {
    const i64 count = points - start < reach.paths ? points - start : reach.paths;
    if (book.others > draw.even) reach.draw(number * points + start, count, book.others, draw);
    const sobol_draws_constants numbers{static_cast<u32>(count), static_cast<u32>(draw.even), static_cast<u32>(start)};
    reach.work.launch(sobol_draws, draw.even * count, {table, hashes, part(reach.drawn, draw.even * count), Work::constants(numbers)});
    if (!reach.given(0, count)) return false;
    for (i64 k = 0; k < count; k++)
      c[start + k] = value_of(reach.constants[k]) + (theta + book.constant), b[start + k] = value_of(reach.slopes[k]) + book.slope;
  }
  return true;
}

}  // namespace

static Status delta_gamma_risk(In<f64> delta, In<f64> gamma, OptionalIn<f64> mean, In<f64> covariance, OptionalIn<u32> directions, i32 assets,
                               i32 paths, f64 confidence, f64 theta, i32 method, i32 scramblings, i32 seed, i32 stream, i32,
                               Workspace scratch, Threads crew, Out<f64> var, Out<f64> es, Out<f64> var_error, Out<f64> es_error) {
  Space space{scratch.data};
  Book book;
  const i64 failed = open_book(delta.data, gamma.data, mean.data, covariance.data, assets, space.take(book_space(assets)), book);
  if (failed >= 0) return refuse(NOT_DEFINITE, 3, failed * (assets + 1), 0);
  const i64 dimensions = directions ? directions.length / 32 : 0;
  const Draw draw{static_cast<u32>(seed), static_cast<u32>(stream), directions.data, dimensions < book.others ? dimensions : book.others};
  const TailRule rule = tail_rule(confidence, 0, 0);
  bool ran = true;
  if (method == 1) {
    const PathPlan plan{paths, 1, 240, 0, 1};
    const bool whole = simulate_rounds(plan, rule, crew, space, [&](i64 first, i64 count, f64* losses, i64) {
      ran = ran && plain_losses(book, theta, draw, first, count, losses);
    }, [&](i64, const SimulatedRisk& risk) { var[0] = risk.var, es[0] = risk.es, var_error[0] = risk.var_error, es_error[0] = risk.es_error; });
    return !ran ? device_failed() : whole ? done() : cancelled();
  }
  const i64 points = paths / scramblings;
  f64 *vars = space.take(scramblings), *means = space.take(scramblings), *c = space.take(points), *b = space.take(points);
  const bool whole = spread(crew, scramblings, points, 1, [&](i64 i, i32) {
    ran = ran && scrambling(book, draw, static_cast<i32>(i), points, theta, c, b);
    if (ran) smoothed_risk({c, b, points, book.half_curve}, rule.alpha, book.sigma, vars[i], means[i]);
  });
  if (!ran) return device_failed();
  if (!whole) return cancelled();
  mean_and_error(vars, scramblings, var[0], var_error[0]);
  mean_and_error(means, scramblings, es[0], es_error[0]);
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
GPU_KERNEL(delta_gamma_risk, true, &normal_draws, &sobol_draws, &second_order)
