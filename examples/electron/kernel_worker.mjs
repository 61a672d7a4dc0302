/** Takes columns of trades from a port, answers with the buckets that they closed, and gives the columns' memory back. */
import { parentPort } from "node:worker_threads";
import { vpin } from "tickforge";

parentPort.once("message", ({ options, port }) => {
  const live = vpin.stream(options); // goes on from message to message
  port.on("message", (columns) => {
    let answer = {};
    try {
      live.pushBatch(columns);
      live.poll();
      const { vpin: values, cdf } = live.results;
      answer = { vpin: values.slice(), cdf: cdf.slice() }; // the stream goes on with its own arrays
    } catch ({ message, hint }) {
      answer = { error: hint ? `${message}: ${hint}` : message };
    }
    const moved = [...Object.values(columns), ...Object.values(answer)].flatMap(({ buffer }) => buffer ?? []);
    port.postMessage({ ...answer, columns }, moved);
  });
});
