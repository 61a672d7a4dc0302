/** The symbols of a read and their ids, in state that a kernel shares. */
import { latin } from "./line.js";

export interface SymbolState {
  names: Uint8Array;
  nameEnds: Uint32Array;
  nameTable: Uint32Array;
  nameCount: Uint32Array;
}

/** Id of a symbol, a new one where it was not seen and may be added; -1 where there is none, or the table is full. Open addressing, FNV-1a. */
export function symbolId({ names, nameEnds, nameTable, nameCount }: SymbolState, symbol: Uint8Array, add = true): number {
  let hash = 2166136261;
  for (const byte of symbol) hash = Math.imul(hash ^ byte, 16777619) >>> 0;
  const places = nameTable.length / 2;
  let place = hash % places;
  let left = places;
  const nameAt = (id: number) => latin(names.subarray(id ? nameEnds[id - 1]! : 0, nameEnds[id]!));
  for (; nameTable[2 * place + 1]; place = (place + 1) % places) {
    if (left-- === 0) return -1;
    if (nameTable[2 * place] === hash && nameAt(nameTable[2 * place + 1]! - 1) === latin(symbol)) return nameTable[2 * place + 1]! - 1;
  }
  if (!add) return -1;
  const id = nameCount[0]!;
  const start = id ? nameEnds[id - 1]! : 0;
  if (id >= nameEnds.length || start + symbol.length > names.length) return -1;
  names.set(symbol, start);
  nameEnds[id] = start + symbol.length;
  nameTable.set([hash, id + 1], 2 * place);
  nameCount[0] = id + 1;
  return id;
}
