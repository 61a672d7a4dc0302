// Runs kernels of shaders on the CPU: requests on stdin until it ends, answers on stdout. Build: -DSHADER='"path"'
// -DKERNELS='RUN(name) RUN(name)'. A request, all u32 of this machine: 0, bytes of the kernel's name, the name, threadgroups, threads per
// group, reverse order (0 or 1), count; then `count` times: 0, buffer index, bytes, the bytes; or 1, threadgroup index, bytes. Its answer:
// the buffers after the run. Or: 1, bytes of the name, the name. Its answer: the number of buffers the kernel takes, 2^32 - 1 where there is
// no such kernel, then for each 1 where it is written, and the bytes of an element.
#include <sanitizer/asan_interface.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <type_traits>
#include <utility>

#include "metal_stdlib"

// The words of Metal are macros from here on; this file must not use them as names.
#include SHADER

namespace {

// Memory that ends the program when touched outside: inaccessible pages on both sides, the rest of its pages poisoned.
struct Fenced {
  static constexpr std::size_t fence = std::size_t{64} << 20;
  char* data = nullptr;
  std::size_t bytes = 0, whole = 0;
  void* area = nullptr;

  Fenced(const Fenced&) = delete;
  ~Fenced() {
    char* first = static_cast<char*>(area) + fence;
    ASAN_UNPOISON_MEMORY_REGION(first, whole - 2 * fence);
    munmap(area, whole);
  }
  explicit Fenced(std::size_t bytes) : bytes(bytes) {
    const std::size_t page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    const std::size_t pages = (bytes + page - 1) / page * page;
    whole = fence + pages + fence;
    area = mmap(nullptr, whole, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (area == MAP_FAILED) fail("no memory for a buffer");
    char* first = static_cast<char*>(area) + fence;
    if (pages > 0 && mprotect(first, pages, PROT_READ | PROT_WRITE) != 0) fail("no memory for a buffer");
    const std::size_t rounded = (bytes + 15) / 16 * 16;
    data = first + (pages - rounded);  // at the end of the page: the fence is the next byte but for alignment
    ASAN_POISON_MEMORY_REGION(first, pages - rounded);
    ASAN_POISON_MEMORY_REGION(data + bytes, rounded - bytes);
  }
  [[noreturn]] static void fail(const char* why) {
    std::fprintf(stderr, "run: %s\n", why);
    std::exit(2);
  }
};

std::map<std::string, Fenced> memory;  // "buffer(0)", "threadgroup(1)"
std::map<std::string, unsigned> positions;
unsigned groups, group_threads, reverse_order;

void read_bytes(void* to, std::size_t bytes) {
  if (bytes > 0 && std::fread(to, 1, bytes, stdin) != bytes) Fenced::fail("the description ends early");
}
unsigned read_number() {
  std::uint32_t number;
  read_bytes(&number, sizeof number);
  return number;
}

// What each parameter is bound to, from the attributes of the shader's text: C++ does not show them to a program.
std::vector<std::string> bindings(const std::string& name) {
  std::ifstream file(SHADER);
  std::stringstream all;
  all << file.rdbuf();
  const std::string text = all.str();
  const std::size_t begin = text.find("kernel void " + name + "(");
  if (begin == std::string::npos) Fenced::fail("kernel not found in the shader's text");
  const std::size_t end = text.find('{', begin);
  std::vector<std::string> found;
  for (std::size_t at = begin; at < end;) {
    const std::size_t attribute = text.find("[[", at), macro = text.find("THREADGROUP(", at);
    const std::size_t next = std::min(attribute, macro);
    if (next >= end) break;
    if (next == macro) {
      at = text.find(')', macro) + 1;
      found.push_back("threadgroup(" + text.substr(macro + 12, at - macro - 12));
    } else {
      at = text.find("]]", attribute);
      found.push_back(text.substr(attribute + 2, at - attribute - 2));
    }
  }
  return found;
}

template <class T>
T argument(const std::string& binding) {
  if constexpr (std::is_same_v<T, uint>) {
    if (!positions.contains(binding)) Fenced::fail(("unknown position " + binding).c_str());
    return positions.at(binding);
  } else {
    if (!memory.contains(binding)) Fenced::fail(("nothing is bound to " + binding).c_str());
    char* data = memory.at(binding).data;
    if constexpr (std::is_reference_v<T>) {
      if (memory.at(binding).bytes != sizeof(T)) Fenced::fail((binding + " is not as long as its struct").c_str());
      return *reinterpret_cast<std::remove_reference_t<T>*>(data);
    } else {
      static_assert(std::is_pointer_v<T>, "a kernel takes pointers, references and uint positions");
      return reinterpret_cast<T>(data);
    }
  }
}

template <class... Parameter, std::size_t... at>
void invoke(void (*shader)(Parameter...), const std::vector<std::string>& bound, std::index_sequence<at...>) {
  shader(argument<Parameter>(bound[at])...);
}

template <class... Parameter>
void call(void (*shader)(Parameter...), const std::string& name) {
  const std::vector<std::string> bound = bindings(name);
  if (bound.size() != sizeof...(Parameter)) Fenced::fail("a parameter of the kernel has no attribute");
  for (unsigned group = 0; group < groups; group++) {
    for (auto& [binding, area] : memory)  // threadgroup memory starts undefined on a GPU, here as NaN
      if (binding.starts_with("threadgroup") && area.bytes > 0) std::memset(area.data, 0xff, area.bytes);
    fibres::run_group(group_threads, reverse_order, [&](unsigned index) {
      positions["thread_position_in_grid"] = group * group_threads + index;
      positions["thread_position_in_threadgroup"] = positions["thread_index_in_threadgroup"] = index;
      positions["threadgroup_position_in_grid"] = group;
      positions["threads_per_threadgroup"] = group_threads;
      positions["threads_per_grid"] = groups * group_threads;
      positions["thread_index_in_simdgroup"] = index % fibres::simd_width;
      positions["simdgroup_index_in_threadgroup"] = index / fibres::simd_width;
      positions["threads_per_simdgroup"] = fibres::simd_width;
      invoke(shader, bound, std::index_sequence_for<Parameter...>{});
    });
  }
}

// Tells what the buffers of a kernel are: a pointer to const is read, one to something else written too, a reference is to constants.
template <class... Parameter>
void reflect(void (*)(Parameter...), const std::string&) {
  const auto tell = [](auto type) {
    using T = typename decltype(type)::type;
    if constexpr (std::is_same_v<T, uint>) return;
    else {
      using Element = std::remove_pointer_t<std::remove_reference_t<T>>;
      for (const std::uint32_t number : {std::uint32_t{!std::is_const_v<Element>}, std::uint32_t{sizeof(Element)}})
        std::fwrite(&number, sizeof number, 1, stdout);
    }
  };
  const std::uint32_t count = (std::uint32_t{!std::is_same_v<Parameter, uint>} + ... + 0);
  std::fwrite(&count, sizeof count, 1, stdout);
  (tell(std::type_identity<Parameter>{}), ...);
}

std::string read_name() {
  std::string name(read_number(), ' ');
  read_bytes(name.data(), name.size());
  return name;
}

void answer_reflection(const std::string& name) {
#define REFLECT(kernel_name) \
  if (name == #kernel_name) reflect(kernel_name, name); else
#define RUN(kernel_name) REFLECT(kernel_name)
  const std::uint32_t none = ~std::uint32_t{0};
  KERNELS std::fwrite(&none, sizeof none, 1, stdout);
#undef RUN
}

void answer_run(const std::string& name) {
  groups = read_number();
  group_threads = read_number();
  reverse_order = read_number();
  std::vector<std::string> order;
  for (unsigned count = read_number(); count > 0; count--) {
    const bool buffer = read_number() == 0;
    const std::string binding = (buffer ? "buffer(" : "threadgroup(") + std::to_string(read_number()) + ")";
    const Fenced& area = memory.emplace(binding, read_number()).first->second;
    if (!buffer) continue;
    read_bytes(area.data, area.bytes);
    order.push_back(binding);
  }
#define RUN(kernel_name) \
  if (name == #kernel_name) call(kernel_name, name); else
  KERNELS Fenced::fail("no such kernel in this program");
  for (const std::string& binding : order) std::fwrite(memory.at(binding).data, 1, memory.at(binding).bytes, stdout);
  memory.clear();
}

}  // namespace

int main() {
#if defined(METAL_ROUGH) && defined(__SSE__)
  __builtin_ia32_ldmxcsr(__builtin_ia32_stmxcsr() | 0x8040);  // numbers below the normal ones are 0, as on a GPU
#endif
  for (std::uint32_t kind; std::fread(&kind, sizeof kind, 1, stdin) == 1; std::fflush(stdout)) {
    const std::string name = read_name();
    if (kind == 1) answer_reflection(name);
    else answer_run(name);
  }
}
