/** Work that a signal ends, with a line that says how far it is. */

import { stoppable as begun } from "../kit/interrupt.js";
import type { Reading } from "../kit/progress.js";
import type { Terminal } from "../kit/terminal.js";

export type Told = (rows: number, ofRows: number | undefined) => void;

export function stoppable(terminal: Terminal, label: string) {
  const at: Reading = { bytes: 0, totalBytes: 0, rows: 0 };
  let code = 0;
  return {
    /** Undefined where a signal ended it. */
    async during<T>(work: (signal: AbortSignal, progress: Told) => Promise<T>): Promise<T | undefined> {
      const running = begun(terminal, () => label, at);
      try {
        return await work(running.signal, (rows, ofRows) => {
          Object.assign(at, { rows, bytes: rows, totalBytes: ofRows ?? 0 });
          running.progress?.turn();
        });
      } catch (error) {
        if (!running.signal.aborted) throw error;
        code = running.code;
        return undefined;
      } finally {
        running.end();
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
