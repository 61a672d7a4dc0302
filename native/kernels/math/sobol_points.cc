// Contract: src/kernels/math/sobol_points.ts. Eight points of a dimension at a time.
#include "kernels/parts/sobol.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "directions", .options = "points, scramble, seed, stream", .outputs = "points"};
CHOICE(Scramble, owen, none)

static Status sobol_points(In<u32> directions, i32 points, Scramble scramble, i32 seed, i32 stream, Out<f64> out) {
  const i64 dimensions = directions.length / 32;
  for (i64 d = 0; d < dimensions; d++) {
    const u32 hash = scramble_seed(static_cast<u32>(d), static_cast<u32>(seed), static_cast<u32>(stream));
    for (i64 i = 0; i < points; i += 8) {
      u32 bits[8];
      f64 x[8];
      sobol_eight(directions.data + 32 * d, static_cast<u32>(i), bits);
      for (int k = 0; k < 8; k++) x[k] = scramble == Scramble::none ? static_cast<f64>(bits[k]) * 0x1p-32 : inside_of(scrambled_bits(bits[k], hash));
      for (int k = 0; k < 8 && i + k < points; k++) out[(i + k) * dimensions + d] = x[k];
    }
  }
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL_PLAIN(sobol_points)
