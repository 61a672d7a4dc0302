// Contract: src/kernels/portfolio/selection/qubo_anneal.ts. The same changes, judged eight at a time.
#include "abi/parallel.h"
#include "qubo_walk.h"
#include "simd/elementary.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "linear, quadratic, loading, factorWeight",
                             .options = "sweeps, replicas, hot, cold, seed, threads",
                             .outputs = "solution, energy, energies"};

static i64 scratch_size(const Sizes& of) {
  const i64 n = of.length(names.input("linear")), factors = of.length(names.input("factorWeight"));
  return problem_space(n, factors, of.given(names.input("quadratic"))) + ends_space(of.option(names.option("replicas")), n) +
         of.option(names.option("threads")) * (walk_space(n, factors) + 2 * padded_to_eight(n));
}

static Status qubo_anneal(In<f64> linear, OptionalIn<f64> quadratic, OptionalIn<f64> loading, OptionalIn<f64> factor_weight, i32 sweeps, i32 replicas,
                          f64 hot, f64 cold, i32 seed, i32 threads, Workspace scratch, Threads crew, Out<u8> solution, Out<f64> energy,
                          Out<f64> energies) {
  const Problem of = open_problem({quadratic, loading, factor_weight, linear}, scratch.data);
  f64* space = scratch.data + problem_space(of.n, of.factors, of.dense);
  i8* ends = reinterpret_cast<i8*>(space);
  space += ends_space(replicas, of.n);
  const i64 each = walk_space(of.n, of.factors) + 2 * of.padded;
  const f64 factor = sweeps > 1 ? exp_any(log_any(cold / hot) / (sweeps - 1)) : 1;
  const auto walk_of = [&](i32 thread) { return Walk{&of, space + thread * each, space + thread * each + of.padded}; };
  const bool whole = spread(crew, replicas, 1, threads, [&](i64 replica, i32 thread) {
    const Walk walk = walk_of(thread);
    f64* limits = space + (thread + 1) * each - 2 * of.padded;
    random_start(walk, static_cast<u32>(seed), static_cast<u32>(replica), limits);
    f64 temperature = of.unit * hot;
    for (i64 s = 0; s < sweeps; s++, temperature *= factor) {
      if (s % 2 == 0) draw_limits(static_cast<u64>(s / 2), static_cast<u32>(seed), static_cast<u32>(replica), limits, of);
      sweep(walk, temperature, limits + s % 2 * of.padded);
    }
    descend(walk, limits);
    energies[replica] = energy_of(walk);
    keep_end(walk, ends + replica * of.n);
  });
  if (!whole) return cancelled();
  report_best(of, ends, energies.data, replicas, walk_of(0), solution.data, energy.data);
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL_PLAIN(qubo_anneal)
