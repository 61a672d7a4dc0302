// The kernels of a text of shaders, for run.cc. Build: -DSHADER='"path"' -DKERNELS='RUN(name) RUN(name)'.
#include <type_traits>
#include <utility>

#include "metal_stdlib"
#include "program.h"

// The words of Metal are macros from here on; this file must not use them as names.
#include SHADER

namespace {

// A pointer to const is read, one to something else written too, a reference is to constants.
template <class T>
constexpr Parameter parameter() {
  if constexpr (std::is_same_v<T, uint>) return {Parameter::position, false, sizeof(T)};
  using Element = std::remove_pointer_t<std::remove_reference_t<T>>;
  return {std::is_pointer_v<T> ? Parameter::pointer : Parameter::constants, !std::is_const_v<Element>, sizeof(Element)};
}

template <class T>
T argument(const Argument& given) {
  if constexpr (std::is_same_v<T, uint>) {
    return *given.position;
  } else if constexpr (std::is_reference_v<T>) {
    return *reinterpret_cast<std::remove_reference_t<T>*>(given.data);
  } else {
    static_assert(std::is_pointer_v<T>, "a kernel takes pointers, references and uint positions");
    return reinterpret_cast<T>(given.data);
  }
}

template <auto shader, class Type = decltype(shader)>
struct Row;
template <auto shader, class... P>
struct Row<shader, void (*)(P...)> {
  static constexpr Parameter parameters[] = {parameter<P>()...};
  template <std::size_t... at>
  static void apply(const Argument* arguments, std::index_sequence<at...>) {
    shader(argument<P>(arguments[at])...);
  }
  static void run(const Argument* arguments) { apply(arguments, std::index_sequence_for<P...>{}); }
  static constexpr Kernel made(const char* name) { return {name, parameters, sizeof...(P), run}; }
};

}  // namespace

#define RUN(kernel_name) Row<&kernel_name>::made(#kernel_name),
extern constexpr Kernel kernels[] = {KERNELS};
extern constexpr int kernel_count = sizeof kernels / sizeof *kernels;
extern constexpr const char* shader_path = SHADER;
#ifdef METAL_ROUGH
extern constexpr bool rough_arithmetic = true;
#else
extern constexpr bool rough_arithmetic = false;
#endif
