import { BusError } from "../core/contract/errors.js";
import type { GrowingSymbols } from "./bus.js";

/** The symbols of a topic in this thread's memory. */
export class Dictionary implements GrowingSymbols {
  private readonly names: string[] = [];
  private readonly ids = new Map<string, number>();

  constructor(symbols: readonly string[] = []) {
    for (const symbol of symbols) this.add(symbol);
  }
  get size(): number {
    return this.names.length;
  }
  at(id: number): string | undefined {
    return this.names[id];
  }
  find(symbol: string): number | undefined {
    return this.ids.get(symbol);
  }
  add(symbol: string): number {
    const known = this.ids.get(symbol);
    if (known !== undefined) return known;
    this.ids.set(symbol, this.names.length);
    return this.names.push(symbol) - 1;
  }
}

/** Bytes before each entry's text: offset of the next entry, then the length of the text. */
const NEXT = 4;
const HEAD = NEXT + 2;

/**
 * The same in memory that others see: a list that only grows. Room is taken before it is written and an entry is hung
 * behind the last one when it is whole, so that a writer that stops half-way leaves a hole and no damage, and one that was
 * replaced meanwhile and wakes up adds a symbol like any other. `allocated` and `first` are words that start at 0.
 */
export class SharedDictionary implements GrowingSymbols {
  private readonly known = new Dictionary();
  /** Word that will hold the offset of the next entry, plus one. */
  private tail: number;
  /** Where the last text that was read ends. */
  private end = 0;

  constructor(
    private readonly topic: string,
    private readonly words: Int32Array,
    private readonly allocated: number,
    first: number,
    private readonly area: Uint8Array,
  ) {
    this.tail = first;
  }

  /** Takes in what was added since; costs one atomic load when there is nothing new. */
  private refresh(): Dictionary {
    for (;;) {
      const next = Atomics.load(this.words, this.tail);
      if (next === 0) return this.known;
      const start = next - 1;
      const text = start + HEAD;
      if (start < 0 || start % 4 !== 0 || text > this.area.length) throw this.damaged(`symbol ${this.known.size} lies at byte ${start}`);
      const end = text + (this.area[text - 2]! | (this.area[text - 1]! << 8));
      if (end > this.area.length) throw this.damaged(`symbol ${this.known.size} ends at byte ${end}`);
      const symbol = new TextDecoder().decode(this.area.slice(text, end));
      // Also what ends a list that leads back into itself.
      if (this.known.find(symbol) !== undefined) throw this.damaged(`symbol '${symbol.slice(0, 40)}' is there twice`);
      this.known.add(symbol);
      this.end = Math.max(this.end, end);
      this.tail = (this.area.byteOffset + start) >> 2;
    }
  }
  private damaged(what: string): BusError {
    return new BusError("E_BUS_REGION", `topic '${this.topic}': the dictionary is damaged: ${what} of ${this.area.length} bytes`, {
      hint: "Something else wrote in the ring: close everything that uses this topic and open it again, which makes it anew.",
    });
  }
  get size(): number {
    return this.refresh().size;
  }
  at(id: number): string | undefined {
    return this.known.at(id) ?? this.refresh().at(id);
  }
  find(symbol: string): number | undefined {
    return this.known.find(symbol) ?? this.refresh().find(symbol);
  }
  add(symbol: string): number {
    const id = this.find(symbol);
    if (id !== undefined) return id;
    const bytes = new TextEncoder().encode(symbol);
    // Halves of a pair have no bytes of their own: the symbol is the one that all will read.
    const kept = new TextDecoder().decode(bytes);
    if (kept !== symbol) return this.add(kept);
    const start = this.reserve(symbol, bytes.length);
    this.area.set([0, 0, 0, 0, bytes.length & 0xff, bytes.length >> 8], start);
    this.area.set(bytes, start + HEAD);
    while (Atomics.compareExchange(this.words, this.tail, 0, start + 1) !== 0) {
      const taken = this.refresh().find(symbol);
      if (taken !== undefined) return taken;
    }
    return this.refresh().find(symbol)!;
  }

  private reserve(symbol: string, length: number): number {
    for (;;) {
      const start = Atomics.load(this.words, this.allocated);
      const end = start + Math.ceil((HEAD + length) / 4) * 4;
      if (start < this.end || start % 4 !== 0) throw this.damaged(`the next symbol would begin at byte ${start}`);
      if (length > 0xffff || end > this.area.length) {
        const what = `topic '${this.topic}': no room for symbol '${symbol.slice(0, 40)}' (${length} bytes), ${this.area.length - start} of ${this.area.length} dictionary bytes are left`;
        throw new BusError("E_BUS_DICTIONARY", what, { hint: "Create the ring with a larger dictionaryBytes.", value: symbol });
      }
      if (Atomics.compareExchange(this.words, this.allocated, start, end) === start) return start;
    }
  }
}
