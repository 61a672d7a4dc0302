/** The page's end in the thread that starts it. */
import { Worker } from "node:worker_threads";
import { TickforgeError } from "../../core/contract/errors.js";
import type { Alarm } from "../series/alarm_log.js";
import type { FileLine, Status } from "../series/wire.js";
import type { FailedWith, FromPage, PageJob, ToPage } from "./page_job.js";

/** A page's server that ends late ends without a goodbye. */
const CLOSE_MS = 1500;

export interface Page {
  readonly url: string;
  /** Of recordings, as of the last look. */
  readonly files: readonly FileLine[];
  hear(status: Status): void;
  /** Settles with why, should its thread end by itself. */
  readonly failed: Promise<Error>;
  /** `ended`: what it shows has come to its end. */
  close(ended: boolean): Promise<void>;
}

export function startPage(
  job: PageJob,
  onFiles: (files: readonly FileLine[]) => void = () => {},
  onAcknowledged: (words: string) => void = () => {},
): Promise<Page> {
  const worker = new Worker(new URL("./page_worker.js", import.meta.url), { workerData: job, name: "page" });
  let files: readonly FileLine[] = [];
  const closed = new Promise<void>((resolve) => {
    worker.on("message", (told: FromPage) => told.kind === "closed" && resolve());
    worker.on("exit", () => resolve());
  });
  const failed = new Promise<Error>((resolve) => worker.on("error", resolve));
  const tell = (told: ToPage) => worker.postMessage(told);
  return new Promise((resolve, reject) => {
    worker.on("error", reject);
    worker.on("message", (told: FromPage) => {
      if (told.kind === "failed") {
        void worker.terminate();
        reject(revive(told.error));
      }
      if (told.kind === "acknowledged") onAcknowledged(wordsOf(told.alarm));
      if (told.kind === "files") onFiles((files = told.files));
      if (told.kind !== "listens") return;
      resolve({
        url: told.url,
        failed,
        get files() {
          return files;
        },
        hear: (status) => tell({ kind: "status", status }),
        async close(ended) {
          tell({ kind: "close", ended });
          let late: NodeJS.Timeout | undefined;
          await Promise.race([closed, new Promise((then) => (late = setTimeout(then, CLOSE_MS)))]);
          clearTimeout(late);
          await worker.terminate();
        },
      });
    });
  });
}

/** For a log. */
const wordsOf = ({ of, topic, row, from, acknowledged }: Alarm): string =>
  `alarm of ${of}, row ${row} of ${topic}, raised ${new Date(from).toISOString()}, acknowledged by ${acknowledged!.by}${acknowledged!.note ? `: ${acknowledged!.note}` : ""}`;

const revive = ({ code, message, ...more }: FailedWith): Error => new TickforgeError(code, message, more);
