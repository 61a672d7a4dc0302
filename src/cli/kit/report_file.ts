/** A file as pages name it: what was read, to the byte. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { statOf } from "../../files/bytes/source.js";
import type { ReportFile } from "../../report/kit/page.js";

export async function reportFile(name: string, format: string): Promise<ReportFile> {
  if (!statOf(name)?.isFile()) return { name: name === "-" ? "stdin" : name, sha256: "not known: a pipe", format };
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(name, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return { name, sha256: hash.digest("hex"), format };
}
