/** What is asked of a tape, and what comes of it. */
import type { Batch, Symbols, Topic } from "../../bus/bus.js";
import { DataError } from "../../core/contract/errors.js";
import { type Measure, parseMeasures } from "../../engines/measure_list.js";
import { isQuoteRule, type QuoteRule, type QuoteSummary } from "../../engines/quote_sides.js";
import type { CourseSummary } from "../../engines/trades.js";
import type { Imported, Source, TapeFormat } from "../../importer/importer.js";
import type { TradeColumns } from "../../market/trade_columns.js";
import type { BarFit } from "./bars.js";
import type { BucketBlock } from "./buckets.js";
import type { Choice } from "./choice.js";

export type Classify = "given" | "tick_rule" | "bvc" | QuoteRule;

export interface TapeJob {
  source: Source;
  /** Whether the source can be read again from its beginning. */
  twice: boolean;
  /** Of every instrument; left out: by its trades. */
  bucketVolume?: number | undefined;
  window: number;
  history: number;
  threshold: number;
  /** Earlier VPIN values before the first alarm. */
  minHistory: number;
  /** Left out: given where the source has sides, lee_ready where it has none and quotes are there, else bvc. */
  classify?: Classify | undefined;
  /** Left out: by the tape, or a minute where it cannot be read beforehand. */
  barSeconds?: number | undefined;
  /** Whether bars without trades count in the sigma of bvc, on dates that have some; left out: not. */
  empty?: "skip" | "emit" | undefined;
  /** What is measured beside VPIN, as `--measures` takes it. */
  measures?: string | undefined;
  /** Of realized_spread: seconds to the later quote. */
  horizonSeconds?: number | undefined;
  /** Trading hours, as `--session` takes them. */
  session?: string | undefined;
  /** Whether to look at other bucket sizes and windows too. */
  sensitivity: boolean;
  /** Whether the tape is read again to see what far prices change; left out: it is, where there are some. */
  effect?: boolean | undefined;
  /** Rows of a slot, where the source decides. */
  rowsPerSlot?: number | undefined;
  /** Gets every batch before the kernels do. */
  recorder?: ((topic: Topic<TradeColumns>, symbols: Symbols) => (batch: Batch<TradeColumns>) => void) | undefined;
  onWarning?: ((text: string) => void) | undefined;
}

export interface Sensitivity {
  bucketVolume: number;
  window: number;
  buckets: number;
  alarmRate: number;
}

export interface TapeResult {
  imported: Imported;
  format: TapeFormat;
  classify: Classify;
  /** Of the quotes that sides were taken from. */
  quotes?: QuoteSummary | undefined;
  bucketVolumes: Float64Array;
  /** Why each is so, where it was chosen by the tape. */
  choices: Choice[];
  barSeconds: number;
  /** What was measured beside VPIN. */
  measures: string;
  buckets: BucketBlock;
  /** Bars of each instrument beside its buckets; where sides come from bars. */
  barFits?: readonly BarFit[] | undefined;
  tradesOverOneBucket: number;
  /** Of those trades. */
  volumeOverOneBucket: number;
  /** Of the trades that went through the kernels. */
  course: CourseSummary;
  sensitivity: Sensitivity[];
  passes: 1 | 2;
  /** Trades that went through the kernels; fewer than were read where the run was stopped. */
  taken: number;
  stopped: boolean;
  /** Addresses of the columns of the first slot, as the kernel reads them; where the add-on is loaded. */
  addresses: Record<string, bigint>;
  /** The same tape with prices far off kept, or dropped, where there are some and sides come from prices. */
  otherwise?: Pick<TapeResult, "buckets"> | undefined;
}

/** Those that need quotes. */
const ofQuotes = (measures = "none"): Measure[] => parseMeasures(measures).filter(({ quotes }) => quotes !== undefined);

/** Quotes come from files of their own. */
const joins = (source: Source): boolean => source.kind === "files" && source.options.quotes !== undefined;

/** How sides come of quotes, or what else looks at them: spreads need sides where the tape has none. */
export function sidesFor(classify: Classify, { source, measures = "none" }: TapeJob): QuoteRule | "given" | undefined {
  if (isQuoteRule(classify)) return classify;
  if (classify === "given" && joins(source)) return classify; // to see whether the quotes fit them
  if (ofQuotes(measures).length === 0) return undefined;
  return classify === "given" ? classify : "lee_ready";
}

/** Something needs quotes. */
const needsQuotes = ({ classify, source, measures }: TapeJob): boolean =>
  isQuoteRule(classify) || ofQuotes(measures).length > 0 || joins(source) || (source.kind === "files" && source.options.bid !== undefined);

/** Whether slots hold quotes from the beginning; of a recording they hold what it holds. */
export const asksForQuotes = (job: TapeJob): boolean => (job.source.kind === "recording" ? job.source.quotes === true : needsQuotes(job));

/** Found in the file and not asked for: to take sides from, or to be kept with the trades. */
export function wantsQuotes({ twice, classify, recorder }: TapeJob, { hasSides, hasQuotes, barSeconds }: TapeFormat): boolean {
  return hasQuotes === true && barSeconds === undefined && twice && ((!hasSides && classify === undefined) || recorder !== undefined);
}

/** Bars say what buyers took of them, and nothing else was asked for: slots must have room for it. */
export const wantsBought = ({ twice, classify }: TapeJob, { hasBought }: TapeFormat): boolean =>
  hasBought === true && twice && (classify === undefined || classify === "given");

/** Refuses what needs quotes where there are none. */
export function needQuotes(job: TapeJob, { text, hasQuotes, hasQuoteSizes }: TapeFormat): void {
  const { classify, source, measures } = job;
  const [measure] = ofQuotes(measures);
  const sized = ofQuotes(measures).find(({ quotes }) => quotes === "order_flow_imbalance");
  if (hasQuotes && sized && !hasQuoteSizes)
    throw new DataError("E_NO_QUOTES", `measure ${sized.name} needs the sizes of the quotes, and there are none: ${text}`, {
      hint: "name their columns: --bid-size COL --ask-size COL",
    });
  if (hasQuotes || !needsQuotes(job)) return;
  const asked = measure ? `measure ${measure.name} needs quotes` : "quotes were asked for";
  const who = isQuoteRule(classify) ? `--classify ${classify} takes sides from quotes` : asked;
  const hint = source.kind === "files" ? "name the columns of a bid and an ask: --bid COL --ask COL" : "replay a file that has quotes";
  throw new DataError("E_NO_QUOTES", `${who}, and there are none: ${text}`, { hint });
}
