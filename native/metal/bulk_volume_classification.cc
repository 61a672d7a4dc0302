// Contract: src/kernels/flow/sides/bulk_volume_classification.ts. Shader: shaders/bulk_volume_classification.metal. The standard deviations are
// taken here, in f64 as the native kernel does; the distribution function, which is most of the work, on the GPU.
#include "../../shaders/constants.h"
#include "kernels/flow/parts/change_moments.h"
#include "gpu/gpu.h"
#include "kernels/parts/student_t.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "last, first",
                             .options = "change, sigma, halfLife, distribution, df",
                             .state = "lastPrice, count, mean, squares",
                             .outputs = "buyFraction"};

static constexpr Shader classification =
    shader_row<Reads<f32>, Reads<f32>, Reads<Pair>, Writes<f32>, Reads<bulk_volume_classification_constants>, Reads<Pair>>(
        "bulk_volume_classification", 256);

// The fitted curve as the shader reads it.
struct Curve {
  Pair numbers[5 + student_terms];
};
static Curve curve_of(ChangeDistribution distribution, f64 df) {
  Curve curve{};
  if (distribution == ChangeDistribution::normal) return curve;
  StudentCurve fit;
  student_fit(fit, df);
  const f64 first[] = {fit.per_df, fit.root, fit.c, 0.5 * df, log_positive(fit.per_df)};
  for (int i = 0; i < 5; i++) curve.numbers[i] = pair_of(first[i]);
  for (int i = 0; i < student_terms; i++) curve.numbers[5 + i] = pair_of(fit.coefficients[i]);
  return curve;
}

// A sigma that f32 holds with room to spare is divided by on the GPU.
static bool holds(f64 sigma) { return sigma > 1e-25 && sigma < 1e30; }

static Status bulk_volume_classification(In<f32> last, OptionalIn<f32> first, Change change_kind, Deviation sigma_kind, f64 half_life,
                                         ChangeDistribution distribution, f64 df, State<f64> last_price, State<f64> count, State<f64> mean,
                                         State<f64> squares, Out<f32> buy_fraction) {
  const i64 rows = last.length;
  if (rows == 0) return done();
  const bool within = change_kind == Change::within && first, whole = sigma_kind == Deviation::whole;
  const OptionalIn<f32> opening = within ? first : OptionalIn<f32>{nullptr, 0};
  const i64 begin = within || (!whole && last_price[0] > 0) ? 0 : 1;  // the first row of the tape has no change
  const f64 before = begin ? static_cast<f64>(last[0]) : last_price[0];
  ChangeMoments m{};
  f64 sigma = 0;
  if (whole) {
    each_block(last, opening, before, begin, [&](i64, i64 n, f64* change) { join(m, change, n); });
    sigma = __builtin_sqrt(m.squares / (m.count - 1));
  } else {
    m = {count[0], mean[0], squares[0]};
  }
  const bool given = !whole || (sigma > 0 && !holds(sigma));
  Work work;
  Pair* scale;
  const LaunchArgument scales = work.take(given ? rows : 1, scale);
  if (work.failed()) return work.finish(), device_failed();
  scale[0] = given ? Pair{0, 0} : pair_of(sigma);
  if (given) {
    f64 z[change_block];
    const ChangeDecay decay = decay_of(sigma_kind == Deviation::ewma ? half_life : 0);
    each_block(last, opening, before, begin, [&](i64 start, i64 n, f64* change) {
      if (!whole) follow(m, decay, change, z, n);
      for (i64 i = 0; i < n; i++) scale[start + i] = pair_of(whole ? change[i] / sigma : z[i]);
    });
  }
  const bulk_volume_classification_constants constants{static_cast<u32>(rows), within, static_cast<u32>(distribution), given};
  const LaunchArgument nothing = Work::constants(Pair{});
  work.launch(classification, rows,
              {work.reads(last.data, rows), within ? work.reads(first.data, rows) : nothing, scales, work.writes(buy_fraction.data, rows),
               Work::constants(constants), Work::constants(curve_of(distribution, df))});
  if (!work.finish()) return device_failed();
  if (whole) return done();
  last_price[0] = static_cast<f64>(last[rows - 1]);
  count[0] = m.count, mean[0] = m.mean, squares[0] = m.squares;
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
GPU_KERNEL(bulk_volume_classification, false, &classification)
