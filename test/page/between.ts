/** What stands between a browser and its server, as a proxy does: it may hold back what comes, and the end of it. */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

export interface Between {
  readonly url: string;
  /** Nothing that the server says gets through. */
  deaf: boolean;
  /** Ends all connections. */
  cut(): void;
  close(): void;
}

/** `endMs`: so long it is silent about a server's end. */
export async function between(to: string, endMs = 0): Promise<Between> {
  const open = new Set<Socket>();
  const listener = createServer((socket) => {
    const server = connect(Number(new URL(to).port), "127.0.0.1");
    open.add(socket);
    socket.on("data", (bytes) => server.write(bytes)).on("error", () => {});
    socket.on("close", () => open.delete(socket) && server.destroy());
    server.on("data", (bytes) => one.deaf || socket.write(bytes)).on("error", () => {});
    server.on("close", () => setTimeout(() => socket.destroy(), endMs));
  });
  await once(listener.listen(0, "127.0.0.1"), "listening");
  const one: Between = {
    url: `http://127.0.0.1:${(listener.address() as AddressInfo).port}/`,
    deaf: false,
    cut() {
      for (const socket of open) socket.destroy();
    },
    close() {
      one.cut();
      listener.close();
    },
  };
  return one;
}
