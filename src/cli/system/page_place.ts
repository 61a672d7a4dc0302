/** Where the page of a system is: as flags say it, and for the rest its file. */
import { TickforgeError } from "../../core/contract/errors.js";
import type { PageOptions } from "../../page/server/page_server.js";
import { needSafePlace } from "../../page/server/place.js";
import type { Plan } from "../../system/plan/plan.js";
import type { Given } from "../kit/command.js";
import { UsageError } from "../kit/exit.js";

const MOST_PORT = 65_535;
const LOOPBACK = "127.0.0.1";

/** What `--page`, `--token` and `--control` say. */
export interface PageFlags {
  readonly place: "off" | { readonly host?: string; readonly port: number } | undefined;
  readonly token: string | undefined;
  readonly control: boolean;
}
export interface PageWanted extends Omit<PageOptions, "reserved"> {
  /** Its address may stand in a log: with the name of the variable in place of a token that came from one. */
  readonly tokenFrom: string | undefined;
  /** A port was asked for: where it cannot be had, the system ends. */
  readonly asked: boolean;
}

export function pageFlags(values: Given["values"]): PageFlags {
  const { page, token } = values as { page?: string; token?: string };
  const place = page === undefined || page === "off" ? page : placeOf(page);
  const control = values.control === true;
  if (place === "off" && (token !== undefined || control))
    throw new UsageError(`--page off leaves nothing for ${control ? "--control" : "--token"}`, "leave one of them out");
  return { place, token, control };
}
function placeOf(value: string): { readonly host?: string; readonly port: number } {
  const [, host, port] = /^(?:(.+):)?(\d+)$/.exec(value) ?? [];
  const bare = host?.replace(/^\[(.*)\]$/, "$1");
  if (port !== undefined && Number(port) <= MOST_PORT) return { port: Number(port), ...(bare !== undefined && { host: bare }) };
  throw new UsageError(
    `--page ${value}: expected a port up to ${MOST_PORT}, ADDRESS:PORT, or off`,
    "leave it out for 8600 or the next that is free",
  );
}

/** Undefined where there is to be no page. */
export function pageWanted({ place, token, control }: PageFlags, { page: file }: Plan): PageWanted | undefined {
  if (place === "off" || (file === false && place === undefined && token === undefined && !control)) return undefined;
  const of = file || undefined;
  const port = place?.port ?? of?.port;
  const tokenFrom = token === undefined ? of?.tokenFrom : undefined;
  const wanted = {
    ...{ port, asked: port !== undefined, host: place?.host ?? of?.host ?? LOOPBACK },
    ...{ token: token ?? (tokenFrom === undefined ? undefined : tokenOf(tokenFrom)), tokenFrom, control: control || of?.control === true },
  };
  // Before anything is started: who asked for a page that cannot be is told at once.
  needSafePlace(wanted);
  return wanted;
}
function tokenOf(name: string): string {
  const token = process.env[name];
  if (token) return token;
  throw new TickforgeError("E_PAGE_TOKEN", `page.tokenFrom: the environment has no ${name}, which is to hold the token of the page`, {
    ...{ option: "page.tokenFrom", hint: `${name}="$(openssl rand -hex 16)" before the command, or --token TEXT` },
  });
}
