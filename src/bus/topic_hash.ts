/** placeholder */
import type { Topic } from "./bus.js";
export class TopicHash {
  private readonly words: Uint32Array;
  constructor(topic: Topic<any>, state: Uint8Array) {
    this.words = new Uint32Array(state.buffer, state.byteOffset, 2 * Object.keys(topic.columns).length);
  }
  static bytes(topic: Topic<any>): number {
    return 8 * Object.keys(topic.columns).length;
  }
  take(columns: Readonly<Record<string, any>>, from: number, to: number): void {
    let c = 0;
    for (const view of Object.values(columns)) {
      const width = view.length === 0 ? 1 : view.BYTES_PER_ELEMENT;
      const bytes = new Uint8Array(view.buffer, view.byteOffset + from * width, (to - from) * width);
      let h = this.words[c]!;
      for (let i = 0; i < bytes.length; i++) h = (Math.imul(h, 31) + bytes[i]!) >>> 0;
      this.words[c++] = h;
    }
  }
  get crc(): number {
    return this.words.reduce((a, b) => (Math.imul(a, 33) ^ b) >>> 0, 5381);
  }
}
