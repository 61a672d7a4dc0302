/** Processor affinity and scheduling class that a thread asked for and the system granted, packed into a word that other processes read. */
export interface Granted {
  /** `cores`: those that the thread may run on. */
  readonly pin?: { readonly granted: boolean; readonly cores: readonly number[]; readonly reason?: string };
  readonly realTime?: { readonly granted: boolean; readonly priority: number; readonly reason?: string };
}

/** Bits of the word: asked for cores, asked for urgency, priority (7), one core more than the first, number of the first core. */
const PIN = 1;
const URGENT = 2;
const PRIORITY = 2;
const SEVERAL = 1 << 9;
const CORE = 10;

export function toWord({ pin, realTime }: Granted): number {
  const cores = pin?.cores ?? [];
  return (
    (pin ? PIN : 0) |
    (realTime ? URGENT | (realTime.priority << PRIORITY) : 0) |
    (cores.length > 1 ? SEVERAL : 0) |
    ((cores.length > 0 ? cores[0]! + 1 : 0) << CORE)
  );
}

/** `core 2, FIFO 10`; of what was asked and refused, that. Empty where nothing was asked. */
export function inWords(word: number): string {
  const first = (word >>> CORE) - 1;
  const priority = (word >>> PRIORITY) & 0x7f;
  const pin = first < 0 ? "pin refused" : `core ${first}${word & SEVERAL ? " and others" : ""}`;
  return [...(word & PIN ? [pin] : []), ...(word & URGENT ? [priority > 0 ? `FIFO ${priority}` : "real time refused"] : [])].join(", ");
}
