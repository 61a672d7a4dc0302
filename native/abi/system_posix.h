// system.h on Linux and macOS. A kernel is left in the middle: whoever gives up an execution asks for its end and sends the thread that runs
// it a signal, whose handler jumps back to where the thread entered the kernel. That is sound for kernels alone, which compute on memory that
// others own: they hold no lock, no heap and no destructor, and call nothing but libm, bound at load (-z now). Everything else runs with no
// way back, so that the handler returns; what asks in between is seen on the way into the next kernel.
//
// The signal is SIGURG, as Go's runtime chose for the like: ignored where nobody handles it, so that a late one does nothing; used by no
// libc, debugger or profiler, nor by Node or libuv (SIGUSR1 is the inspector's, SIGPROF the profiler's); there on macOS, which has no
// SIGRTMIN. It goes to one thread of ours at a time; others pass it on to the handler that was there.
#pragma once
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>

namespace tickforge {

using SystemThread = pthread_t;

template <void (*run)(void*)> void* run_started(void* given) { return run(given), nullptr; }
template <void (*run)(void*)> bool start_thread(SystemThread& thread, void* given) {
  return pthread_create(&thread, nullptr, run_started<run>, given) == 0;
}
inline void join_thread(SystemThread& thread) { pthread_join(thread, nullptr); }
inline SystemThread this_thread() { return pthread_self(); }
inline void nap() { usleep(200); }

// Of a thread that runs kernels.
struct Place {
  std::atomic<const std::atomic<bool>*> asked;  // whether its execution is given up
  std::atomic<sigjmp_buf*> back{nullptr};       // null: what runs now must not be left
};

// ThreadSanitizer keeps signals back until the thread calls something of libc, which a kernel may never do.
#if defined(__SANITIZE_THREAD__)
constexpr bool can_leave = false;
#else
constexpr bool can_leave = true;
#endif

using Action = void (*)(int, siginfo_t*, void*);
inline std::atomic<Action> action_before{nullptr};

// Made before the handler is put, which then only reads it.
inline pthread_key_t place_key() {
  static const pthread_key_t key = [] {
    pthread_key_t made;
    pthread_key_create(&made, nullptr);
    return made;
  }();
  return key;
}
inline Place* place_of_thread() { return static_cast<Place*>(pthread_getspecific(place_key())); }

inline void leave(int number, siginfo_t* info, void* context) {
  if (Place* here = place_of_thread()) {
    sigjmp_buf* back = here->asked.load()->load() ? here->back.load() : nullptr;
    if (back) siglongjmp(*back, 1);
  } else if (const Action before = action_before.load()) {
    before(number, info, context);
  }
}

// Asked for again before each signal: a listener of Node's may have taken the place since.
inline void put_handler() {
  place_key();
  struct sigaction now;
  sigaction(SIGURG, nullptr, &now);
  if (now.sa_sigaction == leave) return;
  const bool none = now.sa_handler == SIG_DFL || now.sa_handler == SIG_IGN;
  action_before = none ? nullptr : now.sa_sigaction;  // one that takes the number alone does not see the rest
  struct sigaction ours{};
  ours.sa_sigaction = leave;
  ours.sa_flags = SA_SIGINFO | SA_RESTART | SA_NODEFER;  // a jump leaves the mask as it is: nothing to restore
  sigaction(SIGURG, &ours, nullptr);
}

inline void mask(int how) {
  sigset_t urgent;
  sigemptyset(&urgent);
  sigaddset(&urgent, SIGURG);
  pthread_sigmask(how, &urgent, nullptr);
}
inline void enter_thread(Place* here) {
  pthread_setspecific(place_key(), here);
  mask(SIG_UNBLOCK);
}
// Before `here` is gone, where signals may still come.
inline void leave_thread() { mask(SIG_BLOCK); }

// Runs a kernel, or a part of one; false where it was left, or given up before.
template <class Run> __attribute__((noinline)) bool run_with_way_back(Place& here, Run run) {
  sigjmp_buf back;
  if (sigsetjmp(back, 0) != 0) {
    here.back = nullptr;
    return false;
  }
  if (can_leave) here.back = &back;
  const bool wanted = !here.asked.load()->load();
  if (wanted) run();
  here.back = nullptr;
  return wanted;
}

// The place of this thread, where what it runs can be left.
inline Place* place_to_leave() {
  Place* here = place_of_thread();
  return here && here->back.load() ? here : nullptr;
}
using WayBack = sigjmp_buf*;
inline WayBack hold(Place& here) { return here.back.exchange(nullptr); }
inline void go_on(Place& here, WayBack back) {
  here.back = back;
  if (here.asked.load()->load()) siglongjmp(*back, 1);
}

inline void ask_to_leave(SystemThread thread) {
  put_handler();
  pthread_kill(thread, SIGURG);
}

}  // namespace tickforge
