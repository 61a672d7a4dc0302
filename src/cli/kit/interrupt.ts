/** Ctrl-C, SIGTERM and SIGHUP: the first asks for an orderly end, the second ends at once. */
import { exit } from "./exit.js";
import { inOrder, putRight, type Signal, signalCodes, signals } from "./leaving.js";

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
