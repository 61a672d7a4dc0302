/** A whole tape, from its source to its buckets: one pass where that is enough, two where the volume must be known first. */

import { addressOf } from "../../addon/addon.js";
import type { Subscription, Topic } from "../../bus/bus.js";
import { createRing, type Ring } from "../../bus/ring/ring.js";
import { TickforgeError } from "../../core/contract/errors.js";
import { parseMeasures } from "../../engines/measure_list.js";
import { QuoteSides } from "../../engines/quote_sides.js";
import { Course, type TradeBatch, tradesTopic } from "../../engines/trades.js";
import { type Imported, Importer, type TapeFormat } from "../../importer/importer.js";
import { barLengths } from "../../importer/shape.js";
import { Sessions } from "../../market/sessions.js";
import type { TradeColumns } from "../../market/trade_columns.js";
import { type BarFit, BarsToxicity } from "./bars.js";
import { chooseForBars, refuseForBars } from "./bars_of_file.js";
import type { BucketBlock } from "./buckets.js";
import { type Choice, chooseBars, chooseBucket, refuseThin, refuseVast } from "./choice.js";
import { jobOtherwise } from "./otherwise.js";
import { sensitivityOf, sizeFactors } from "./sensitivity.js";
import { asksForQuotes, type Classify, needQuotes, sidesFor, type TapeJob, type TapeResult, wantsBought, wantsQuotes } from "./tape_job.js";
import { follow, Toxicity } from "./toxicity.js";

export type { Sensitivity, TapeJob, TapeResult } from "./tape_job.js";

const minute = 60;
const noShape = { typicalTrade: 0, typicalBars: barLengths.map(() => 0), days: 0 };

/** 256 slots hold four million trades; a file of up to so many is read once even where its volume must be known first. */
const slotsHeld = 256;
const slotsFlowing = 64;

interface Measure {
  take(batch: TradeBatch): unknown;
  finish?(): void;
  readonly addresses?: Record<string, bigint>;
  readonly barFits?: readonly BarFit[];
  readonly buckets: { rows: number; view(): BucketBlock };
}

export class Tape {
  phase: "measuring" | "reading" = "reading";
  private stopped = false;
  private importer: Importer | undefined;
  private subscription: Subscription<TradeColumns> | undefined;
  private failed = false;
  private passes: 1 | 2 = 1;
  private beside: Tape | undefined;
  private taken = 0;
  private over = 0;
  private overVolume = 0;
  /** Whether slots hold the quotes beside the trades. */
  private quoted: boolean;
  /** Whether they hold what buyers took of bars. */
  private bought = false;

  constructor(private readonly job: TapeJob) {
    this.quoted = asksForQuotes(job);
  }

  progress(): ReturnType<Importer["progress"]> {
    return (this.beside ?? this.importer)?.progress() ?? { bytes: 0, totalBytes: 0, rows: 0 };
  }

  /** Ends the run after the batch in hand; run() then resolves with what there is. */
  stop(): void {
    this.stopped = true;
    this.importer?.stop();
    this.beside?.stop();
  }

  async run(): Promise<TapeResult> {
    try {
      let ring = this.open(slotsHeld, true);
      let format = await this.importer!.format;
      const quoted = this.quoted || wantsQuotes(this.job, format);
      const bought = wantsBought(this.job, format);
      if (quoted !== this.quoted || bought) {
        const without = this.importer!;
        Object.assign(this, { quoted, bought });
        ring = this.open(slotsHeld, true);
        await without.close();
        format = await this.importer!.format;
      }
      if (format.barSeconds === undefined) needQuotes(this.job, format);
      let totals: Imported | undefined;
      if (this.job.bucketVolume === undefined || format.hasSymbols || this.asksForBars(format)) {
        this.phase = "measuring";
        totals = await this.measure();
        if (this.passes === 2 && !this.stopped) {
          await this.importer!.close();
          ring = this.open(slotsFlowing, false);
        }
        this.phase = "reading";
      }
      const result = await this.compute(ring, format, totals);
      await this.importer!.close();
      return { ...result, otherwise: await this.otherwise(result) };
    } finally {
      await this.importer?.close();
    }
  }

  /** What such prices change: a tape of its own, which Ctrl-C ends too. */
  private async otherwise(result: TapeResult): Promise<TapeResult["otherwise"]> {
    const job = this.stopped ? undefined : jobOtherwise(this.job, result);
    if (!job) return undefined;
    this.beside = new Tape(job);
    const { buckets, stopped } = await this.beside.run();
    return stopped || this.stopped ? undefined : { buckets };
  }

  /** Whether the length of bars is to be found by the tape: sides come from bars, or something is measured of them. */
  private asksForBars(format: TapeFormat): boolean {
    const { barSeconds, twice, measures = "none" } = this.job;
    const classify = this.classify(format);
    return barSeconds === undefined && twice && (classify === "bvc" || parseMeasures(measures).some(({ clock }) => clock === "bar"));
  }

  /** Quotes that stand in a slot are as good as sides, for who has none. */
  private classify({ hasSides, barSeconds }: TapeFormat): Classify {
    if (barSeconds !== undefined) return this.bought ? "given" : "bvc";
    return this.job.classify ?? (hasSides ? "given" : this.quoted ? "lee_ready" : "bvc");
  }

  private open(slots: number, announceFull: boolean): Ring<TradeColumns> {
    const { source, onWarning } = this.job;
    const topic = tradesTopic({ slots, rows: this.job.rowsPerSlot, quotes: this.quoted, bought: this.bought }) as Topic<TradeColumns>;
    const ring = createRing(topic, { addressOf: (view) => addressOf(view) ?? 0n });
    this.subscription = ring.subscribe();
    // A warning of the first pass would come again in the second.
    const importer = new Importer(ring, source, announceFull, announceFull ? onWarning : undefined);
    this.importer = importer;
    // A reader that failed before it opened the ring would be waited for; one that was left for another is not.
    importer.end.catch(() => {
      if (this.importer === importer) this.failed = true;
    });
    return ring;
  }

  /** The volume of each instrument. The ring keeps what is read for the kernels; where it gets full, the source is read to its end and then again. */
  private async measure(): Promise<Imported> {
    const importer = this.importer!;
    const first = await Promise.race([importer.end, importer.full]);
    if (first !== "full") return first;
    if (!this.job.twice)
      throw new TickforgeError("E_TWO_PASSES", "this source can be read only once, and its volume and instruments must be known first", {
        hint: "write it to a file, or leave out --bucket-volume: it is then kept in a temporary file",
      });
    this.passes = 2;
    this.subscription!.close();
    return importer.end;
  }

  private async compute(ring: Ring<TradeColumns>, format: TapeFormat, totals: Imported | undefined): Promise<TapeResult> {
    const { job } = this;
    const ofFile = format.barSeconds !== undefined;
    if (ofFile) refuseForBars(job, format, this.bought);
    const classify = this.classify(format);
    const rule = ofFile ? undefined : sidesFor(classify, job);
    const sides = rule && new QuoteSides(rule);
    const asked = ofFile ? "none" : (job.measures ?? "none");
    const choices = this.choices(totals, classify, ofFile);
    const bucketVolumes = this.bucketVolumes(totals, choices);
    const barSeconds = format.barSeconds ?? this.barSeconds(totals, bucketVolumes);
    const measures = this.measures(classify, bucketVolumes, barSeconds, asked, ofFile);
    const record = job.recorder?.(ring.topic, this.subscription!.symbols);
    const course = new Course(this.sessions());
    const take = (batch: TradeBatch) => {
      course.take(batch.columns, batch.rows);
      this.look(batch, bucketVolumes);
      record?.(batch);
      const signed = sides?.take(batch) ?? batch;
      for (const measure of measures) measure.take(signed);
      this.taken += batch.rows;
    };
    await follow(this.subscription!, take, () => this.stopped || this.failed);
    const imported = await this.importer!.end;
    if (!this.stopped) for (const measure of measures) measure.finish?.();
    const buckets = measures[0]!.buckets.view();
    const { passes, taken, stopped, over: tradesOverOneBucket, overVolume: volumeOverOneBucket } = this;
    const { addresses = {}, barFits } = measures[0]!;
    const sensitivity =
      job.sensitivity && !stopped
        ? sensitivityOf(
            job,
            measures.map(({ buckets }) => buckets.view()),
            bucketVolumes,
          )
        : [];
    const facts = {
      imported,
      course: course.summary(),
      format,
      quotes: sides?.summary(),
      tradesOverOneBucket,
      volumeOverOneBucket,
      passes,
      taken,
      stopped,
      addresses,
    };
    return { ...facts, measures: asked, classify, bucketVolumes, choices, barSeconds, barFits, buckets, sensitivity };
  }

  private choices(totals: Imported | undefined, classify: TapeResult["classify"], ofFile: boolean): Choice[] {
    const { bucketVolume, window } = this.job;
    if (bucketVolume !== undefined || !totals || this.stopped) return [];
    const { volumes, counts, shapes } = totals;
    refuseVast(volumes);
    const choose = ofFile ? chooseForBars : chooseBucket;
    const choices = volumes.map((volume, id) =>
      choose({ volume, trades: counts[id]!, shape: shapes[id] ?? noShape, window, byBars: ofFile || classify === "bvc" }),
    );
    refuseThin(choices, counts, window, ofFile ? "bars" : "trades");
    return choices;
  }

  private barSeconds(totals: Imported | undefined, bucketVolumes: Float64Array): number {
    const { volumes = [], shapes = [] } = totals ?? {};
    const largest = volumes.indexOf(Math.max(...volumes));
    const shape = shapes[largest];
    return this.job.barSeconds ?? (shape ? chooseBars(bucketVolumes[largest]!, shape) : minute);
  }

  private bucketVolumes(totals: Imported | undefined, choices: readonly Choice[]): Float64Array {
    const { bucketVolume } = this.job;
    const volumes = totals?.volumes.length ? totals.volumes : [0];
    // An instrument without volume gets no bucket, whatever its size.
    return Float64Array.from(volumes, (_, id) => bucketVolume ?? choices[id]?.bucketVolume ?? 1);
  }

  private measures(
    classify: TapeResult["classify"],
    bucketVolumes: Float64Array,
    barSeconds: number,
    asked: string,
    ofFile: boolean,
  ): Measure[] {
    const { window, history, threshold, minHistory, sensitivity, session, empty, horizonSeconds } = this.job;
    return (sensitivity ? sizeFactors : [1]).map((factor) => {
      const usual = {
        bucketVolumes: bucketVolumes.map((volume) => factor * volume),
        window,
        history,
        threshold,
        minHistory,
        barSeconds,
        horizonSeconds,
      };
      const measures = factor === 1 ? asked : "none";
      if (classify !== "bvc" && !ofFile)
        return new Toxicity({ ...usual, classify: classify === "tick_rule" ? classify : "given", measures, session });
      return new BarsToxicity({
        ...usual,
        empty,
        measures: parseMeasures(measures),
        sessions: this.sessions(),
        ofFile,
        given: this.bought,
      });
    });
  }

  private sessions(): Sessions | undefined {
    return this.job.session === undefined ? undefined : new Sessions(this.job.session);
  }

  private look(batch: TradeBatch, bucketVolumes: Float64Array): void {
    const { rows } = batch;
    const { size, instrument } = batch.columns;
    for (let i = 0; i < rows; i++) {
      if (!(size[i]! > bucketVolumes[instrument[i]!]!)) continue;
      this.over++;
      this.overVolume += size[i]!;
    }
  }
}
