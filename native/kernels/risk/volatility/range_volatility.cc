// Contract: src/kernels/risk/volatility/range_volatility.ts. Variances from sums of squares about 0, which rolling.h adds without subtracting
// any; negative only by rounding, then 0.
#include "kernels/parts/returns.h"
#include "kernels/parts/rolling.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{
    .inputs = "open, high, low, close", .options = "estimator, window, periodsPerYear", .state = "terms, rows, lastClose", .outputs = "volatility"};
CHOICE(Estimator, parkinson, garman_klass, rogers_satchell, yang_zhang)

namespace {

constexpr f64 ln2 = 0.69314718055994530942;

struct Squares {  // overnight, session, range -> overnight, its square, session, its square, range
  template <class V> static void expand(const V* in, V* out) {
    out[0] = in[0], out[1] = in[0] * in[0], out[2] = in[1], out[3] = in[1] * in[1], out[4] = in[2];
  }
};

// A bar as read, widened.
struct Bar {
  f64 open, high, low, close;
};

template <Estimator ESTIMATOR> inline f64 range_term(const Bar& b) {
  if constexpr (ESTIMATOR == Estimator::parkinson || ESTIMATOR == Estimator::garman_klass) {
    const f64 range = log_return(b.low, b.high), session = log_return(b.open, b.close);
    if constexpr (ESTIMATOR == Estimator::parkinson) return range * range / (4 * ln2);
    return 0.5 * (range * range) - (2 * ln2 - 1) * (session * session);
  }
  return log_return(b.close, b.high) * log_return(b.open, b.high) + log_return(b.close, b.low) * log_return(b.open, b.low);
}

inline f64 sample_variance(f64 sum, f64 squares, f64 count) {
  const f64 spread = (squares - sum * sum / count) / (count - 1);
  return spread > 0 ? spread : 0;
}

template <class T> struct Bars {
  const T *open, *high, *low, *close;
  Bar operator[](i64 i) const { return {static_cast<f64>(open[i]), static_cast<f64>(high[i]), static_cast<f64>(low[i]), static_cast<f64>(close[i])}; }
};

// First bar whose high or low does not hold its open and close, or `rows`.
template <class T> i64 first_broken(const Bars<T>& bars, i64 rows) {
  for (i64 i = 0; i < rows; i++) {
    const Bar b = bars[i];
    if ((b.high < b.open) | (b.high < b.close) | (b.low > b.open) | (b.low > b.close)) return i;
  }
  return rows;
}

template <Estimator ESTIMATOR, class T>
void follow(const Bars<T>& bars, i64 rows, i32 window, f64 periods, Rolling<3, 5, Squares>& rolling, f64* last_close, T* volatility) {
  const f64 n = window, k = 0.34 / (1.34 + (n + 1) / (n - 1));
  f64 fresh[3][rolling_rows], sums[5][rolling_rows];
  for (i64 i = 0, count; i < rows; i += count) {
    count = rolling.piece(rows - i);
    fresh[0][0] = log_return(last_close[0] > 0 ? last_close[0] : bars[i].open, bars[i].open);
    for (i64 j = 1; j < count; j++) fresh[0][j] = log_return(static_cast<f64>(bars.close[i + j - 1]), static_cast<f64>(bars.open[i + j]));
    for (i64 j = 0; j < count; j++) fresh[1][j] = log_return(static_cast<f64>(bars.open[i + j]), static_cast<f64>(bars.close[i + j]));
    for (i64 j = 0; j < count; j++) fresh[2][j] = range_term<ESTIMATOR>(bars[i + j]);
    last_close[0] = static_cast<f64>(bars.close[i + count - 1]);
    rolling.add(fresh, count, sums);
    for (i64 j = 0; j < count; j++) {
      f64 variance = sums[4][j] / n;
      if constexpr (ESTIMATOR == Estimator::yang_zhang)
        variance = sample_variance(sums[0][j], sums[1][j], n) + k * sample_variance(sums[2][j], sums[3][j], n) + (1 - k) * variance;
      volatility[i + j] = static_cast<T>(__builtin_sqrt(periods * variance));
    }
  }
}

}  // namespace

template <class T>
Status range_volatility(In<T> open, In<T> high, In<T> low, In<T> close, Estimator estimator, i32 window, f64 periods_per_year, State<f64> terms,
                        State<f64> rows_seen, State<f64> last_close, Out<T> volatility) {
  const Bars<T> bars{open.data, high.data, low.data, close.data};
  const i64 rows = first_broken(bars, close.length), seen = count_of(rows_seen[0]);
  Rolling<3, 5, Squares> rolling{terms.data, window, seen};
  const auto run = [&](auto which) { follow<which()>(bars, rows, window, periods_per_year, rolling, last_close.data, volatility.data); };
  if (estimator == Estimator::parkinson) run([] { return Estimator::parkinson; });
  else if (estimator == Estimator::garman_klass) run([] { return Estimator::garman_klass; });
  else if (estimator == Estimator::rogers_satchell) run([] { return Estimator::rogers_satchell; });
  else run([] { return Estimator::yang_zhang; });
  no_value_before(estimator == Estimator::yang_zhang ? window : window - 1, seen, volatility.data, rows);
  rows_seen[0] = static_cast<f64>(seen + rows);
  if (rows == close.length) return done();
  const Bar b = bars[rows];
  return refuse(BAD_VALUE, b.high < b.open || b.high < b.close ? names.input("high") : names.input("low"), rows, 0);
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(range_volatility)
