/** What the page's thread is given, and what it says. */
import type { Alarm } from "../series/alarm_log.js";
import type { FileLine, Status } from "../series/wire.js";
import type { LiveJob } from "./live_source.js";
import type { PageOptions } from "./page_server.js";

export interface PageJob {
  readonly of: { readonly live: LiveJob } | { readonly recordings: readonly string[] };
  readonly options: PageOptions;
}
export type ToPage = { readonly kind: "status"; readonly status: Status } | { readonly kind: "close"; readonly ended: boolean };
export type FromPage =
  | { readonly kind: "listens"; readonly url: string }
  | { readonly kind: "files"; readonly files: readonly FileLine[] }
  | { readonly kind: "acknowledged"; readonly alarm: Alarm }
  | { readonly kind: "failed"; readonly error: FailedWith }
  | { readonly kind: "closed" };
export interface FailedWith {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  readonly file?: string;
}
