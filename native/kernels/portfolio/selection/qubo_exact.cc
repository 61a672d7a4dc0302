// Contract: src/kernels/portfolio/selection/qubo_exact.ts. States in blocks of the low ten variables: the energy of a block's states is that of
// the low variables alone, from a table, plus what the high ones add to each low one, from a table of three variables' and one of the others'.
#include "abi/parallel.h"
#include "qubo_problem.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "linear, quadratic, loading, factorWeight", .options = "threads", .outputs = "solution, energy, runnerUp"};
static constexpr i64 most = 26, low_most = 10, half_most = 8, lanes = 16, low_states = 1 << low_most, tens = low_states / 8;

namespace {

struct Blocks {
  i64 n, low, high, half;  // variables; of the high ones, those of the first table
  f64 a[most][most], own[most];
  f64 *states, *above, *first, *second, *least;  // [2^low], [2^high], [2^half][lanes], [2^(high - half)][lanes], [2^high]
};

// Energies of `bits` variables from `from` on, by themselves.
void fill_energies(const Blocks& of, i64 from, i64 bits, f64* to) {
  to[0] = 0;
  for (i64 i = 0; i < bits; i++)
    for (i64 s = 0; s < i64{1} << i; s++) {
      f64 add = of.own[from + i];
      for (i64 j = 0; j < i; j++) add += s >> j & 1 ? of.a[from + i][from + j] : 0;
      to[s + (i64{1} << i)] = to[s] + add;
    }
}
// What states of `bits` variables from `from` on add to each low one.
void fill_fields(const Blocks& of, i64 from, i64 bits, f64* to) {
  for (i64 s = 0; s < i64{1} << bits; s++)
    for (i64 l = 0; l < lanes; l++) {
      f64 sum = 0;
      for (i64 i = 0; i < bits && l < of.low; i++) sum += s >> i & 1 ? of.a[from + i][l] : 0;
      to[s * lanes + l] = sum;
    }
}

struct Block {
  f64x8 three;      // of the lowest three variables, and what the high ones add by themselves
  f64 rest[tens];   // of the other low ones
  i64 count;
};
inline void open_block(const Blocks& of, i64 high, Block& block) {
  f64 field[lanes];
  const f64 *one = of.first + (high & ((i64{1} << of.half) - 1)) * lanes, *two = of.second + (high >> of.half) * lanes;
  for (i64 l = 0; l < lanes; l += 8) store(field + l, load<f64x8>(one + l) + load<f64x8>(two + l));
  f64 three[8];
  for (i64 l = 0; l < 8; l++) three[l] = of.above[high] + (l & 1 ? field[0] : 0) + (l & 2 ? field[1] : 0) + (l & 4 ? field[2] : 0);
  block.three = load<f64x8>(three);
  block.rest[0] = 0;
  block.count = 1;
  for (i64 i = 3; i < of.low; i++, block.count *= 2)
    for (i64 s = 0; s < block.count; s++) block.rest[block.count + s] = block.rest[s] + field[i];
}
inline f64 least_of(const f64x8& v) {
  f64 least = v[0];
  for (i64 l = 1; l < 8; l++) least = v[l] < least ? v[l] : least;
  return least;
}
inline f64 least_of_block(const Blocks& of, i64 high) {
  Block block;
  open_block(of, high, block);
  f64x8 least = load<f64x8>(of.states) + block.rest[0];
  for (i64 t = 1; t < block.count; t++) least = min(load<f64x8>(of.states + 8 * t) + block.rest[t], least);
  return least_of(least + block.three);
}

// Dense couplings of either form, and the sum of the sizes of all coefficients.
f64 open_blocks(const ProblemInputs& in, Blocks& of) {
  const i64 n = of.n, k = in.factor_weight.length;
  f64 size = 0;
  for (i64 i = 0; i < n; i++) {
    of.own[i] = in.linear[i];
    size += __builtin_fabs(in.linear[i]);
    for (i64 j = 0; j < n; j++) {
      of.a[i][j] = 0;
      if (in.quadratic) {
        of.a[i][j] = i == j ? 0 : in.quadratic[i * n + j] + in.quadratic[j * n + i];
        if (i == j) of.own[i] += in.quadratic[i * n + i];
        size += __builtin_fabs(in.quadratic[i * n + j]);
      }
      for (i64 f = 0; f < k; f++) {
        const f64 both = in.factor_weight[f] * in.loading[i * k + f] * in.loading[j * k + f];
        (i == j ? of.own[i] : of.a[i][j]) += i == j ? both : 2 * both;
        size += __builtin_fabs(both);
      }
    }
  }
  return size;
}

}  // namespace

static i64 high_states(i64 n) { return n > low_most ? i64{1} << ((n < most ? n : most) - low_most) : 1; }
static i64 scratch_size(const Sizes& of) { return low_states + 2 * high_states(of.length(names.input("linear"))) + 2 * lanes * (1 << half_most); }

static Status qubo_exact(In<f64> linear, OptionalIn<f64> quadratic, OptionalIn<f64> loading, OptionalIn<f64> factor_weight, i32 threads,
                         Workspace scratch, Threads crew, Out<u8> solution, Out<f64> energy, Out<f64> runner_up) {
  Blocks of{};
  of.n = linear.length;
  if (of.n > most) return refuse(BAD_VALUE, names.input("linear"), most, 0);
  of.low = of.n < low_most ? of.n : low_most;
  of.high = of.n - of.low;
  of.half = of.high < half_most ? of.high : half_most;
  const i64 blocks = i64{1} << of.high;
  of.states = scratch.data, of.above = of.states + low_states, of.least = of.above + blocks;
  of.first = of.least + blocks, of.second = of.first + lanes * (1 << half_most);
  const f64 size = open_blocks({quadratic, loading, factor_weight, linear}, of);
  for (i64 s = 0; s < 8; s++) of.states[s] = __builtin_inf();
  fill_energies(of, 0, of.low, of.states);
  fill_energies(of, of.low, of.high, of.above);
  fill_fields(of, of.low, of.half, of.first);
  fill_fields(of, of.low + of.half, of.high - of.half, of.second);
  const i64 parts = blocks < 64 ? 1 : 64, part_blocks = blocks / parts;
  const bool whole = spread(crew, parts, 0, threads, [&](i64 part, i32) {
    for (i64 high = part * part_blocks; high < (part + 1) * part_blocks; high++) of.least[high] = least_of_block(of, high);
  });
  if (!whole) return cancelled();
  f64 least = of.least[0];
  for (i64 high = 1; high < blocks; high++) least = of.least[high] < least ? of.least[high] : least;
  const f64 near = least + 1e-12 * size;
  i64 first = -1;
  f64 next = __builtin_inf();
  for (i64 high = 0; high < blocks; high++) {
    if (of.least[high] > near) {
      next = of.least[high] < next ? of.least[high] : next;
      continue;
    }
    Block block;
    open_block(of, high, block);
    for (i64 t = 0; t < block.count; t++) {
      const f64x8 made = load<f64x8>(of.states + 8 * t) + block.rest[t] + block.three;
      for (i64 l = 0; l < 8; l++) {
        if (made[l] > near) next = made[l] < next ? made[l] : next;
        else if (first < 0) first = (high << of.low) + 8 * t + l;
      }
    }
  }
  f64 value = 0;
  for (i64 i = 0; i < of.n; i++) {
    solution[i] = first >> i & 1;
    if (!solution[i]) continue;
    value += of.own[i];
    for (i64 j = 0; j < i; j++) value += solution[j] ? of.a[i][j] : 0;
  }
  energy[0] = value;
  runner_up[0] = next < __builtin_inf() ? next : __builtin_nan("");
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL_PLAIN(qubo_exact)
