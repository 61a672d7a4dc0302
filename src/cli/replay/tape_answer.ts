/** What replay has of one tape when it is done, for screen, page and --json. */

import type { Interval } from "../../analysis/toxicity.js";
import type { PageScript } from "../../report/kit/page.js";
import type { TapeResult } from "../../studies/tape/tape.js";
import type { Thin } from "./thin.js";

export interface Answer {
  /** Files as they were named, or what was simulated. */
  title: string;
  files: readonly string[];
  result: TapeResult;
  window: number;
  history: number;
  threshold: number;
  /** VPIN values that are ranked before the first alarm can come. */
  minHistory: number;
  barSeconds: number;
  empty?: "skip" | "emit" | undefined;
  measures?: string | undefined;
  horizonSeconds?: number | undefined;
  session?: string | undefined;
  /** Of the times in the files, where it was said. */
  zone?: string | undefined;
  /** Whether the user chose the bucket volume, and the classification. */
  chosen: { bucketVolume: boolean; classify: boolean };
  truth: readonly Interval[] | undefined;
  seconds: number;
  written: readonly string[];
  /** Undefined where the tape cannot be read again. */
  again: Again | undefined;
}

/** The command line, to be taken further. */
export interface Again {
  command: string;
  /** What the word FILES in it stands for; none where they are named in it. */
  files: readonly string[];
}

/** What its files and pages are made of: every tape of a call. */
export interface Made {
  answers: readonly Answer[];
  leftOut: readonly Thin[];
  commandLine: string;
  version: string;
  /** The script of the page, where one was asked for. */
  own: PageScript | undefined;
}
