/** Bytes read from the disk or pipe of `total`, which a pipe does not tell. */
export interface Progress {
  file: string;
  read: number;
  total: number | undefined;
}
