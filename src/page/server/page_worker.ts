/** The thread of the page: what it reads, draws and sends costs the system none of its own threads' time. */
import { parentPort, workerData } from "node:worker_threads";
import { install } from "../../backends/index.js";
import { TickforgeError } from "../../core/contract/errors.js";
import { checksum } from "../../engines/checksum.js";
import { LiveSource } from "./live_source.js";
import type { FromPage, PageJob, ToPage } from "./page_job.js";
import { PageServer } from "./page_server.js";
import { RecordingSource } from "./recording_source.js";

install(); // a thread has its own backends: without this checksums of recordings would be those of the reference

const port = parentPort!;
const { of, options } = workerData as PageJob;
const say = (told: FromPage) => port.postMessage(told);

try {
  const live = "live" in of ? new LiveSource(of.live) : undefined;
  const source =
    live ?? new RecordingSource((of as { recordings: readonly string[] }).recordings, (files) => say({ kind: "files", files }));
  const server = new PageServer(source, options, checksum(), (alarm) => say({ kind: "acknowledged", alarm }));
  const url = await server.listen();
  port.on("message", (told: ToPage) => {
    if (told.kind === "status") live?.hear(told.status);
    if (told.kind !== "close") return;
    if (told.ended) live?.end();
    void server.close().then(() => {
      say({ kind: "closed" });
      port.close();
    });
  });
  say({ kind: "listens", url });
} catch (error) {
  const known = error instanceof TickforgeError ? error : undefined;
  const [hint, file] = [known?.hint, known?.file];
  const { message } = error as Error;
  say({
    kind: "failed",
    error: { code: known?.code ?? "E_PAGE", message, ...(hint !== undefined && { hint }), ...(file !== undefined && { file }) },
  });
}
