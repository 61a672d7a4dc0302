/** What the page shows, as its address: a link shows the same again. */
import { numberForms } from "./format.js";
import { isZone } from "./zone.js";

export const views = ["market", "risk", "portfolio", "system", "alarms", "data"] as const;
export type ViewName = (typeof views)[number];

/** How numbers and times are written. */
export interface Settings {
  /** UTC, `local`, or a zone of the time zone database. */
  zone: string;
  numbers: string;
}
export const usualSettings: Settings = { zone: "UTC", numbers: "en" };

export interface Shown extends Settings {
  view: ViewName;
  /** ms UTC; undefined: the newest `length` ms of a running system, all of a recording. */
  span: [from: number, to: number] | undefined;
  /** 0: all there is; -1: as is usual for what is shown. */
  length: number;
  /** Instruments; undefined: the first few. */
  instruments: string[] | undefined;
  /** Features and measures, as `topic.column`, of each instrument that is shown. */
  measures: readonly string[];
  /** Topic and row of an alarm: `toxicity:123`. */
  alarm: string | undefined;
  topic: string | undefined;
  /** Rows of the data view end with this one; undefined: the newest. */
  row: number | undefined;
  of: string | undefined;
  find: string;
}

const numberOf = (text: string | null): number | undefined =>
  text === null || text === "" || !Number.isFinite(Number(text)) ? undefined : Number(text);

/** -1: as is usual for what is shown. */
const lastOf = (seconds: number | undefined): number => (seconds === undefined || seconds < 0 ? -1 : seconds * 1000);

export function readAddress(hash: string): Shown {
  const given = new URLSearchParams(hash.replace(/^#/, ""));
  const [from, to] = [numberOf(given.get("from")), numberOf(given.get("to"))];
  const view = views.find((name) => name === given.get("view")) ?? "market";
  const instruments = given.getAll("i");
  return {
    view,
    span: from !== undefined && to !== undefined && from < to ? [from, to] : undefined,
    length: lastOf(numberOf(given.get("last"))),
    instruments: instruments.length > 0 ? instruments : undefined,
    measures: given.getAll("m"),
    alarm: given.get("alarm") ?? undefined,
    topic: given.get("topic") ?? undefined,
    row: numberOf(given.get("row")),
    of: given.get("of") ?? undefined,
    find: given.get("find") ?? "",
    ...settingsOf({ zone: given.get("zone"), numbers: given.get("numbers") }),
  };
}

export function writeAddress(shown: Shown): string {
  const to = new URLSearchParams({ view: shown.view });
  if (shown.span) {
    to.set("from", String(shown.span[0]));
    to.set("to", String(shown.span[1]));
  } else if (shown.length >= 0) to.set("last", String(shown.length / 1000));
  for (const one of shown.instruments ?? []) to.append("i", one);
  for (const one of shown.measures) to.append("m", one);
  for (const name of ["alarm", "topic", "row", "of", "find"] as const) {
    const value = shown[name];
    if (value !== undefined && value !== "") to.set(name, String(value));
  }
  for (const name of ["zone", "numbers"] as const) if (shown[name] !== usualSettings[name]) to.set(name, shown[name]);
  return `#${to}`;
}

/** What is none of its kind is as usual. */
export function settingsOf({ zone, numbers }: { readonly [name in keyof Settings]?: unknown }): Settings {
  const known = numberForms.some(([form]) => form === numbers);
  return {
    zone: typeof zone === "string" && isZone(zone) ? zone : usualSettings.zone,
    numbers: known ? (numbers as string) : usualSettings.numbers,
  };
}
