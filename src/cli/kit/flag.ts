/** One flag of a command, and its name as a key of the values. */
export interface Flag {
  name: string;
  /** One letter that says the same. */
  letter?: string;
  /** Placeholder of the value; a switch where left out. */
  value?: string;
  /** What the value is; text where left out. */
  kind?: "number" | "whole" | "choice" | "time" | "duration";
  choices?: readonly string[];
  /** May be given again: the values are kept with a line end between them. */
  many?: true;
  /** Takes the word `auto` too, which is as if it were not given. */
  auto?: true;
  /** As short as a line of the help needs it: several flags share one. */
  doc: string;
}

/** Flags of one matter, which stand on one line of the help. */
export type FlagLine = readonly Flag[];

export const kebab = (camel: string): string => camel.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`);
export const camel = (kebab: string): string => kebab.replace(/-([a-z])/g, (_, c: string) => c.toUpperCase());
