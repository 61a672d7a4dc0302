// system.h on Windows. It has no signal for one thread, and nothing is left in the middle: what is given up ends with the part that it
// computes, or with the kernel where that has no parts.
#pragma once
#include <atomic>
#include <cstddef>

namespace tickforge {

using SystemThread = void*;

// native/addon/windows.cc
SystemThread begin_thread(unsigned (*run)(void*), void* given);
void join_thread(SystemThread thread);
void nap();

template <void (*run)(void*)> unsigned run_started(void* given) { return run(given), 0u; }
template <void (*run)(void*)> bool start_thread(SystemThread& thread, void* given) {
  thread = begin_thread(run_started<run>, given);
  return thread != nullptr;
}
inline SystemThread this_thread() { return nullptr; }  // nobody asks it to leave

constexpr bool can_leave = false;

struct Place {
  std::atomic<const std::atomic<bool>*> asked;
};
inline void enter_thread(Place*) {}
inline void leave_thread() {}
template <class Run> bool run_with_way_back(Place& here, Run run) {
  const bool wanted = !here.asked.load()->load();
  if (wanted) run();
  return wanted;
}
inline Place* place_to_leave() { return nullptr; }
using WayBack = std::nullptr_t;
inline WayBack hold(Place&) { return nullptr; }
inline void go_on(Place&, WayBack) {}
inline void ask_to_leave(SystemThread) {}

}  // namespace tickforge
