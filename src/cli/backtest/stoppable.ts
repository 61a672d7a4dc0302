/** Work that a signal ends, with a line that says how far it is. */
import { interruptible } from "../kit/interrupt.js";
import { Progress, type Reading } from "../kit/progress.js";
import type { Terminal } from "../kit/terminal.js";

export type Told = (rows: number, ofRows: number | undefined) => void;

export function stoppable(terminal: Terminal, label: string) {
  const at: Reading = { bytes: 0, totalBytes: 0, rows: 0 };
  const stop = new AbortController();
  let code = 0;
  return {
    /** Undefined where a signal ended it. */
    async during<T>(work: (signal: AbortSignal, progress: Told) => Promise<T>): Promise<T | undefined> {
      const progress = terminal.quiet
        ? undefined
        : new Progress(
            terminal.stderr,
            () => label,
            () => at,
          );
      const interrupt = interruptible(
        () => stop.abort(),
        () => progress?.end(),
      );
      try {
        return await work(stop.signal, (rows, ofRows) => {
          Object.assign(at, { rows, bytes: rows, totalBytes: ofRows ?? 0 });
          progress?.turn();
        });
      } catch (error) {
        if (!stop.signal.aborted) throw error;
        code = interrupt.code;
        return undefined;
      } finally {
        progress?.end();
        interrupt.end();
      }
    },
    get rows() {
      return at.rows;
    },
    /** Exit code of the signal. */
    get code() {
      return code;
    },
  };
}
