/** What every page says of the files behind it. */
/** A file that went into the report. */
export interface ReportFile {
  name: string;
  /** Lower-case hexadecimal. */
  sha256: string;
  /** As it was detected or told, in words: "binance spot trades, no header, time in us (detected)". */
  format: string;
}
