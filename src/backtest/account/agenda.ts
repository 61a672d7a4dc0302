/** The time of a run, and what is to happen when: the earliest first, and of one time what was written down first. */

interface Entry {
  readonly time: bigint;
  readonly number: number;
  readonly act: () => void;
}
const isBefore = (a: Entry, b: Entry): boolean => a.time < b.time || (a.time === b.time && a.number < b.number);

export class Agenda {
  /** ns UTC; never falling. */
  now = 0n;
  private readonly heap: Entry[] = [];
  private count = 0;

  get next(): bigint | undefined {
    return this.heap[0]?.time;
  }

  /** Time goes on. */
  reach(time: bigint): void {
    if (time > this.now) this.now = time;
  }

  add(time: bigint, act: () => void): void {
    const { heap } = this;
    const entry = { time, number: this.count++, act };
    let at = heap.push(entry) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(entry, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = entry;
  }

  /** Takes the first and does it. */
  act(): void {
    const { heap } = this;
    const first = heap[0]!;
    const last = heap.pop()!;
    if (heap.length > 0) {
      let at = 0;
      for (;;) {
        let child = 2 * at + 1;
        if (child >= heap.length) break;
        if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
        if (!isBefore(heap[child]!, last)) break;
        heap[at] = heap[child]!;
        at = child;
      }
      heap[at] = last;
    }
    first.act();
  }
}
