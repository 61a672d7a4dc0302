/** A field of a line, as text. */
/** `start` and `end` in the line; one character for each byte. */
export interface Field {
  start: number;
  end: number;
}
