/** A venue that says trades as fast as they are read, or one a millisecond with the time at which it was sent: the other end of live.ts. */
import { WebSocketServer } from "ws";

const [mode, count] = [process.argv[2], Number(process.argv[3])];
const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: false });
server.on("listening", () => process.send!((server.address() as { port: number }).port));

const now = Date.now();
const trade = (symbol: string, id: number, size: string): string =>
  `{"stream":"${symbol.toLowerCase()}@trade","data":{"e":"trade","E":${now},"s":"${symbol}","t":${id},"p":"61837.63000000","q":"${size}","T":${now},"m":true,"M":true}}`;

/** A text frame of RFC 6455. */
function frameOf(text: string): Buffer {
  const head = Buffer.from([0x81, 126, text.length >> 8, text.length & 255]);
  return Buffer.concat([head, Buffer.from(text)]);
}

server.on("connection", (client, request) => {
  const socket = request.socket;
  socket.setNoDelay(true);
  const symbol = /streams=(\w+)@/.exec(request.url!)![1]!.toUpperCase();
  if (mode === "paced") {
    let id = 1;
    const timer = setInterval(() => {
      if (id > count) return clearInterval(timer);
      client.send(trade(symbol, id++, String(process.hrtime.bigint())));
    }, 1);
    return;
  }
  // As packets of a busy venue: some messages each. Made before the clock starts.
  const packets: Buffer[] = [];
  for (let id = 1; id <= count; ) {
    const some: Buffer[] = [];
    for (let i = 0; i < 50 && id <= count; i++) some.push(frameOf(trade(symbol, id++, "0.02000000")));
    packets.push(Buffer.concat(some));
  }
  ready++;
  const send = () => {
    for (let packet = packets.shift(); packet; packet = packets.shift()) if (!socket.write(packet)) return void socket.once("drain", send);
  };
  starts.push(send);
  if (ready === Number(process.argv[4])) for (const start of starts) start();
});
let ready = 0;
const starts: (() => void)[] = [];
