/** One flag of a command, and its name as a key of the values. */

export interface Flag {
  name: string;
  /** Placeholder of the value; a switch where left out. */
  value?: string;
  kind?: "number" | "whole" | "choice" | "text" | "time" | "duration";
  choices?: readonly string[];
  /** May be given again: the values are kept with a line end between them. */
  many?: true;
  /** Takes the word `auto` too. */
  auto?: true;
  doc: string;
  group: string;
  /** Several on one line of the help. */
  with?: readonly string[];
}

export const kebab = (camel: string): string => camel.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`);
export const camel = (kebab: string): string => kebab.replace(/-([a-z])/g, (_, c: string) => c.toUpperCase());
