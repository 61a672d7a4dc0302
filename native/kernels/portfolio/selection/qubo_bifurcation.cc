// Contract: src/kernels/portfolio/selection/qubo_bifurcation.ts. Rounded couplings lie where the exact ones come afterwards: twice the
// memory would take longer to get than it takes to fill again.
#include "abi/parallel.h"
#include "bifurcation.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "linear, quadratic, loading, factorWeight",
                             .options = "method, steps, replicas, timeStep, coupling, seed, threads",
                             .outputs = "solution, energy, energies"};
CHOICE(Bifurcation, ballistic, discrete)

static i64 thread_space(i64 n, i64 factors) {
  const i64 walk = walk_space(n, factors) + padded_to_eight(n), motion = motion_space(n, factors);
  return walk > motion ? walk : motion;
}

static i64 scratch_size(const Sizes& of) {
  const i64 n = of.length(names.input("linear")), factors = of.length(names.input("factorWeight"));
  return problem_space(n, factors, of.given(names.input("quadratic"))) + n * (1 + padded_to_eight(factors)) +
         ends_space(of.option(names.option("replicas")), n) + of.option(names.option("threads")) * thread_space(n, factors);
}

// Half of the rise of the energy with each variable at the middle, negative; and the rounded couplings or loadings.
static void prepare(const Problem& of, f64* center, f64* loadings) {
  const i64 n = of.n, k = of.factors, wide = of.factors_padded;
  if (of.dense) {
    for (i64 i = 0; i < n; i++) {
      f64* row = of.matrix + i * of.padded;
      f64 sum = 0;
      for (i64 j = 0; j < n; j++) sum += row[j];
      center[i] = -(0.5 * of.linear[i] + 0.25 * sum);
      for (i64 j = 0; j < of.padded; j += 8) store(row + j, rounded(-0.25 * load<f64x8>(row + j)));
    }
    return;
  }
  f64* totals = loadings;  // filled with loadings afterwards
  for (i64 f = 0; f < k; f++) {
    totals[f] = 0;
    for (i64 i = 0; i < n; i++) totals[f] += of.matrix[i * wide + f];
  }
  for (i64 i = 0; i < n; i++) {
    f64 sum = 0;
    for (i64 f = 0; f < k; f++) sum += of.weight[f] * of.matrix[i * wide + f] * totals[f];
    center[i] = -(0.5 * of.linear[i] + 0.5 * sum);
  }
  for (i64 at = 0; at < n * wide; at++) loadings[at] = rounded(of.matrix[at]);
}

static Status qubo_bifurcation(In<f64> linear, OptionalIn<f64> quadratic, OptionalIn<f64> loading, OptionalIn<f64> factor_weight, Bifurcation method,
                               i32 steps, i32 replicas, f64 time_step, f64 coupling, i32 seed, i32 threads, Workspace scratch, Threads crew,
                               Out<u8> solution, Out<f64> energy, Out<f64> energies) {
  const Problem of = open_problem({quadratic, loading, factor_weight, linear}, scratch.data);
  f64 *center = scratch.data + problem_space(of.n, of.factors, of.dense), *loadings = center + of.n, *space = loadings + of.n * of.factors_padded;
  i8* ends = reinterpret_cast<i8*>(space);
  space += ends_space(replicas, of.n);
  const i64 each = thread_space(of.n, of.factors), groups = (replicas + group_replicas - 1) / group_replicas;
  prepare(of, center, loadings);
  const Motion motion{.steps = steps,
                      .time_step = time_step,
                      .strength = coupling / of.unit,
                      .ballistic = method == Bifurcation::ballistic,
                      .seed = static_cast<u32>(seed),
                      .center = center,
                      .pull = of.dense ? of.matrix : loadings};
  bool whole = spread(crew, groups, 1, threads, [&](i64 group, i32 thread) {
    const i64 first = group * group_replicas;
    f64* mine = space + thread * each;
    if (replicas - first > 8) move_group<4>(of, motion, first, replicas, mine, ends);
    else move_group<1>(of, motion, first, replicas, mine, ends);
  });
  if (!whole) return cancelled();
  if (of.dense) fill_couplings(of, quadratic.data);
  const auto walk_of = [&](i32 thread) { return Walk{&of, space + thread * each, space + thread * each + of.padded}; };
  whole = spread(crew, replicas, 0, threads, [&](i64 replica, i32 thread) {
    const Walk walk = walk_of(thread);
    for (i64 i = 0; i < of.n; i++) walk.sign[i] = ends[replica * of.n + i];
    restart(walk);
    descend(walk, walk.field + (of.dense ? of.padded : of.factors_padded));
    energies[replica] = energy_of(walk);
    keep_end(walk, ends + replica * of.n);
  });
  if (!whole) return cancelled();
  report_best(of, ends, energies.data, replicas, walk_of(0), solution.data, energy.data);
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL_PLAIN(qubo_bifurcation)
