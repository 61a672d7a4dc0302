import { notice, unknown } from "./said.js";
import type { Notice, Venue } from "./venue.js";

/** What a frame that fits no rule says; the parser has found that it is JSON. */
export function hear(venue: Pick<Venue, "notice">, frame: Uint8Array): Notice {
  let message: unknown;
  try {
    message = JSON.parse(Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength).toString("utf8"));
  } catch {
    return unknown;
  }
  // A request for what is no longer there is answered so.
  if (Array.isArray(message) && message.length === 0) return notice("ignored", { text: "an empty list" });
  return venue.notice(message);
}
