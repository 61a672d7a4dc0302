// What is on the way between a trader and a venue: src/kernels/flow/parts/mailbox.ts says how it lies.
#pragma once
#include "abi/state_values.h"

namespace tickforge::TICKFORGE_ISA {

constexpr i64 never = 0x7fffffffffffffff;

inline i64 later(i64 time, f64 ns) {
  i64 sum = 0;
  return __builtin_add_overflow(time, count_of(ns), &sum) ? never : sum;
}
inline i64 larger(i64 a, i64 b) { return a > b ? a : b; }

enum Alarm : i64 { TIMER, BEST_BID, BEST_ASK, ROWS, ALARMS };

struct RequestTimes {
  i64 arrival, id;
};
struct Request {
  f64 kind, side, price, size, type, answer;
};
struct AnswerTimes {
  i64 told, happened, id;
};
struct Answer {
  f64 kind, reason, side, price, size, left, maker, fee, queue, position, cash, fees, row;
};

template <class Times, class Numbers> struct Ring {
  Times* times;
  Numbers* numbers;
  f64* ends;
  i64 most, first, count;

  static Ring of(i64* times, f64* numbers, f64* ends, i64 most) {
    return {reinterpret_cast<Times*>(times),        reinterpret_cast<Numbers*>(numbers), ends, most,
            length_of(count_of(ends[0]), most - 1), length_of(count_of(ends[1]), most)};
  }
  void keep() const { ends[0] = static_cast<f64>(first), ends[1] = static_cast<f64>(count); }

  void push(const Times& time, const Numbers& one) {
    i64 place = first + count;
    if (place >= most) place -= most;
    times[place] = time;
    numbers[place] = one;
    count++;
  }
  void drop() {
    first = first + 1 == most ? 0 : first + 1;
    count--;
  }
};

struct Mailbox {
  Ring<RequestTimes, Request> requests;
  Ring<AnswerTimes, Answer> answers;
  i64 *channel, *alarms;

  void keep() const { requests.keep(), answers.keep(); }
  bool arrives(i64 time) const { return requests.count > 0 && requests.times[requests.first].arrival <= time; }
  i64 next_arrival() const { return requests.times[requests.first].arrival; }
  bool room_for(i64 more) const { return answers.count + more <= answers.most; }

  void send(i64 arrival, i64 id, const Request& request) {
    channel[0] = larger(channel[0], arrival);
    requests.push({channel[0], id}, request);
  }
  void answer(i64 told, i64 happened, i64 id, const Answer& one) {
    channel[1] = larger(channel[1], told);
    answers.push({channel[1], happened, id}, one);
  }

  // When the next answer or alarm is told.
  i64 next_told() const {
    i64 next = answers.count > 0 ? answers.times[answers.first].told : never;
    for (i64 alarm = 0; alarm < ALARMS; alarm++) next = alarms[alarm] < next ? alarms[alarm] : next;
    return next;
  }
};

}  // namespace tickforge::TICKFORGE_ISA
