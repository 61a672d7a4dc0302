/** Where and what went wrong, in fields that a program can read; every field that applies is present. */
export interface ErrorDetails {
  /** What to do about it, one sentence. */
  hint?: string;
  kernel?: string;
  port?: string;
  option?: string;
  file?: string;
  line?: number;
  column?: number | string;
  row?: number;
  value?: unknown;
  cause?: unknown;
}

/** Base of every error that tickforge throws on purpose. `code` is stable; the message is for people. */
export class TickforgeError extends Error {
  readonly code: string;
  readonly hint?: string;
  readonly kernel?: string;
  readonly port?: string;
  readonly option?: string;
  readonly file?: string;
  readonly line?: number;
  readonly column?: number | string;
  readonly row?: number;
  readonly value?: unknown;

  constructor(code: string, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = new.target.name;
    this.code = code;
    const { cause: _, ...fields } = details;
    Object.assign(this, fields);
  }
}

/** A call that does not fit its contract, or a value that the kernel refuses. */
export class KernelError extends TickforgeError {}

/** A bus, ring or frame that cannot do what was asked. */
export class BusError extends TickforgeError {}

/** A file or feed that cannot be read as what it was taken for. */
export class DataError extends TickforgeError {}

/** The nearest of `names` to a misspelt `word`, or undefined when none is near. */
export function didYouMean(word: string, names: Iterable<string>): string | undefined {
  const plain = (s: string) => s.toLowerCase().replace(/[^a-z0-9]/g, "");
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(word.length / 3)) + 1;
  for (const name of names) {
    const distance = editDistance(plain(word), plain(name));
    if (distance < bestDistance) [best, bestDistance] = [name, distance];
  }
  return best;
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min(previous[j]! + 1, current[j - 1]! + 1, substitution));
    }
    previous = current;
  }
  return previous[b.length]!;
}
