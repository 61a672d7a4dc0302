/** Whose event is next: a binary heap of instruments by their times; those of one time come in their own order. */
export class EventHeap {
  private readonly heap: Uint32Array;

  constructor(private readonly times: Float64Array) {
    this.heap = Uint32Array.from(times, (_, i) => i).sort((a, b) => (this.before(a, b) ? -1 : 1));
  }

  get first(): number {
    return this.heap[0]!;
  }

  /** The first one has got a later time: down to its place. */
  settle(): void {
    const { heap } = this;
    const { length } = heap;
    const moved = heap[0]!;
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= length) break;
      if (child + 1 < length && this.before(heap[child + 1]!, heap[child]!)) child++;
      if (this.before(moved, heap[child]!)) break;
      heap[place] = heap[child]!;
      place = child;
    }
    heap[place] = moved;
  }

  private before(a: number, b: number): boolean {
    const { times } = this;
    return times[a]! < times[b]! || (times[a]! === times[b]! && a < b);
  }
}
