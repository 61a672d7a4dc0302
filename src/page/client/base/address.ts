/** What the page shows, as its address: a link shows the same again. */

export const views = ["market", "risk", "system", "alarms", "data"] as const;
export type ViewName = (typeof views)[number];

export interface Shown {
  view: ViewName;
  /** ms UTC; undefined: the newest `length` ms of a running system, all of a recording. */
  span: [from: number, to: number] | undefined;
  /** 0: all there is; -1: as is usual for what is shown. */
  length: number;
  /** Instruments; undefined: the first few. */
  instruments: string[] | undefined;
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
    alarm: given.get("alarm") ?? undefined,
    topic: given.get("topic") ?? undefined,
    row: numberOf(given.get("row")),
    of: given.get("of") ?? undefined,
    find: given.get("find") ?? "",
  };
}

export function writeAddress(shown: Shown): string {
  const to = new URLSearchParams({ view: shown.view });
  if (shown.span) {
    to.set("from", String(shown.span[0]));
    to.set("to", String(shown.span[1]));
  } else if (shown.length >= 0) to.set("last", String(shown.length / 1000));
  for (const one of shown.instruments ?? []) to.append("i", one);
  for (const name of ["alarm", "topic", "row", "of", "find"] as const) {
    const value = shown[name];
    if (value !== undefined && value !== "") to.set(name, String(value));
  }
  return `#${to}`;
}
