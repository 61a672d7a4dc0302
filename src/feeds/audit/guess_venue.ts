/** Which venue's messages these are, and of which symbols: by how many of them its rules read. */
import { rowKinds } from "../../files/frames/frame_rows.js";
import { FrameParser } from "../kit/frame_parser.js";
import type { Venue } from "../kit/venue.js";

/** Symbols as messages name them: by key, or as the last of an array. */
const names = /"(?:s|product_id|symbol|pair)"\s*:\s*"([^"\\]{1,255})"|,\s*"([^"\\]{1,255}\/[^"\\]{1,255})"\]\s*$/g;
const mostSymbols = 4096;

export function symbolsIn(frame: Uint8Array, into: Set<string>): void {
  const text = Buffer.from(frame.buffer, frame.byteOffset, frame.length).toString("latin1");
  for (const [, keyed, last] of text.matchAll(names)) if (into.size < mostSymbols) into.add((keyed ?? last)!);
}

/** Undefined where none reads any. A frame that fits a rule and is refused speaks against the venue. */
export function guessVenue(venues: readonly Venue[], frames: readonly Uint8Array[], symbols: readonly string[]): Venue | undefined {
  let best: { venue: Venue; points: number } | undefined;
  for (const venue of venues) {
    const parser = new FrameParser(venue, symbols);
    let points = 0;
    const run = () =>
      parser.run(({ kind, state }, count) => {
        for (let row = 0; row < count; row++) {
          if (!(state[row]! & 1)) continue;
          if (kind[row] === rowKinds.refused) points -= 10;
          else if (kind[row] !== rowKinds.notice) points++;
        }
      });
    for (const frame of frames)
      if (!parser.push(frame, 0n)) {
        run();
        parser.push(frame, 0n);
      }
    run();
    if (points > (best?.points ?? 0)) best = { venue, points };
  }
  return best?.venue;
}
