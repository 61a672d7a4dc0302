/** How often a tape alarms with other bucket sizes and windows. */
import { alarmRate } from "../../analysis/toxicity.js";
import { Alarms } from "../../engines/alarms.js";
import { States } from "../../engines/states.js";
import { bucketVpin } from "../../kernels/flow/toxicity/bucket_vpin.js";
import { vpinCdf } from "../../kernels/flow/toxicity/vpin_cdf.js";
import { type BucketBlock, bucketsByInstrument } from "./buckets.js";
import type { Sensitivity, TapeJob } from "./tape_job.js";

/** Of the bucket volume of the first; the sizes that run beside each other. */
export const sizeFactors = [1, 0.5, 2] as const;

/** Three sizes ran beside each other, in the order of their factors; other windows follow from their buckets. */
export function sensitivityOf(
  { window, history, threshold, minHistory }: TapeJob,
  blocks: readonly BucketBlock[],
  bucketVolumes: Float64Array,
): Sensitivity[] {
  const id = mostBuckets(blocks[0]!, bucketVolumes.length);
  const sizes = [1, 0, 2].map((i) => ({ block: blocks[i]!, factor: sizeFactors[i]! }));
  const windows = [Math.max(1, Math.round(window / 2)), window, 2 * window];
  return sizes.flatMap(({ block, factor }) => {
    const { buy, sell } = bucketsByInstrument(block, bucketVolumes.length)[id]!;
    return windows.map((wide) => {
      const { vpin } = bucketVpin({ buy, sell }, { window: wide });
      const { cdf } = vpinCdf({ vpin }, { history: Math.max(1, history) });
      const alarms = new Alarms({ threshold, minHistory, history }, 1, new States());
      const alarm = Uint8Array.from(vpin, (value, i) => alarms.next(0, value, cdf[i]!));
      return { bucketVolume: factor * bucketVolumes[id]!, window: wide, buckets: buy.length, alarmRate: alarmRate({ cdf, alarm }) };
    });
  });
}

/** The instrument that sensitivity is about. */
function mostBuckets({ instrument }: BucketBlock, instruments: number): number {
  const counts = new Float64Array(instruments);
  for (const id of instrument) counts[id]!++;
  return counts.indexOf(counts.reduce((a, b) => Math.max(a, b), 0));
}
