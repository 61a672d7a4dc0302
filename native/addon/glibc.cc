// Keeps the add-on loadable on every glibc that Node runs on (2.28 and later), wherever it was built: glibc 2.34 moved the
// thread functions to new symbol versions and newer static libraries ask for newer helpers, though the old ones suffice.
#include <features.h>
#ifdef __GLIBC__
#include <cstddef>
#include <cstdint>

#if defined(__x86_64__)
#define OLD "GLIBC_2.2.5"
#elif defined(__aarch64__)
#define OLD "GLIBC_2.17"
#endif

#ifdef OLD
// Declared here rather than by <pthread.h>, whose declarations would fight with the definitions below.
#define FORWARD(result, name, parameters, arguments)                 \
  extern "C" result old_##name parameters;                           \
  __asm__(".symver old_" #name "," #name "@" OLD);                   \
  extern "C" __attribute__((visibility("hidden"))) result name parameters { return old_##name arguments; }

using Thread = unsigned long;
using Key = unsigned;
FORWARD(int, pthread_create, (Thread * t, const void* a, void* (*f)(void*), void* x), (t, a, f, x))
FORWARD(int, pthread_join, (Thread t, void** r), (t, r))
FORWARD(int, pthread_detach, (Thread t), (t))
FORWARD(int, pthread_kill, (Thread t, int signal), (t, signal))
FORWARD(int, pthread_sigmask, (int how, const void* set, void* before), (how, set, before))
FORWARD(int, pthread_once, (int* o, void (*f)()), (o, f))
FORWARD(int, pthread_key_create, (Key * k, void (*f)(void*)), (k, f))
FORWARD(int, pthread_key_delete, (Key k), (k))
FORWARD(void*, pthread_getspecific, (Key k), (k))
FORWARD(int, pthread_setspecific, (Key k, const void* v), (k, v))
extern "C" __attribute__((visibility("hidden"))) int __pthread_key_create(Key* k, void (*f)(void*)) { return old_pthread_key_create(k, f); }

extern "C" int getentropy(void*, size_t);
extern "C" __attribute__((visibility("hidden"))) std::uint32_t arc4random() {
  std::uint32_t value = 0;
  getentropy(&value, sizeof value);
  return value;
}
// "Not found": the unwinder of the static library then finds no frame; the add-on is built without exceptions.
extern "C" __attribute__((visibility("hidden"))) int _dl_find_object(void*, void*) { return -1; }
extern "C" {
__attribute__((visibility("hidden"))) char __libc_single_threaded = 0;
}
#endif
#endif
