/** A TCP proxy that does to a link what networks do. */
import { connect, createServer, type Server, type Socket } from "node:net";

export interface Link {
  readonly port: number;
  /** Where new connections lead: a port of this machine. */
  target: number;
  delayMs: number;
  /** Takes what comes and passes nothing on, without a word. */
  silent: boolean;
  /** Flips a bit of every n-th chunk from the server; 0: none. */
  corruptEvery: number;
  /** Flips a bit, each time elsewhere, of every n-th small chunk from the server: the answers to a publisher; 0: none. */
  corruptAnswers: number;
  /** The answer is lost with its link, every n-th time: what it answers has been done, and is asked for again; 0: never. */
  loseAnswers: number;
  /** A transaction comes to the server a second time, and late, by another link, every n-th time; 0: never. */
  repeat: number;
  /** Answers that were lost, and transactions that came twice. */
  readonly done: { lost: number; repeated: number };
  cut(): void;
  close(): Promise<void>;
}

const isTransaction = (chunk: Buffer): boolean => {
  const text = chunk.toString("latin1");
  return text.startsWith("*1\r\n$5\r\nMULTI\r\n") && text.endsWith("$4\r\nEXEC\r\n");
};

export async function startProxy(target: number): Promise<Link> {
  const pairs = new Set<[Socket, Socket]>();
  let [chunks, answers, requests, replies] = [0, 0, 0, 0];
  const done = { lost: 0, repeated: 0 };
  const again = (chunk: Buffer) => {
    const stray = connect(proxy.target, "127.0.0.1", () => stray.write(chunk));
    // Until it has been answered.
    stray.on("data", () => stray.destroy()).on("error", () => {});
    done.repeated++;
  };
  const server: Server = createServer((near) => {
    const far = connect(proxy.target, "127.0.0.1");
    const pair: [Socket, Socket] = [near, far];
    pairs.add(pair);
    const end = () => {
      near.destroy();
      far.destroy();
      pairs.delete(pair);
    };
    const pass = (to: Socket, chunk: Buffer) => {
      if (proxy.silent) return;
      if (proxy.delayMs > 0) setTimeout(() => to.writable && to.write(chunk), proxy.delayMs);
      else if (to.writable) to.write(chunk);
    };
    near.on("data", (chunk) => {
      if (proxy.repeat > 0 && isTransaction(chunk) && ++requests % proxy.repeat === 0) setTimeout(again, 5, Buffer.from(chunk));
      pass(far, chunk);
    });
    far.on("data", (chunk) => {
      if (proxy.loseAnswers > 0 && ++replies % proxy.loseAnswers === 0) {
        done.lost++;
        end();
        return;
      }
      if (proxy.corruptEvery > 0 && chunk.length > 200 && ++chunks % proxy.corruptEvery === 0) chunk[chunk.length - 100]! ^= 1;
      if (proxy.corruptAnswers > 0 && chunk.length <= 400 && ++answers % proxy.corruptAnswers === 0)
        chunk[(7 * answers) % chunk.length]! ^= 1 << (answers % 7);
      pass(near, chunk);
    });
    for (const one of pair) one.on("error", end).on("close", end);
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const cut = () => {
    for (const [near, far] of pairs) {
      near.destroy();
      far.destroy();
    }
  };
  const proxy: Link = {
    ...{ port: (server.address() as { port: number }).port, target, delayMs: 0, silent: false, corruptEvery: 0, corruptAnswers: 0 },
    ...{ loseAnswers: 0, repeat: 0, done, cut },
    async close() {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return proxy;
}
