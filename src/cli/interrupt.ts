/** Ctrl-C and SIGTERM: the first asks for an orderly end, the second ends at once. */
import { exit } from "./exit.js";

const codes = { SIGINT: exit.interrupted, SIGTERM: exit.terminated } as const;
type Signal = keyof typeof codes;

export interface Interrupt {
  /** Exit code of the signal that came; 130 where none did. */
  readonly code: number;
  end(): void;
}

export function interruptible(stop: () => void, atOnce: () => void): Interrupt {
  let code: number | undefined;
  const heard = (signal: Signal) => {
    if (code !== undefined) {
      atOnce();
      process.exit(codes[signal]);
    }
    code = codes[signal];
    stop();
  };
  const signals = Object.keys(codes) as Signal[];
  for (const signal of signals) process.on(signal, heard);
  return {
    get code() {
      return code ?? exit.interrupted;
    },
    end() {
      for (const signal of signals) process.off(signal, heard);
    },
  };
}
