// The threads that run async calls: the add-on's own, since libuv's few would stall reads of files.
#pragma once
#include <napi.h>

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "abi/binding.h"

namespace tickforge {

struct Job {
  Binding* binding;
  int slot;
  Napi::FunctionReference bound, settle;
};

// One per environment (main thread or worker): the threads that run async calls, started when first needed.
class Threads {
 public:
  explicit Threads(Napi::Env env) : env_(env) {}
  ~Threads() { stop(); }
  void start(Napi::Function bound, Binding* binding, int slot, Napi::Function settle) {
    if (threads_.empty()) open();
    if (pending_++ == 0) wake_.Ref(env_);
    auto job = std::make_unique<Job>(Job{binding, slot, Napi::Persistent(bound), Napi::Persistent(settle)});
    { std::lock_guard lock(mutex_); queue_.push_back(std::move(job)); }
    ready_.notify_one();
  }

 private:
  void open() {
    wake_ = Napi::ThreadSafeFunction::New(env_, Napi::Function::New(env_, [](const Napi::CallbackInfo&) {}), "tickforge", 0, 1);
    wake_.Unref(env_);
    // Hooks run last in, first out: the threads are gone before wake_, the bindings they run and the arrays under them.
    napi_add_env_cleanup_hook(env_, [](void* self) { static_cast<Threads*>(self)->stop(); }, this);
    const unsigned cores = std::thread::hardware_concurrency();
    for (unsigned i = 0; i < (cores > 1 ? cores : 1); i++) threads_.emplace_back([this] { work(); });
  }
  void stop() {
    { std::lock_guard lock(mutex_); stop_ = true; }
    ready_.notify_all();
    for (auto& t : threads_) t.join();
    threads_.clear();
  }
  void work() {
    for (;;) {
      std::unique_lock lock(mutex_);
      ready_.wait(lock, [this] { return stop_ || !queue_.empty(); });
      if (stop_) return;
      Job* job = queue_.front().release();
      queue_.pop_front();
      lock.unlock();
      execute(*job->binding, job->slot);
      if (wake_.NonBlockingCall(job, [this](Napi::Env env, Napi::Function, Job* done) { settle(env, done); }) != napi_ok) return;
    }
  }
  void settle(Napi::Env env, Job* done) {
    std::unique_ptr<Job> job(done);
    if (--pending_ == 0) wake_.Unref(env);
    Napi::HandleScope scope(env);
    // Raw: a thread that is being terminated refuses the call, and the wrapper would make that fatal.
    napi_call_function(env, env.Global(), job->settle.Value(), 0, nullptr, nullptr);
  }
  Napi::Env env_;
  Napi::ThreadSafeFunction wake_;
  std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<std::unique_ptr<Job>> queue_;
  std::vector<std::thread> threads_;
  int pending_ = 0;
  bool stop_ = false;
};

}  // namespace tickforge
