/** Ctrl-C, SIGTERM and SIGHUP: the first asks for an orderly end, the second ends at once. */
import { exit } from "./exit.js";
import { inOrder, putRight, type Signal, signalCodes, signals } from "./leaving.js";
import { Progress, type Reading } from "./progress.js";
import type { Terminal } from "./terminal.js";

export interface Interrupt {
  /** Exit code of the signal that came; 130 where none did. */
  readonly code: number;
  end(): void;
}

export function interruptible(stop: () => void, atOnce: () => void): Interrupt {
  let code: number | undefined;
  const release = inOrder();
  const heard = (signal: Signal) => {
    if (code !== undefined) {
      atOnce();
      const words = putRight();
      if (words.length > 0) process.stderr.write(`tickforge: ${words.join("; ")}.\n`);
      process.exit(signalCodes[signal]);
    }
    code = signalCodes[signal];
    stop();
  };
  for (const signal of signals) process.on(signal, heard);
  return {
    get code() {
      return code ?? exit.interrupted;
    },
    end() {
      for (const signal of signals) process.off(signal, heard);
      release();
    },
  };
}

/** Work with a line that says how far it is. */
export interface Stoppable {
  readonly signal: AbortSignal;
  /** Undefined where nothing is to be said. */
  readonly progress: Progress | undefined;
  /** Exit code of the signal that came. */
  readonly code: number;
  /** The line is gone, and signals are again what they were. */
  end(): void;
}

export function stoppable(terminal: Terminal, label: () => string, at: Reading): Stoppable {
  const stop = new AbortController();
  const progress = terminal.quiet ? undefined : new Progress(terminal.stderr, label, () => at);
  const interrupt = interruptible(
    () => stop.abort(),
    () => progress?.end(),
  );
  return {
    signal: stop.signal,
    progress,
    get code() {
      return interrupt.code;
    },
    end() {
      progress?.end();
      interrupt.end();
    },
  };
}
