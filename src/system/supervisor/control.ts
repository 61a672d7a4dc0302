/** How other processes of this user ask a running system: one line of JSON, one line back, over a socket. */
import * as fs from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { TickforgeError } from "../../core/contract/errors.js";

export type Ask = { readonly ask: "status" } | { readonly ask: "down" };
const mostBytes = 64 * 2 ** 10;

export function serve(path: string, answer: (ask: Ask) => unknown): Promise<Server> {
  const isFile = process.platform !== "win32"; // there a pipe, which others of the machine may read and not ask
  if (isFile) fs.rmSync(path, { force: true });
  const server = createServer((socket) => {
    let text = "";
    socket.setEncoding("utf8");
    socket.on("error", () => {});
    socket.on("data", (part: string) => {
      text += part;
      const end = text.indexOf("\n");
      if (end < 0 && text.length > mostBytes) socket.destroy();
      if (end < 0) return;
      let said: unknown;
      try {
        said = answer(JSON.parse(text.slice(0, end)) as Ask);
      } catch (error) {
        said = { error: (error as Error).message };
      }
      socket.end(`${JSON.stringify(said)}\n`);
    });
  });
  return new Promise((resolve, reject) => {
    server.once("error", (cause) =>
      reject(
        new TickforgeError("E_SYSTEM_FOLDER", `${path}: the socket that status and down ask over cannot be made: ${cause.message}`, {
          ...{ file: path, cause, hint: "see that this user may write to its folder" },
        }),
      ),
    );
    server.listen(path, () => {
      if (isFile) fs.chmodSync(path, 0o600);
      server.unref();
      resolve(server);
    });
  });
}

export function request<T>(path: string, ask: Ask, timeoutMs = 5000): Promise<T> {
  return new Promise((resolve, reject) => {
    const silent = (why: string, cause?: unknown) =>
      reject(
        new TickforgeError("E_SYSTEM_SILENT", `the system does not answer: ${why}`, {
          ...{ file: path, cause },
          hint: "it may be starting or going down: ask again, or end its process",
        }),
      );
    let text = "";
    const socket = connect(path, () => socket.write(`${JSON.stringify(ask)}\n`));
    socket.setEncoding("utf8").setTimeout(timeoutMs, () => {
      socket.destroy();
      silent(`nothing within ${timeoutMs} ms`);
    });
    socket.on("data", (part: string) => {
      text += part;
    });
    socket.on("error", (cause) => silent(cause.message, cause));
    socket.on("end", () => {
      try {
        resolve(JSON.parse(text) as T);
      } catch (cause) {
        silent("its answer is not whole", cause);
      }
    });
  });
}
