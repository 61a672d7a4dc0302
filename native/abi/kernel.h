// What a kernel source sees: views, Status, and KERNEL, which puts the function into the table that addon.cc compares
// with the contracts. Everything lies in tickforge::TICKFORGE_ISA: one source, several builds, never mixed by the linker.
#pragma once
#include <cstddef>
#include <cstdint>

#ifndef TICKFORGE_ISA
#define TICKFORGE_ISA base
#endif

namespace tickforge {

using f64 = double;
using f32 = float;
using i64 = std::int64_t;
using i32 = std::int32_t;
using u64 = std::uint64_t;
using u32 = std::uint32_t;
using i8 = std::int8_t;
using u8 = std::uint8_t;

// Plain data that crosses between builds; no function bodies here, so that no build can lend its code to another.
enum Code : i32 { OK = 0, BAD_VALUE = 1, BACKWARDS = 2, OUTPUT_FULL = 3, TOO_MANY = 4, NOT_DEFINITE = 5, CANCELLED = 6 };

struct Status {
  Code code;
  i32 port;      // index among inputs; which of them was wrong
  i64 row;       // row of the call, counted from its first row
  i64 consumed;  // rows taken
  i64 produced;  // rows written to the produced dimension
};

struct Arg {
  void* data;
  i64 length;     // elements
  double number;  // parameters
};

enum class Kind : u8 { IN, OPTIONAL_IN, STATE, OUT, OPTIONAL_OUT, I32, F64, WORKSPACE, THREADS };
enum class Type : u8 { f64, f32, i64, i32, u32, i8, u8 };

struct ArgType {
  Kind kind;
  Type type;
};

struct Row {
  const char* name;
  Type real;  // the dtype that "real" ports have in this row
  bool any;   // no real port: serves both
  const ArgType* types;
  int count;
  Status (*run)(const Arg*) noexcept;
};

struct Table {
  const Row* rows;
  int count;
};

struct Check {
  i32 port;  // argument index
  Type type;
  double low, high;      // inclusive bounds; for i64 only `ascending` is looked at
  bool bounded, ascending;
  i32 last;              // argument index of the state port with the last value
  bool integer;          // f64 values must be whole
};

// Threads lent to one execution. `run` calls part(context, index, thread) for every index below `parts`, on `threads` threads at most, this
// one, number 0, among them; false where the call was cancelled before all were done. Each part is `rows` rows of progress.
struct Crew {
  bool (*run)(const Crew& crew, i64 parts, i64 rows, i32 threads, void (*part)(void* context, i64 index, i32 thread), void* context) noexcept;
  double* done;          // rows so far, read by another thread
  const double* cancel;  // set by another thread
};

// First row outside its bounds, or -1.
using FindBad = i64 (*)(const Check&, const void* data, i64 rows, const void* last) noexcept;

// The most a build can do on this processor; results mean nothing, the time they take does.
struct Roofline {
  f64 (*multiply_add)(i64 rounds) noexcept;
  f64 (*read)(const f64* data, i64 count, i64 passes) noexcept;
  i64 flops_per_round;
};

namespace TICKFORGE_ISA {

template <class T> constexpr Type type_of();
template <> constexpr Type type_of<f64>() { return Type::f64; }
template <> constexpr Type type_of<f32>() { return Type::f32; }
template <> constexpr Type type_of<i64>() { return Type::i64; }
template <> constexpr Type type_of<i32>() { return Type::i32; }
template <> constexpr Type type_of<u32>() { return Type::u32; }
template <> constexpr Type type_of<i8>() { return Type::i8; }
template <> constexpr Type type_of<u8>() { return Type::u8; }

template <class T, Kind K> struct Span {
  T* data;
  i64 length;
  T& operator[](i64 i) const { return data[i]; }
  explicit operator bool() const { return data != nullptr; }
};
template <class T> using In = Span<const T, Kind::IN>;
template <class T> using OptionalIn = Span<const T, Kind::OPTIONAL_IN>;
template <class T> using State = Span<T, Kind::STATE>;
using Workspace = Span<f64, Kind::WORKSPACE>;  // scratch memory of the declared size: holds anything
using Threads = Span<const Crew, Kind::THREADS>;
template <class T> using Out = Span<T, Kind::OUT>;
template <class T> using OptionalOut = Span<T, Kind::OPTIONAL_OUT>;

template <class T> struct Unconst { using type = T; };
template <class T> struct Unconst<const T> { using type = T; };

template <class A> struct ArgOf;
template <class T, Kind K> struct ArgOf<Span<T, K>> {
  static constexpr ArgType type{K, type_of<typename Unconst<T>::type>()};
  static Span<T, K> get(const Arg& a) { return {static_cast<T*>(a.data), a.length}; }
};
template <> struct ArgOf<Threads> {
  static constexpr ArgType type{Kind::THREADS, Type::f64};
  static Threads get(const Arg& a) { return {static_cast<const Crew*>(a.data), 1}; }
};
template <> struct ArgOf<i32> {
  static constexpr ArgType type{Kind::I32, Type::i32};
  static i32 get(const Arg& a) { return static_cast<i32>(a.number); }
};
template <> struct ArgOf<f64> {
  static constexpr ArgType type{Kind::F64, Type::f64};
  static f64 get(const Arg& a) { return a.number; }
};

template <int... I> struct Indices {};
template <int N, int... I> struct MakeIndices : MakeIndices<N - 1, N - 1, I...> {};
template <int... I> struct MakeIndices<0, I...> { using type = Indices<I...>; };

template <auto F> struct Entry;
template <class... A, Status (*F)(A...)> struct Entry<F> {
  static constexpr ArgType types[] = {ArgOf<A>::type...};
  static constexpr int count = sizeof...(A);
  template <int... I> static Status call(const Arg* args, Indices<I...>) { return F(ArgOf<A>::get(args[I])...); }
  static Status run(const Arg* args) noexcept { return call(args, typename MakeIndices<count>::type{}); }
  static constexpr Row row(const char* name, Type real, bool any) { return {name, real, any, types, count, &run}; }
};

inline Status done() { return {OK, 0, 0, -1, 0}; }  // consumed < 0: all rows
inline Status took(i64 consumed, i64 produced) { return {OK, 0, 0, consumed, produced}; }
// `row` is wrong; the rows before it are taken and what they produced stands.
inline Status refuse(Code code, i32 port, i64 row, i64 produced) { return {code, port, row, row, produced}; }

}  // namespace TICKFORGE_ISA
}  // namespace tickforge

// At the end of a kernel's source; the file's stem is the kernel's name.
#define KERNEL(name)                                                                                      \
  namespace tickforge::TICKFORGE_ISA {                                                                    \
  static constexpr Row name##_both[] = {Entry<&name<f64>>::row(#name, Type::f64, false),                  \
                                        Entry<&name<f32>>::row(#name, Type::f32, false)};                 \
  extern const Table name##_table;                                                                        \
  constexpr Table name##_table{name##_both, 2};                                                           \
  }
// For a kernel without real ports.
#define KERNEL_PLAIN(name)                                                                                \
  namespace tickforge::TICKFORGE_ISA {                                                                    \
  static constexpr Row name##_one[] = {Entry<&name>::row(#name, Type::f64, true)};                        \
  extern const Table name##_table;                                                                        \
  constexpr Table name##_table{name##_one, 1};                                                            \
  }
