/** A venue that says trades as fast as they are read, or one a millisecond with the time at which it was sent: the other end of live.ts. */
import { WebSocketServer } from "ws";

const [mode, count, connections, warm] = [process.argv[2], ...process.argv.slice(3).map(Number)] as [string, number, number, number];
const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: false });
server.on("listening", () => process.send!((server.address() as { port: number }).port));

const now = Date.now();
/** What takes the place of the size where the time of sending is to stand: as many digits as nanoseconds since the start of the machine have at most. */
const blank = "0".repeat(19);
const trade = (symbol: string, id: number, size: string): string =>
  `{"stream":"${symbol.toLowerCase()}@trade","data":{"e":"trade","E":${now},"s":"${symbol}","t":${id},"p":"61837.63000000","q":"${size}","T":${now},"m":true,"M":true}}`;

/** A text frame of RFC 6455. */
function frameOf(text: string): Buffer {
  const head = Buffer.from([0x81, 126, text.length >> 8, text.length & 255]);
  return Buffer.concat([head, Buffer.from(text)]);
}
/** As packets of a busy venue: some messages each. */
function packetsOf(symbol: string, from: number, to: number): Buffer[] {
  const packets: Buffer[] = [];
  for (let id = from; id <= to; ) {
    const some: Buffer[] = [];
    for (let i = 0; i < 50 && id <= to; i++) some.push(frameOf(trade(symbol, id++, "0.02000000")));
    packets.push(Buffer.concat(some));
  }
  return packets;
}

const starts: (() => void)[] = [];
server.on("connection", (_, request) => {
  const socket = request.socket;
  socket.setNoDelay(true);
  const symbol = /streams=(\w+)@/.exec(request.url!)![1]!.toUpperCase();
  const say = (packets: Buffer[], then = () => {}) => {
    for (let packet = packets.shift(); packet; packet = packets.shift())
      if (!socket.write(packet)) return void socket.once("drain", () => say(packets, then));
    then();
  };
  if (mode === "paced") {
    let id = warm + 1;
    // The message is ready before its time is written into it: nothing but the write lies between that and the socket.
    const next = () => {
      const frame = frameOf(trade(symbol, id++, blank));
      return { frame, at: frame.indexOf(blank) };
    };
    let { frame, at } = next();
    const pace = () => {
      const timer = setInterval(() => {
        frame.write(String(process.hrtime.bigint()).padStart(blank.length, "0"), at, "latin1");
        socket.write(frame);
        if (id > warm + count) return clearInterval(timer);
        ({ frame, at } = next());
      }, 1);
    };
    return say(packetsOf(symbol, 1, warm), () => setTimeout(pace, 200));
  }
  // Made before the clock starts.
  const packets = packetsOf(symbol, 1, count);
  starts.push(() => say(packets));
  if (starts.length === connections) for (const start of starts) start();
});
