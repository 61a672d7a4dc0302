// The mixture of three Poisson processes behind pin and ivpin: src/kernels/flow/parts/informed_trading.ts has the model. Sums over the
// periods are taken in eight lanes; exp and log are those of elementary.h.
#pragma once
#include "quasi_newton.h"
#include "kernels/parts/returns.h"
#include "abi/state_values.h"

namespace tickforge::TICKFORGE_ISA {

inline constexpr f64 grid[] = {0.1, 0.3, 0.5, 0.7, 0.9};
constexpr f64 tiny = 1e-290, least_sum = 1e-100, least_rise = 0x1p-10, spring = 0x1p-6;
using Parameters = Vector<5>;  // alpha, delta, mu, epsilon_buy, epsilon_sell; or their coordinates

inline f64 log_of(f64 x) { return log_return(1, x); }
inline f64 square_log(f64 x) { return log_of(x * x > tiny ? x * x : tiny); }
inline f64 quotient_or_0(f64 a, f64 b) { return __builtin_fabs(b) > tiny ? a / b : 0; }
inline f64 half_tangent(f64 fraction) { return __builtin_sqrt(fraction) / (1 + __builtin_sqrt(1 - fraction)); }

// The angle whose half has the tangent w; its sine squared is alpha or delta.
struct Angle {
  f64 sine, cosine, turn;
  explicit Angle(f64 w) : sine(2 * w / (1 + w * w)), cosine((1 - w * w) / (1 + w * w)), turn(2 / (1 + w * w)) {}
  f64 slope(f64 yes, f64 no) const { return 2 * turn * (yes * quotient_or_0(cosine, sine) - no * quotient_or_0(sine, cosine)); }
};

constexpr i64 lanes = 8;

// What the periods add to the likelihood and its derivatives.
struct News {
  f64 rise[lanes] = {}, none[lanes] = {}, bad[lanes] = {}, good[lanes] = {}, informed_buy[lanes] = {}, informed_sell[lanes] = {},
      informed_time[lanes] = {}, plain_buy[lanes] = {}, plain_sell[lanes] = {};

  struct Terms {
    f64 none, bad, good, per_buy, per_sell, mu;
  };

  // A lane that holds no period has the weight 0.
  void add(const f64* buy, const f64* sell, const f64* time, const f64* weight, const Terms& of) {
    for (i64 k = 0; k < lanes; k++) {
      const f64 a = of.none, b = of.bad + sell[k] * of.per_sell - of.mu * time[k], c = of.good + buy[k] * of.per_buy - of.mu * time[k];
      const f64 larger = a > b ? a : b, largest = larger > c ? larger : c;
      const f64 x = exp_minus(largest - a < 800 ? largest - a : 800), y = exp_minus(largest - b < 800 ? largest - b : 800);
      const f64 z = exp_minus(largest - c < 800 ? largest - c : 800);
      const f64 whole = x + y + z, scale = weight[k] / whole, is_none = x * scale, is_bad = y * scale, is_good = z * scale;
      rise[k] += weight[k] * (largest + log1p_positive(whole - 1 > 0 ? whole - 1 : 0));
      none[k] += is_none, bad[k] += is_bad, good[k] += is_good;
      informed_buy[k] += is_good * buy[k], informed_sell[k] += is_bad * sell[k];
      informed_time[k] += (is_bad + is_good) * time[k];
      plain_buy[k] += (is_none + is_bad) * buy[k], plain_sell[k] += (is_none + is_good) * sell[k];
    }
  }
};

inline f64 sum_lanes(const f64 (&x)[lanes]) { return ((x[0] + x[4]) + (x[2] + x[6])) + ((x[1] + x[5]) + (x[3] + x[7])); }

struct Estimate {
  Parameters of;
  f64 log_likelihood;
  bool converged;
  bool news;     // whether they can be told from chance
  Parameters at;  // coordinates of the maximum
};

// Where pin and ivpin put it.
template <class T> struct EstimateOutputs {
  Out<T> alpha, delta, mu, epsilon_buy, epsilon_sell;
  Out<f64> log_likelihood;
  Out<u8> converged;
  void write(i64 i, const Estimate& found) const {
    alpha[i] = static_cast<T>(found.of[0]), delta[i] = static_cast<T>(found.of[1]), mu[i] = static_cast<T>(found.of[2]);
    epsilon_buy[i] = static_cast<T>(found.of[3]), epsilon_sell[i] = static_cast<T>(found.of[4]);
    log_likelihood[i] = found.log_likelihood, converged[i] = found.converged;
  }
};

struct InformedTrading {
  const f64 *buy, *sell, *time;  // time may be null: every period lasts 1
  i64 count;
  f64 buys = 0, sells = 0, duration = 0, unit = 1;
  bool possible = true;

  InformedTrading(const f64* b, const f64* s, const f64* t, i64 n) : buy(b), sell(s), time(t), count(n) {
    for (i64 i = 0; i < count; i++) {
      buys += buy[i], sells += sell[i], duration += time ? time[i] : 1;
      possible = possible && (!time || time[i] > least_sum || buy[i] + sell[i] == 0);
    }
    if (buys < least_sum) buys = 0;
    if (sells < least_sum) sells = 0;
    unit = static_cast<f64>(count) / duration;
    possible = possible && buys + sells > 0;
  }

  // Coordinate of the rate that brings the mean volume of a period.
  f64 root() const { return __builtin_sqrt((buys + sells) / static_cast<f64>(count)); }

  Parameters coordinates(f64 alpha, f64 delta, f64 mu, f64 epsilon_buy, f64 epsilon_sell) const {
    const auto root = [&](f64 rate) { return __builtin_sqrt(rate / unit); };
    return {{half_tangent(alpha), half_tangent(delta), root(mu), root(epsilon_buy), root(epsilon_sell)}};
  }

  // What the log-likelihood lacks of that without news.
  f64 operator()(const Parameters& x, Parameters& slope) const {
    const Angle news(x[0]), bad(x[1]);
    const auto rate = [&](f64 root) { return (root * root + tiny) * unit; };
    const f64 mu = rate(x[2]), epsilon_buy = rate(x[3]), epsilon_sell = rate(x[4]);
    const News::Terms terms{square_log(news.cosine),
                            square_log(news.sine) + square_log(bad.sine),
                            square_log(news.sine) + square_log(bad.cosine),
                            log1p_positive(mu / epsilon_buy),
                            log1p_positive(mu / epsilon_sell),
                            mu};
    const News sums = sum_periods(terms);
    const f64 none = sum_lanes(sums.none), down = sum_lanes(sums.bad), up = sum_lanes(sums.good);
    slope[0] = -news.slope(down + up, none);
    slope[1] = -bad.slope(down, up);
    const f64 more_buys = sum_lanes(sums.informed_buy) / (epsilon_buy + mu), more_sells = sum_lanes(sums.informed_sell) / (epsilon_sell + mu);
    slope[2] = -2 * x[2] * unit * (more_sells + more_buys - sum_lanes(sums.informed_time));
    slope[3] = -2 * x[3] * unit * (sum_lanes(sums.plain_buy) / epsilon_buy + more_buys - duration);
    slope[4] = -2 * x[4] * unit * (sum_lanes(sums.plain_sell) / epsilon_sell + more_sells - duration);
    return -((rise_of(buys, epsilon_buy) + rise_of(sells, epsilon_sell)) + sum_lanes(sums.rise));
  }

  // Rounding error of a likelihood.
  f64 noise() const { return 0x1p-47 * (1 + buys + sells); }

  // The best of the maxima next to `starts`; of those that differ by rounding alone the first.
  Estimate estimate(const Parameters* starts, i64 how_many) const {
    const f64 all = buys + sells;
    const Accuracy accuracy{4 * static_cast<f64>(count), noise(), 1e-15 * (all < 1 ? all : 1) + (0x1p-47 * all) * (0x1p-47 * all)};
    Minimum<5> best{};
    bool found = false;
    for (i64 s = 0; s < how_many; s++) {
      const Minimum<5> next = minimize<5>(*this, starts[s], accuracy);
      if (next.converged && !(found && !(next.value < best.value - 16 * noise()))) best = next, found = true;
    }
    return found ? described(settled(best, accuracy)) : none();
  }

  static Estimate none() {
    const f64 nan = __builtin_nan("");
    return {{{nan, nan, nan, nan, nan}}, nan, false, false, {}};
  }

 private:
  // The point of a flat maximum next to which shares and rates are smallest.
  Minimum<5> settled(const Minimum<5>& best, const Accuracy& accuracy) const {
    const f64 rate = root(), scale[] = {1, 1, rate, rate, rate};
    const auto drawn = [&](const Parameters& x, Parameters& slope) {
      const f64 value = (*this)(x, slope);
      f64 pull = 0;
      for (int k = 0; k < 5; k++) {
        const f64 weight = spring / (scale[k] * scale[k]);
        slope[k] += 2 * weight * x[k], pull += weight * (x[k] * x[k]);
      }
      return value + pull;
    };
    const Minimum<5> found = minimize<5>(*this, minimize<5>(drawn, best.x, accuracy).x, accuracy);
    bool moved = false;
    for (int k = 0; k < 5; k++) moved = moved || __builtin_fabs(found.x[k] - best.x[k]) > 0x1p-14 * scale[k];
    return moved && found.converged && found.value <= best.value + 16 * noise() ? found : best;
  }

  News sum_periods(const News::Terms& terms) const {
    static constexpr f64 ones[lanes] = {1, 1, 1, 1, 1, 1, 1, 1};
    News sums;
    i64 i = 0;
    for (; i + lanes <= count; i += lanes) sums.add(buy + i, sell + i, time ? time + i : ones, ones, terms);
    if (i == count) return sums;
    f64 b[lanes] = {}, s[lanes] = {}, t[lanes] = {}, weight[lanes] = {};
    for (i64 k = 0; i + k < count; k++) b[k] = buy[i + k], s[k] = sell[i + k], t[k] = time ? time[i + k] : 1, weight[k] = 1;
    sums.add(b, s, t, weight, terms);
    return sums;
  }

  f64 rise_of(f64 trades, f64 rate) const { return (trades > 0 ? trades * log_return(trades, rate * duration) : 0) - (rate * duration - trades); }

  f64 plain_likelihood() const {
    const auto side = [&](f64 trades) { return trades > 0 ? trades * log_of(trades / duration) - trades : 0; };
    f64 stretched = 0;
    for (i64 i = 0; time && i < count; i++) stretched += buy[i] + sell[i] > 0 ? (buy[i] + sell[i]) * log_of(time[i]) : 0;
    return side(buys) + side(sells) + stretched;
  }

  Estimate described(const Minimum<5>& best) const {
    const f64 plain = plain_likelihood(), nan = __builtin_nan("");
    if (!(best.value < -least_rise)) return {{{0, nan, nan, buys / duration, sells / duration}}, plain, true, false, {}};
    const Angle news(best.x[0]), bad(best.x[1]);
    const auto rate = [&](f64 root) { return root * root * unit; };
    return {
        {{news.sine * news.sine, bad.sine * bad.sine, rate(best.x[2]), rate(best.x[3]), rate(best.x[4])}}, plain - best.value, true, true, best.x};
  }
};

}  // namespace tickforge::TICKFORGE_ISA
