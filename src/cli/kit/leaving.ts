/** Leaving before the end, by a signal or for want of a reader: what was begun is put right and told, whichever way it goes. */
import { exit } from "./exit.js";

export const signalCodes = { SIGHUP: exit.hungUp, SIGINT: exit.interrupted, SIGTERM: exit.terminated } as const;
export type Signal = keyof typeof signalCodes;
export const signals = Object.keys(signalCodes) as Signal[];

/** Puts one thing right at once, and says what it did where that is worth a word. */
type Undo = () => string | undefined;
const undone = new Set<Undo>();
/** Runs that end in an order of their own when a signal comes. */
let orderly = 0;

const heard = (signal: Signal): void => {
  if (orderly > 0) return;
  const words = putRight();
  process.stderr.write(`tickforge: stopped. ${words.length > 0 ? `${words.join("; ")}.` : "Nothing was written."}\n`);
  // An exit would wait for a read that is under way, of a pipe that nobody writes.
  for (const one of signals) process.removeAllListeners(one);
  process.kill(process.pid, signal);
  process.exit(signalCodes[signal]);
};

/** From now on until the answer is called, whatever ends the process does this first. */
export function undoOnLeaving(undo: Undo): () => void {
  if (undone.size === 0) for (const signal of signals) process.on(signal, heard);
  undone.add(undo);
  return () => {
    if (undone.delete(undo) && undone.size === 0) for (const signal of signals) process.off(signal, heard);
  };
}

/** Undoes what is not complete, the latest first; the words for it. */
export function putRight(): string[] {
  const all = [...undone].reverse();
  undone.clear();
  return all.map((undo) => undo()).filter((words) => words !== undefined);
}

/** Signals are the caller's until the answer is called. */
export function inOrder(): () => void {
  orderly++;
  return () => void orderly--;
}
