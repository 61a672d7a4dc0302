/** A doubly linked list whose links are their own nodes: order of use for an LRU. */

/** A place in a chain. */
export class Link<T> {
  newer: Link<T> = this;
  older: Link<T> = this;
  constructor(readonly entry: T) {}

  unhook(): void {
    this.newer.older = this.older;
    this.older.newer = this.newer;
    this.newer = this.older = this;
  }
}

/** Entries from newest to oldest, moved and taken out in constant time. */
export class Chain<T> {
  private readonly ends = new Link<T | undefined>(undefined);

  push(link: Link<T>): void {
    const ends = this.ends as Link<T>;
    link.unhook();
    link.older = ends.older;
    link.newer = ends;
    ends.older.newer = link;
    ends.older = link;
  }
  get oldest(): T | undefined {
    return this.ends.newer.entry;
  }
  /** From the oldest on. */
  *[Symbol.iterator](): Generator<T> {
    for (let link = this.ends.newer; link !== this.ends; link = link.newer) yield link.entry!;
  }
}
