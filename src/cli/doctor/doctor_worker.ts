/** Loads the add-on in a thread of its own and runs one kernel there. */
import { parentPort } from "node:worker_threads";
import { loadAddon } from "../../addon/addon.js";
import { install } from "../../backends/index.js";
import { bucketVpin } from "../../kernels/flow/toxicity/bucket_vpin.js";

install();
const { addon, cause } = loadAddon();
const answer = () => {
  if (!addon) return cause;
  if (!addon.rows.some((row) => row.name === "bucket_vpin")) return "ok";
  const { vpin } = bucketVpin({ buy: Float64Array.of(3, 1), sell: Float64Array.of(1, 3) }, { window: 2 }, { backend: "native" });
  return vpin[1] === 0.5 ? "ok" : `a kernel said ${vpin[1]} instead of 0.5`;
};
parentPort!.postMessage(answer());
