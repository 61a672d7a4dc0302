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

// What the contract calls the arguments of a kernel, each list in its order: "price, size". Functions here leave no code in any build.
void the_contract_has_no_such_name();  // never defined: a name that is not in its list does not compile
struct Names {
  const char *inputs = "", *options = "", *state = "", *outputs = "";

  static constexpr bool ends(char c) { return c == ',' || c == 0; }
  static consteval i32 count(const char* list) {
    i32 names = *list ? 1 : 0;
    for (; *list; list++) names += *list == ',';
    return names;
  }
  static consteval i32 find(const char* list, const char* name) {
    for (i32 at = 0; *list; at++, list += *list ? 2 : 0) {
      const char* wanted = name;
      for (; !ends(*list) && *list == *wanted; list++) wanted++;
      if (ends(*list) && *wanted == 0) return at;
      while (!ends(*list)) list++;
    }
    the_contract_has_no_such_name();
    return -1;
  }
  // Index of the argument.
  consteval i32 input(const char* name) const { return find(inputs, name); }
  consteval i32 option(const char* name) const { return count(inputs) + find(options, name); }
};

struct Row {
  const char* name;
  Type real;  // the dtype that "real" ports have in this row
  bool any;   // no real port: serves both
  const ArgType* types;
  const char* const* words;  // of each argument: what an option may be, where it is one of a few words, else null; null where none is
  int count;
  const Names* names;
  Status (*run)(const Arg*) noexcept;
  i64 (*scratch)(const Arg*) noexcept;  // f64 values of scratch memory that these arguments need; null: none
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

// A source whose kernel takes scratch memory has a function of this name: static i64 scratch_size(const Sizes& of).
inline constexpr decltype(nullptr) scratch_size = nullptr;

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
using Workspace = Span<f64, Kind::WORKSPACE>;  // scratch memory, as much as scratch_size says: holds anything
using Threads = Span<const Crew, Kind::THREADS>;
template <class T> using Out = Span<T, Kind::OUT>;
template <class T> using OptionalOut = Span<T, Kind::OPTIONAL_OUT>;

template <class T> struct Unconst {
  using type = T;
};
template <class T> struct Unconst<const T> {
  using type = T;
};

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

// An option that is one of a few words: `CHOICE(Unit, price, relative)`, in the contract's order. A - of the contract is a _ here.
#define CHOICE(Choice, ...)                     \
  enum class Choice : i32 { __VA_ARGS__ };      \
  constexpr const char* words_of(Choice) { return #__VA_ARGS__; }
template <class A>
  requires(__is_enum(A))
struct ArgOf<A> {
  static constexpr ArgType type{Kind::I32, Type::i32};
  static A get(const Arg& a) { return static_cast<A>(static_cast<i32>(a.number)); }
};
CHOICE(YesNo, yes, no)
template <class A> constexpr const char* words_for() {
  if constexpr (__is_enum(A)) return words_of(A{});
  else return nullptr;
}

// What scratch memory is sized by, by index: see Names.
struct Sizes {
  const Arg* args;
  i64 length(i32 input) const { return args[input].length; }  // 0 where it is not given
  bool given(i32 input) const { return args[input].data != nullptr; }
  f64 number(i32 option) const { return args[option].number; }
  i64 option(i32 option) const { return static_cast<i64>(args[option].number); }
};

template <int... I> struct Indices {};
template <int N, int... I> struct MakeIndices : MakeIndices<N - 1, N - 1, I...> {};
template <int... I> struct MakeIndices<0, I...> {
  using type = Indices<I...>;
};

template <auto F, auto S> struct Entry;
template <class... A, Status (*F)(A...), auto S> struct Entry<F, S> {
  static constexpr ArgType types[] = {ArgOf<A>::type...};
  static constexpr bool worded = (__is_enum(A) || ...);
  static constexpr const char* words[] = {words_for<A>()...};
  static constexpr int count = sizeof...(A);
  static constexpr bool sized = !__is_same(decltype(S), decltype(nullptr));
  static_assert(sized == ((ArgOf<A>::type.kind == Kind::WORKSPACE) || ...), "scratch_size(const Sizes&) goes with a Workspace argument");

  template <int... I> static Status call(const Arg* args, Indices<I...>) { return F(ArgOf<A>::get(args[I])...); }
  static Status run(const Arg* args) noexcept { return call(args, typename MakeIndices<count>::type{}); }
  static i64 scratch(const Arg* args) noexcept {
    if constexpr (sized) return S(Sizes{args});
    else return 0;
  }
  static consteval bool named(const char* list, Kind one, Kind other) {
    int wanted = 0;
    for (const ArgType type : types) wanted += type.kind == one || type.kind == other;
    return wanted == Names::count(list);
  }
  static consteval Row row(const char* name, Type real, bool any, const Names& names) {
    const bool whole = named(names.inputs, Kind::IN, Kind::OPTIONAL_IN) && named(names.options, Kind::I32, Kind::F64) &&
                       named(names.state, Kind::STATE, Kind::STATE) && named(names.outputs, Kind::OUT, Kind::OPTIONAL_OUT);
    if (!whole) the_contract_has_no_such_name();
    return {.name = name,
            .real = real,
            .any = any,
            .types = types,
            .words = worded ? words : nullptr,
            .count = count,
            .names = &names,
            .run = run,
            .scratch = sized ? scratch : nullptr};
  }
};

inline Status done() { return {OK, 0, 0, -1, 0}; }  // consumed < 0: all rows
inline Status took(i64 consumed, i64 produced) { return {OK, 0, 0, consumed, produced}; }
// `row` of an input is wrong; the rows before it are taken and what they produced stands.
inline Status refuse(Code code, i32 input, i64 row, i64 produced) { return {code, input, row, row, produced}; }

}  // namespace TICKFORGE_ISA
}  // namespace tickforge

// At the end of a kernel's source, which has its `names`; the file's stem is the kernel's name.
#define KERNEL(name)                                                                                              \
  namespace tickforge::TICKFORGE_ISA {                                                                            \
  static constexpr Row name##_both[] = {Entry<&name<f64>, scratch_size>::row(#name, Type::f64, false, names),     \
                                        Entry<&name<f32>, scratch_size>::row(#name, Type::f32, false, names)};    \
  extern const Table name##_table;                                                                                \
  constexpr Table name##_table{name##_both, 2};                                                                   \
  }
// For a kernel without real ports.
#define KERNEL_PLAIN(name)                                                                                        \
  namespace tickforge::TICKFORGE_ISA {                                                                            \
  static constexpr Row name##_one[] = {Entry<&name, scratch_size>::row(#name, Type::f64, true, names)};           \
  extern const Table name##_table;                                                                                \
  constexpr Table name##_table{name##_one, 1};                                                                    \
  }
