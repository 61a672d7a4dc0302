// Contract: src/kernels/portfolio/selection/qubo_tempering.ts. The same changes; states stay where they are and temperatures' places move.
#include "abi/parallel.h"
#include "qubo_walk.h"
#include "simd/elementary.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "linear, quadratic, loading, factorWeight",
                             .options = "rounds, temperatures, replicas, hot, cold, seed, threads",
                             .outputs = "solution, energy, energies, exchanged"};
static constexpr u64 exchange_path = u64{1} << 32;

// Of a thread: a walk for each temperature and one more, then limits of a pair of sweeps for each, energies, temperatures and which walk is
// at each place.
static i64 run_space(i64 n, i64 factors, i64 temperatures) {
  return (temperatures + 1) * walk_space(n, factors) + 2 * temperatures * padded_to_eight(n) + 3 * temperatures;
}

static i64 scratch_size(const Sizes& of) {
  const i64 n = of.length(names.input("linear")), factors = of.length(names.input("factorWeight"));
  return problem_space(n, factors, of.given(names.input("quadratic"))) + ends_space(of.option(names.option("replicas")), n) +
         of.option(names.option("threads")) * run_space(n, factors, of.option(names.option("temperatures")));
}

static Status qubo_tempering(In<f64> linear, OptionalIn<f64> quadratic, OptionalIn<f64> loading, OptionalIn<f64> factor_weight, i32 rounds,
                             i32 temperatures, i32 replicas, f64 hot, f64 cold, i32 seed, i32 threads, Workspace scratch, Threads crew,
                             Out<u8> solution, Out<f64> energy, Out<f64> energies, Out<f64> exchanged) {
  const Problem of = open_problem({quadratic, loading, factor_weight, linear}, scratch.data);
  f64* space = scratch.data + problem_space(of.n, of.factors, of.dense);
  i8* ends = reinterpret_cast<i8*>(space);
  space += ends_space(replicas, of.n);
  const i64 one = walk_space(of.n, of.factors), each = run_space(of.n, of.factors, temperatures), places = temperatures;
  const f64 factor = exp_any(log_any(cold / hot) / (temperatures - 1));
  const u32 key = static_cast<u32>(seed);
  const bool whole = spread(crew, replicas, 1, threads, [&](i64 replica, i32 thread) {
    f64 *base = space + thread * each, *limits = base + (places + 1) * one, *levels = limits + 2 * places * of.padded, *ladder = levels + places,
        *at = ladder + places;
    const auto walk_at = [&](i64 w) { return Walk{&of, base + w * one, base + w * one + of.padded}; };
    const auto stream = [&](i64 place) { return static_cast<u32>(replica * places + place); };
    const Walk best = walk_at(places);
    f64 least = 0;
    for (i64 place = 0; place < places; place++) {
      ladder[place] = place == 0 ? of.unit * hot : ladder[place - 1] * factor;
      at[place] = static_cast<f64>(place);
      random_start(walk_at(place), key, stream(place), limits);
      levels[place] = energy_of(walk_at(place));
    }
    const auto keep = [&](i64 place) {
      least = levels[place];
      __builtin_memcpy(best.sign, walk_at(static_cast<i64>(at[place])).sign, static_cast<size_t>(of.padded) * sizeof(f64));
    };
    keep(0);
    f64 tries = 0, taken = 0;
    for (i64 round = 0; round < rounds; round++) {
      for (i64 place = 0; place < places; place++) {
        f64* mine = limits + 2 * place * of.padded;
        if (round % 2 == 0) draw_limits(static_cast<u64>(round / 2), key, stream(place), mine, of);
        levels[place] += sweep(walk_at(static_cast<i64>(at[place])), ladder[place], mine + round % 2 * of.padded).rise;
        if (levels[place] < least) keep(place);
      }
      for (i64 a = round % 2; a + 1 < places; a += 2, tries++) {
        const f64 u = uniform_pair(exchange_path + static_cast<u64>(a), static_cast<u64>(round), key, stream(0)).first;
        if (!(log_positive(u) < (1 / ladder[a] - 1 / ladder[a + 1]) * (levels[a] - levels[a + 1]))) continue;
        const f64 walk = at[a], level = levels[a];
        at[a] = at[a + 1], levels[a] = levels[a + 1];
        at[a + 1] = walk, levels[a + 1] = level;
        taken++;
      }
    }
    exchanged[replica] = taken / tries;
    restart(best);
    descend(best, limits);
    energies[replica] = energy_of(best);
    keep_end(best, ends + replica * of.n);
  });
  if (!whole) return cancelled();
  report_best(of, ends, energies.data, replicas, Walk{&of, space, space + of.padded}, solution.data, energy.data);
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL_PLAIN(qubo_tempering)
