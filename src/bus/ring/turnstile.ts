/** A condition variable for an event loop: `next` settles at the next call of `ring`, for any number of waiters. */
export class Turnstile {
  private readonly waiting = new Set<() => void>();
  next(ms?: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = ms === undefined ? undefined : setTimeout(() => done(), ms);
      const done = () => {
        clearTimeout(timer);
        this.waiting.delete(done);
        resolve();
      };
      this.waiting.add(done);
    });
  }
  ring(): void {
    for (const resolve of [...this.waiting]) resolve();
  }
}
