/** What the reader's browser keeps: settings, a name, notes about alarms. Where it keeps nothing, they last as long as the page is open. */
import type { Alarm } from "../../series/alarm_log.js";

const MOST_NOTES = 1000;
const PREFIX = "tickforge.";
const memory = new Map<string, string>();

function read(name: string): unknown {
  let text = memory.get(name);
  try {
    text = localStorage.getItem(PREFIX + name) ?? text;
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
function write(name: string, value: unknown): void {
  const text = JSON.stringify(value);
  memory.set(name, text);
  try {
    localStorage.setItem(PREFIX + name, text);
  } catch {
    // Private windows and full ones keep nothing.
  }
}
type Given = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Given => typeof value === "object" && value !== null;

export const keptSettings = (): Given => {
  const kept = read("settings");
  return isObject(kept) ? kept : {};
};
export const keepSettings = (settings: object): void => write("settings", settings);
export const keptName = (): string => String(read("name") ?? "");
export const keepName = (name: string): void => write("name", name);

/** A system that begins anew counts rows from 0 again: its time tells an alarm from an older one. */
const keyOf = (system: string, { topic, row, from }: Alarm): string => `${system} ${topic}:${row} ${from}`;

export interface Noted {
  readonly note: string;
  /** ms UTC. */
  readonly at: number;
}
export function notedOf(system: string, alarm: Alarm): Noted | undefined {
  const notes = read("notes");
  const one = isObject(notes) ? notes[keyOf(system, alarm)] : undefined;
  return isObject(one) && typeof one.note === "string" && typeof one.at === "number" ? (one as unknown as Noted) : undefined;
}
/** Undefined: it is forgotten. */
export function keepNote(system: string, alarm: Alarm, noted: Noted | undefined): void {
  const notes = read("notes");
  const { [keyOf(system, alarm)]: _, ...others } = isObject(notes) ? notes : {};
  const all = Object.entries(noted ? { ...others, [keyOf(system, alarm)]: noted } : others);
  write("notes", Object.fromEntries(all.slice(-MOST_NOTES)));
}
