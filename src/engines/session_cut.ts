import { firstAtOrAfter, type Sessions } from "../market/sessions.js";

/** Rows [from, to) lie in one session; `restarts`: they are the first of it, and others came before. */
export interface Piece {
  from: number;
  to: number;
  restarts: boolean;
}

/** Cuts the trades of one instrument where sessions end; `own` keeps the end of the present one, in minutes, 0 before there is one. */
export function sessionPieces(sessions: Sessions | undefined, own: Float64Array, time: BigInt64Array, from: number, to: number): Piece[] {
  if (!sessions) return from < to ? [{ from, to, restarts: false }] : [];
  const pieces: Piece[] = [];
  for (let at = from; at < to; ) {
    const { endTime } = sessions.at(time[at]!);
    const end = Number(endTime / 60_000_000_000n);
    const until = firstAtOrAfter(time, endTime, at, to);
    pieces.push({ from: at, to: until, restarts: own[0] !== 0 && own[0] !== end });
    own[0] = end;
    at = until;
  }
  return pieces;
}
