// For a text of shaders that mutants.ts has rewritten: every literal and operator is as it was, or, where MUTANT is its number, wrong. An
// operator is found between its operands as an object: a + b is a + Site{7} + b, of the same precedence.
#pragma once
#include "program.h"

static const int mutant = chosen_mutant();
static bool* const reached = reached_marks();

struct Site {
  int number;
  bool wrong(int kind = 0) const { return reached[number + kind] = true, mutant == number + kind; }
};

// Kind 0 is a hundredth off, kind 1 a millionth.
static inline float literal(Site site, float value) {
  if (site.wrong(0)) return value == 0 ? 0.01f : value * 1.01f;
  return site.wrong(1) ? (value == 0 ? 1e-6f : value * 1.000001f) : value;
}
// One more, one less.
template <class T> T literal(Site site, T value) { return site.wrong(0) ? value + 1 : site.wrong(1) ? value - 1 : value; }

template <class A> struct Left {
  A a;
  Site site;
};
// clang-format off
#define OPERATOR(op, other, another)                                             \
  template <class A> Left<A> operator op(A a, Site site) { return {a, site}; }   \
  template <class A, class B> auto operator op(Left<A> left, B b) {              \
    using Made = decltype(left.a op b);                                          \
    if constexpr (requires { left.a other b; left.a another b; })                \
      if (left.site.wrong(0)) return Made(left.a other b);                       \
      else if (left.site.wrong(1)) return Made(left.a another b);                \
    return left.a op b;                                                          \
  }
OPERATOR(+, -, -) OPERATOR(-, +, +) OPERATOR(*, /, +) OPERATOR(/, *, +) OPERATOR(%, /, +)
OPERATOR(<<, >>, +) OPERATOR(>>, <<, +) OPERATOR(&, |, ^) OPERATOR(|, &, ^) OPERATOR(^, |, &)
OPERATOR(<, <=, >=) OPERATOR(<=, <, >) OPERATOR(>, >=, <=) OPERATOR(>=, >, <) OPERATOR(==, !=, <=) OPERATOR(!=, ==, <)

template <class B> struct Right {
  B b;
  Site site;
};
#define ASSIGNMENT(op, other)                                                                        \
  template <class B> Right<B> operator op(Site site, B b) { return {b, site}; }                      \
  template <class A, class B> A& operator op(A& a, Right<B> right) {                                 \
    return right.site.wrong() ? a other right.b : a op right.b;                                      \
  }
ASSIGNMENT(+=, -=) ASSIGNMENT(-=, +=) ASSIGNMENT(*=, +=) ASSIGNMENT(/=, *=) ASSIGNMENT(^=, |=) ASSIGNMENT(|=, &=) ASSIGNMENT(&=, |=)
ASSIGNMENT(<<=, >>=) ASSIGNMENT(>>=, <<=)

// A sign, bound as closely as one: -a is Minus{7}->*a.
#define SIGN(Name, sign, other) \
  struct Name : Site {};        \
  template <class B> auto operator->*(Name site, B b) { using Made = decltype(sign b); return site.wrong() ? Made(other b) : Made(sign b); }
SIGN(Minus, -, ) SIGN(Not, !, ) SIGN(Bits, ~, )
// clang-format on

template <class T> void step_up(Site site, T& value) { site.wrong() ? value += 2 : value++; }
template <class T> void step_down(Site site, T& value) { site.wrong() ? value -= 2 : value--; }
static inline bool holds(Site site, bool condition) { return site.wrong() ? !condition : condition; }

typedef float2 pair;
static inline pair add(pair a, pair b);
static inline pair add(pair a, float b);
static inline pair times(pair a, pair b);
static inline pair times(pair a, float b);
static inline pair over(pair a, pair b);
static inline pair exact_sum(float a, float b);
static inline pair exact_product(float a, float b);
static inline pair ordered_sum(float a, float b);

// Functions that are arithmetic too: another one, or one without its rounding error.
#define FUNCTION(Name, name, ...) \
  struct Name : Site {            \
    template <class A, class B> auto operator()(A a, B b) const { using Made = decltype(name(a, b)); return wrong() ? Made(__VA_ARGS__) : Made(name(a, b)); } \
  };
FUNCTION(Add, add, times(a, b))
FUNCTION(Times, times, add(a, b))
FUNCTION(Over, over, times(a, b))
FUNCTION(ExactSum, exact_sum, pair(a + b, 0.0f))
FUNCTION(ExactProduct, exact_product, pair(a * b, 0.0f))
FUNCTION(OrderedSum, ordered_sum, pair(a + b, 0.0f))
FUNCTION(Min, min, max(a, b))
FUNCTION(Max, max, min(a, b))
struct Fma : Site {
  float operator()(float a, float b, float c) const { return wrong() ? fma(a, b, -c) : fma(a, b, c); }
};
