// Runs kernels of shaders (shaders.cc) on the CPU: requests on stdin until it ends, answers on stdout. A request, all u32 of this machine:
// 0, bytes of the kernel's name, the name, threadgroups, threads per group, reverse order (0 or 1), count; then `count` times: 0, buffer
// index, bytes, the bytes; or 1, threadgroup index, bytes. Its answer: the buffers after the run. Or: 1, bytes of the name, the name. Its
// answer: the number of buffers the kernel takes, 2^32 - 1 where there is no such kernel, then for each 1 where it is written, and the bytes
// of an element.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <map>
#include <string>

#include "fibres.h"
#include "program.h"

namespace {

// Memory that ends the program when touched outside: inaccessible pages on both sides, the rest of its pages poisoned.
struct Fenced {
  static constexpr std::size_t fence = std::size_t{64} << 20;
  static constexpr char fill = 0x5a;
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
#ifndef __SANITIZE_ADDRESS__
    std::memset(data + bytes, fill, rounded - bytes);
#endif
  }
  // Where no sanitizer looks, what lies between the last byte and the fence must be as it was.
  void demand_intact() const {
#ifndef __SANITIZE_ADDRESS__
    for (const char* at = data + bytes; at < data + (bytes + 15) / 16 * 16; at++)
      if (*at != fill) fail("a buffer was overrun");
#endif
  }
  [[noreturn]] static void fail(const char* why) {
    std::fprintf(stderr, "run: %s\n", why);
    std::exit(2);
  }
};

std::map<std::string, Fenced> memory;  // "buffer(0)", "threadgroup(1)"
std::map<std::string, unsigned> positions;

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
  std::string text;
  std::FILE* file = std::fopen(shader_path, "rb");
  for (int c; file && (c = std::getc(file)) != EOF;) text.push_back(static_cast<char>(c));
  if (file) std::fclose(file);
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

const Kernel* kernel_of(const std::string& name) {
  const Kernel* found = std::find_if(kernels, kernels + kernel_count, [&](const Kernel& one) { return one.name == name; });
  return found == kernels + kernel_count ? nullptr : found;
}

// Where each parameter finds what is bound to it.
std::vector<Argument> arguments_of(const Kernel& kernel) {
  for (const char* name : {"thread_position_in_grid", "thread_position_in_threadgroup", "thread_index_in_threadgroup", "threadgroup_position_in_grid",
                           "threads_per_threadgroup", "threads_per_grid", "thread_index_in_simdgroup", "simdgroup_index_in_threadgroup",
                           "threads_per_simdgroup"})
    positions[name];
  const std::vector<std::string> bound = bindings(kernel.name);
  if (bound.size() != static_cast<std::size_t>(kernel.count)) Fenced::fail("a parameter of the kernel has no attribute");
  std::vector<Argument> arguments;
  for (int i = 0; i < kernel.count; i++) {
    const std::string& binding = bound[static_cast<std::size_t>(i)];
    const Parameter& parameter = kernel.parameters[i];
    Argument argument;
    if (parameter.kind == Parameter::position) {
      if (!positions.contains(binding)) Fenced::fail(("unknown position " + binding).c_str());
      argument.position = &positions.at(binding);
    } else {
      if (!memory.contains(binding)) Fenced::fail(("nothing is bound to " + binding).c_str());
      const Fenced& area = memory.at(binding);
      if (parameter.kind == Parameter::constants && area.bytes != parameter.bytes) Fenced::fail((binding + " is not as long as its struct").c_str());
      argument.data = area.data;
    }
    arguments.push_back(argument);
  }
  return arguments;
}

void call(const Kernel& kernel, unsigned groups, unsigned group_threads, bool reverse) {
  const std::vector<Argument> arguments = arguments_of(kernel);
  unsigned &in_grid = positions["thread_position_in_grid"], &in_group = positions["thread_position_in_threadgroup"],
           &index_in_group = positions["thread_index_in_threadgroup"], &lane = positions["thread_index_in_simdgroup"],
           &simd_group = positions["simdgroup_index_in_threadgroup"];
  positions["threads_per_threadgroup"] = group_threads;
  positions["threads_per_grid"] = groups * group_threads;
  positions["threads_per_simdgroup"] = fibres::simd_width;
  for (unsigned group = 0; group < groups; group++) {
    for (auto& [binding, area] : memory)  // threadgroup memory starts undefined on a GPU, here as NaN
      if (binding.starts_with("threadgroup") && area.bytes > 0) std::memset(area.data, 0xff, area.bytes);
    positions["threadgroup_position_in_grid"] = group;
    fibres::run_group(group_threads, reverse, [&](unsigned index) {
      in_grid = group * group_threads + index;
      in_group = index_in_group = index;
      lane = index % fibres::simd_width;
      simd_group = index / fibres::simd_width;
      kernel.of_thread(arguments.data());
    });
  }
}

std::string read_name() {
  std::string name(read_number(), ' ');
  read_bytes(name.data(), name.size());
  return name;
}
void tell(std::uint32_t number) { std::fwrite(&number, sizeof number, 1, stdout); }

void answer_reflection(const std::string& name) {
  const Kernel* kernel = kernel_of(name);
  if (!kernel) return tell(~std::uint32_t{0});
  const auto is_buffer = [](const Parameter& one) { return one.kind != Parameter::position; };
  tell(static_cast<std::uint32_t>(std::count_if(kernel->parameters, kernel->parameters + kernel->count, is_buffer)));
  for (int i = 0; i < kernel->count; i++)
    if (const Parameter& one = kernel->parameters[i]; is_buffer(one)) tell(one.written), tell(one.bytes);
}

void answer_run(const std::string& name) {
  const unsigned groups = read_number(), group_threads = read_number(), reverse_order = read_number();
  std::vector<std::string> order;
  for (unsigned count = read_number(); count > 0; count--) {
    const bool buffer = read_number() == 0;
    const std::string binding = (buffer ? "buffer(" : "threadgroup(") + std::to_string(read_number()) + ")";
    const Fenced& area = memory.emplace(binding, read_number()).first->second;
    if (!buffer) continue;
    read_bytes(area.data, area.bytes);
    order.push_back(binding);
  }
  const Kernel* kernel = kernel_of(name);
  if (!kernel) Fenced::fail("no such kernel in this program");
  call(*kernel, groups, group_threads, reverse_order);
  for (const auto& [binding, area] : memory) area.demand_intact();
  for (const std::string& binding : order) std::fwrite(memory.at(binding).data, 1, memory.at(binding).bytes, stdout);
  memory.clear();
}

// A mutant that does not end is ended.
void limit_time() {
  const itimerval limit{{0, 0}, {5, 0}};
  setitimer(ITIMER_PROF, &limit, nullptr);
}

}  // namespace

int chosen_mutant() {
  const char* number = std::getenv("MUTANT");
  return number ? std::atoi(number) : -1;
}

bool* reached_marks() {
  static bool marks[most_mutants];
  const char* name = std::getenv("REACHED");
  const int file = name ? open(name, O_RDWR) : -1;
  if (file < 0) return marks;
  void* mapped = mmap(nullptr, most_mutants, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  close(file);
  return mapped == MAP_FAILED ? marks : static_cast<bool*>(mapped);
}

int main() {
#ifdef __SSE__
  if (rough_arithmetic) __builtin_ia32_ldmxcsr(__builtin_ia32_stmxcsr() | 0x8040);  // numbers below the normal ones are 0, as on a GPU
#endif
  for (std::uint32_t kind; std::fread(&kind, sizeof kind, 1, stdin) == 1; std::fflush(stdout)) {
    if (chosen_mutant() >= 0) limit_time();
    const std::string name = read_name();
    if (kind == 1) answer_reflection(name);
    else answer_run(name);
  }
}
