// The threads that run async calls: the add-on's own, since libuv's few would stall reads of files.
#pragma once
#include <napi.h>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>

#include "abi/binding.h"

namespace tickforge {

// What a thread is to run, and whether it may be left in the middle.
struct Execution {
  Binding* binding;
  int slot;
  bool can_leave;
};

struct Job {
  Execution what;
  u32 ticket;
  Napi::FunctionReference bound, settle;
  std::atomic<bool> asked{false};  // to end, wherever it is
};

// One per environment (main thread or worker): the threads that run async calls, started when first needed.
class Threads {
 public:
  explicit Threads(Napi::Env env) : env_(env) {}
  ~Threads() { stop(); }
  // Returns the ticket that `end` takes.
  u32 start(Napi::Function bound, Napi::Function settle, const Execution& what) {
    if (workers_.empty()) open();
    if (pending_++ == 0) wake_.Ref(env_);
    const u32 ticket = ++tickets_;
    std::unique_ptr<Job> job(new Job{what, ticket, Napi::Persistent(bound), Napi::Persistent(settle)});
    {
      std::lock_guard lock(mutex_);
      queue_.push_back(std::move(job));
    }
    ready_.notify_one();
    return ticket;
  }
  // The job settles soon, computed or not.
  void end(u32 ticket) {
    std::lock_guard lock(mutex_);
    for (auto& job : queue_)
      if (job->ticket == ticket) job->asked = true;
    for (auto& worker : workers_)
      if (worker.job && worker.job->ticket == ticket) ask(worker);
  }

 private:
  struct Worker {
    std::thread thread;
    SystemThread self{};
    Job* job = nullptr;
  };
  void open() {
    wake_ = Napi::ThreadSafeFunction::New(env_, Napi::Function::New(env_, [](const Napi::CallbackInfo&) {}), "tickforge", 0, 1);
    wake_.Unref(env_);
    // Hooks run last in, first out: the threads are gone before wake_, the bindings they run and the arrays under them.
    napi_add_env_cleanup_hook(env_, [](void* self) { static_cast<Threads*>(self)->stop(); }, this);
    const unsigned cores = std::thread::hardware_concurrency();
    for (unsigned i = 0; i < (cores > 1 ? cores : 1); i++) workers_.emplace_back();  // a deque: they stay where they are
    for (Worker& worker : workers_) worker.thread = std::thread([this, &worker] { work(worker); });
  }
  // The lock is held: the thread cannot go on to another job before it has the signal.
  void ask(Worker& worker) {
    worker.job->asked = true;
    double one = 1;
    if (!can_leave) __atomic_store(worker.job->what.binding->control + CANCEL, &one, __ATOMIC_RELAXED);
    ask_to_leave(worker.self);
  }
  void stop() {
    {
      std::lock_guard lock(mutex_);
      stop_ = true;
      for (Worker& worker : workers_)
        if (worker.job) ask(worker);
    }
    ready_.notify_all();
    for (Worker& worker : workers_) worker.thread.join();
    workers_.clear();
  }
  void work(Worker& worker) {
    Place here{&never_};
    enter_thread(&here);
    for (;;) {
      std::unique_lock lock(mutex_);
      ready_.wait(lock, [this] { return stop_ || !queue_.empty(); });
      if (stop_) return;
      Job* job = queue_.front().release();
      queue_.pop_front();
      worker.self = this_thread();
      worker.job = job;
      here.asked = &job->asked;
      lock.unlock();
      run(job->what, here);
      lock.lock();
      worker.job = nullptr;
      here.asked = &never_;
      lock.unlock();
      if (wake_.NonBlockingCall(job, [this](Napi::Env env, Napi::Function, Job* done) { settle(env, done); }) != napi_ok) return;
    }
  }
  static void run(const Execution& what, Place& here) {
    const auto execution = [&] { execute(*what.binding, what.slot); };
    if (!what.can_leave) execution();
    else if (!run_with_way_back(here, execution)) what.binding->control[CODE] = CANCELLED;
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
  std::deque<Worker> workers_;
  const std::atomic<bool> never_{false};
  u32 tickets_ = 0;
  int pending_ = 0;
  bool stop_ = false;
};

}  // namespace tickforge
