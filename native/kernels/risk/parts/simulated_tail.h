// Losses of simulated paths, made in batches on several threads and thinned to their tails round by round: memory does not grow with
// the number of paths but with that of the tail. A round is put together in the order of its paths, whoever made them.
#pragma once
#include "abi/parallel.h"
#include "tail_keeper.h"

namespace tickforge::TICKFORGE_ISA {

// The next part of a workspace.
struct Space {
  f64* next;
  f64* take(i64 count) {
    f64* taken = next;
    next += count;
    return taken;
  }
};

struct PathPlan {
  i64 paths, portfolios, batch;  // a batch is made by one thread at a time,
  i64 space;                     // with so many f64 of its own
  i32 threads;

  i64 batches() const { return (paths + batch - 1) / batch; }
  i64 padded() const { return portfolios > 0 ? round_up(portfolios, 8) : 8; }
  // Batches of a round.
  i64 round() const {
    const i64 most = (i64{1} << 22) / (padded() * batch), some = most < 1 ? 1 : most;
    return some < batches() ? some : batches();
  }
};

// f64 values that tails need: losses of a round, a space for each thread, and what is kept of the losses.
inline i64 tail_scratch(const PathPlan& plan, const TailRule& rule) {
  const i64 room = keeper_room(tail_size(plan.paths, rule)) + 8, keeper = static_cast<i64>(sizeof(TailKeeper) / sizeof(f64));
  return plan.padded() * plan.round() * plan.batch + plan.threads * plan.space + (plan.portfolios + 1) * room + plan.portfolios * keeper;
}

// batches(first batch, count, row) makes a round and says whether it is whole; tell(portfolio, risk) has the results.
template <class Batches, class Tell> bool keep_tails(const PathPlan& plan, const TailRule& rule, Space space, f64* losses, Batches batches,
                                                     Tell tell) {
  const i64 size = tail_size(plan.paths, rule), room = keeper_room(size), round = plan.round(), row = round * plan.batch;
  f64* spare = space.take(room);
  auto* keepers = reinterpret_cast<TailKeeper*>(space.take(plan.portfolios * static_cast<i64>(sizeof(TailKeeper) / sizeof(f64))));
  for (i64 p = 0; p < plan.portfolios; p++) keepers[p] = {space.take(room), size, 0, least, 0};
  for (i64 start = 0; start < plan.batches(); start += round) {
    const i64 count = plan.batches() - start < round ? plan.batches() - start : round, first = start * plan.batch;
    if (!batches(start, count, row)) return false;
    for (i64 p = 0; p < plan.portfolios; p++) keepers[p].add(losses + p * row, plan.paths - first < row ? plan.paths - first : row, spare);
  }
  for (i64 p = 0; p < plan.portfolios; p++) tell(p, keepers[p].finish(plan.paths, rule, spare));
  return true;
}

// make(first path, losses[portfolio][row], row, space) makes a batch; tell(portfolio, risk) has the results. False where cancelled.
template <class Make, class Tell> bool simulate_tails(const PathPlan& plan, const TailRule& rule, Threads crew, Space space, Make make, Tell tell) {
  f64 *losses = space.take(plan.padded() * plan.round() * plan.batch), *spaces = space.take(plan.threads * plan.space);
  return keep_tails(
      plan, rule, space, losses,
      [&](i64 start, i64 count, i64 row) {
        return spread(crew, count, plan.batch, plan.threads, [&](i64 i, i32 thread) {
          make(static_cast<u64>((start + i) * plan.batch), losses + i * plan.batch, row, spaces + thread * plan.space);
        });
      },
      tell);
}

// The six outputs of a simulated risk.
struct RiskOutputs {
  Out<f64> var, es, low, high, var_error, es_error;
  void operator()(i64 p, const SimulatedRisk& risk) const {
    var[p] = risk.var, es[p] = risk.es, low[p] = risk.low, high[p] = risk.high;
    var_error[p] = risk.var_error, es_error[p] = risk.es_error;
  }
};

}  // namespace tickforge::TICKFORGE_ISA
