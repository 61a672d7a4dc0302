// Contract: src/kernels/risk/options/delta_gamma_risk.ts. Coordinates of neighbouring paths in panels; another solver for the VaR.
#include "kernels/risk/parts/delta_gamma.h"
#include "kernels/parts/draws.h"

namespace tickforge::TICKFORGE_ISA {

namespace {

constexpr i64 panel_paths = 24;  // of the widest build: room of a panel

// What is left when the rows of a panel, the coordinates besides the first, are known: constant c and slope b of each lane.
void given(const Book& book, const f64* x, f64* c, f64* b) {
  for (i64 lane = 0; lane < tile_scenarios; lane++) c[lane] = 0, b[lane] = 0;
  for (i64 d = 0; d < book.others; d++, x += tile_scenarios)
    for (i64 lane = 0; lane < tile_scenarios; lane++) c[lane] += book.half[d] * x[lane] * x[lane], b[lane] += book.cross[d] * x[lane];
  for (i64 lane = 0; lane < tile_scenarios; lane++) c[lane] += book.constant, b[lane] += book.slope;
}

// One scrambling: the smoothed tail of its points.
void scrambling(const Book& book, const Draw& draw, i32 number, i64 points, f64 alpha, f64* space, f64& var, f64& es) {
  f64 *c = space, *b = c + points + panel_paths, *panel = b + points + panel_paths;
  for (i64 first = 0; first < points; first += tile_scenarios) {
    if (book.others > draw.even) uniform_panel(static_cast<u64>(number * points + first), book.others, draw.seed, draw.stream, panel);
    for (i64 d = 0; d < draw.even; d++) {
      const u32 hash = draw.scramble(d, number);
      for (i64 v = 0; v < tile_scenarios; v += 8) {
        u32 bits[8];
        sobol_eight(draw.directions + 32 * d, static_cast<u32>(first + v), bits);
        for (int k = 0; k < 8; k++) panel[d * tile_scenarios + v + k] = inside_of(scrambled_bits(bits[k], hash));
      }
    }
    normal_quantiles(panel, panel, book.others * tile_scenarios);
    given(book, panel, c + first, b + first);
  }
  smoothed_risk({c, b, points, book.half_curve}, alpha, book.sigma, var, es);
}

}  // namespace

static Status delta_gamma_risk(In<f64> delta, In<f64> gamma, OptionalIn<f64> mean, In<f64> covariance, OptionalIn<u32> directions, i32 assets,
                               i32 paths, f64 confidence, f64 theta, Sampling method, i32 scramblings, i32 seed, i32 stream, i32 threads,
                               Workspace scratch, Threads crew, Out<f64> var, Out<f64> es, Out<f64> var_error, Out<f64> es_error) {
  Space space{scratch.data};
  Book book;
  Draw draw;
  const BookInputs inputs{delta, gamma, mean, covariance, directions};
  if (const Status opened = open_book(inputs, assets, theta, seed, stream, space, book, draw); opened.code != OK) return opened;
  const TailRule rule = tail_rule(confidence);
  const BookOutputs out{book.unit, var, es, var_error, es_error};
  const i64 panel = panel_paths * assets;
  if (method == Sampling::monte_carlo) {
    const PathPlan plan{paths, 1, 240, panel, threads};
    const bool whole = simulate_tails(
        plan, rule, crew, space,
        [&](u64 first, f64* losses, i64, f64* z) {
          for (i64 v = 0; v < plan.batch; v += tile_scenarios) {
            f64 c[tile_scenarios], b[tile_scenarios];
            normal_panel(first + static_cast<u64>(v), assets, draw.seed, draw.stream, z);
            given(book, z + tile_scenarios, c, b);
            for (i64 lane = 0; lane < tile_scenarios; lane++) losses[v + lane] = -(c[lane] + b[lane] * z[lane] + book.half_curve * z[lane] * z[lane]);
          }
        },
        out);
    return whole ? done() : cancelled();
  }
  const i64 points = paths / scramblings, room = 2 * (points + panel_paths) + panel;
  f64* spaces = space.take(threads * room);
  return scrambled_risk(scramblings, points, threads, crew, space, out, [&](i32 number, i32 thread, f64& one_var, f64& one_es) {
    scrambling(book, draw, number, points, rule.alpha, spaces + thread * room, one_var, one_es);
  });
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL_PLAIN(delta_gamma_risk)
