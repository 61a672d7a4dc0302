// How a kernel uses a GPU: the shaders it needs, its columns put within the GPU's reach, launches, results brought back. Plain C++: which
// GPU there is, if any, is behind device.h.
#pragma once
#include <memory>

#include "device.h"

namespace tickforge {

inline constexpr i32 device_failed_code = 7;  // behind those of kernel.h, as src/core/backend/backend.ts has it

// A number of two floats, as shaders/pair.h has them.
struct Pair {
  f32 x, y;
};
inline Pair pair_of(f64 value) {
  const f32 high = static_cast<f32>(value);
  return {high, high - high == 0 ? static_cast<f32>(value - static_cast<f64>(high)) : 0.0f};
}
inline f64 value_of(Pair pair) { return static_cast<f64>(pair.x) + static_cast<f64>(pair.y); }

// One row of the table of shaders: its function, what it takes, and how many threads a group of it has. The grid is one thread for each
// element that the launch counts, rounded up to whole groups; threads beyond the last element end at once.
struct Shader {
  const char* name;
  i32 threads;
  const ShaderArgument* arguments;
  int count;
};

template <class T> struct Reads {
  static constexpr ShaderArgument argument{false, sizeof(T)};
};
template <class T> struct Writes {
  static constexpr ShaderArgument argument{true, sizeof(T)};
};
template <class... A> struct Arguments {
  static constexpr ShaderArgument list[] = {A::argument...};
};
template <class... A> constexpr Shader shader_row(const char* name, i32 threads) {
  return {name, threads, Arguments<A...>::list, static_cast<int>(sizeof...(A))};
}

// A kernel and the shaders it needs.
struct GpuKernel {
  const Row* row;
  const Shader* const* shaders;
  int count;
};

// Opens the device once; why it cannot be used, or nothing.
std::string open_device(const std::string& source);
// The device's name, without opening it; nothing where there is none.
std::string device_name();
// Why a kernel cannot run on the device that is open: a shader that is missing, or takes something else than its row says.
std::string missing_shaders(const GpuKernel& kernel);
// What the last run that failed, on any thread, was told.
std::string last_failure();

// Whole pages around [data, data + bytes), where all of them belong to one mapping of this process.
struct Pages {
  char* start;
  i64 bytes;
};
bool pages_around(const void* data, i64 bytes, Pages& pages);

// One run of a kernel. Memory lives until it ends.
class Work {
 public:
  Work();
  ~Work();
  Work(const Work&) = delete;
  Work& operator=(const Work&) = delete;

  // The caller's columns: as they lie where they are mapped memory, copied otherwise; what is written comes back with finish().
  template <class T> LaunchArgument reads(const T* data, i64 count) {
    return column(const_cast<T*>(data), count * static_cast<i64>(sizeof(T)), false);
  }
  template <class T> LaunchArgument writes(T* data, i64 count) { return column(data, count * static_cast<i64>(sizeof(T)), true); }
  // Memory of the device, both written and read; `data` is where this side sees it.
  template <class T> LaunchArgument take(i64 count, T*& data) {
    void* seen;
    LaunchArgument made = own(count * static_cast<i64>(sizeof(T)), seen);
    data = static_cast<T*>(seen);
    return made;
  }
  template <class T> static LaunchArgument constants(const T& value) {
    static_assert(sizeof(T) < 4096, "Metal takes less than 4 KB with a launch; more must lie in memory of the device");
    const u8* bytes = reinterpret_cast<const u8*>(&value);
    return {nullptr, 0, static_cast<i64>(sizeof(T)), false, std::vector<u8>(bytes, bytes + sizeof(T))};
  }

  void launch(const Shader& shader, i64 elements, std::vector<LaunchArgument> arguments);
  // Runs what was launched since the last time; false where it failed.
  bool finish();
  bool failed() const { return !cause_.empty(); }

 private:
  struct Held;
  LaunchArgument column(void* data, i64 bytes, bool written);
  LaunchArgument own(i64 bytes, void*& seen);
  std::vector<Held> held_;
  std::vector<Launch> launches_;
  std::vector<u8> nowhere_;  // what `take` gives where the device has no memory left
  std::string cause_;
};

}  // namespace tickforge

namespace tickforge::TICKFORGE_ISA {
// `count` elements of memory from the one at `from` on.
template <class T = Pair> LaunchArgument part(LaunchArgument whole, i64 count, i64 from = 0) {
  whole.offset += from * static_cast<i64>(sizeof(T));
  whole.bytes = count * static_cast<i64>(sizeof(T));
  return whole;
}
inline Status device_failed() { return {static_cast<Code>(device_failed_code), 0, 0, 0, 0}; }
}  // namespace tickforge::TICKFORGE_ISA

// At the end of a source: the kernel for f32 columns, or for those that its contract fixes, and the shaders it needs.
#define GPU_KERNEL(name, any, ...)                                                                                \
  namespace tickforge::TICKFORGE_ISA {                                                                            \
  static constexpr Row name##_row = Entry<&name, scratch_size>::row(#name, Type::f32, any, names);                    \
  static constexpr const Shader* name##_shaders[] = {__VA_ARGS__};                                                \
  extern const GpuKernel name##_gpu;                                                                              \
  constexpr GpuKernel name##_gpu{&name##_row, name##_shaders,                                                     \
                                 static_cast<int>(sizeof name##_shaders / sizeof(Shader*))};                     \
  }
