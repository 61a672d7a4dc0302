"use client";
import { useEffect, useMemo, useState } from "react";
import { loadWasm } from "tickforge/browser";
import { simulatedTrades, toxicityOf, tradesOf } from "./tape.js";

const [width, height] = [800, 240];

/** VPIN as a line, from 0 to 1; no line where the window is not full yet. */
function Line({ values }) {
  const points = Array.from(values, (value, i) => [(i / values.length) * width, height * (1 - value)]).filter(([, y]) =>
    Number.isFinite(y),
  );
  return (
    <svg
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label="VPIN by bucket, from 0 to 1"
      style={{ width: "100%", border: "1px solid #bbb" }}
    >
      <polyline
        points={points.map((point) => point.map((one) => one.toFixed(1)).join(",")).join(" ")}
        fill="none"
        stroke="#06c"
        strokeWidth="1.5"
      />
    </svg>
  );
}

export function Toxicity() {
  const [backend, setBackend] = useState();
  const [trades, setTrades] = useState();
  const [buckets, setBuckets] = useState(500);
  const [wrong, setWrong] = useState("");

  useEffect(() => {
    loadWasm({ families: ["flow"] }) // one module of 89 kB, which the bundler has put among the page's files
      .then(() => setBackend("WebAssembly"))
      .catch((error) => setBackend(`the reference, since ${error.message}`))
      .finally(() => setTrades(simulatedTrades()));
  }, []);
  const answer = useMemo(() => trades && toxicityOf(trades, buckets), [trades, buckets]);

  async function take({ target: { files } }) {
    try {
      const read = tradesOf(await files[0].text());
      toxicityOf(read, buckets); // what no kernel takes is told here, and the trades before stay
      setTrades(read);
      setWrong("");
    } catch (error) {
      setWrong(error.message);
    }
  }

  return (
    <>
      <p>
        <label>
          Trades (CSV; they stay on this machine) <input type="file" accept=".csv,text/csv" onChange={take} />
        </label>
      </p>
      <p>
        <label>
          Buckets{" "}
          <input type="range" min="50" max="2000" step="50" value={buckets} onChange={(event) => setBuckets(Number(event.target.value))} />{" "}
          {buckets}
        </label>
      </p>
      {wrong && <p role="alert">Not read: {wrong}. What is below is of the trades before.</p>}
      {answer && (
        <>
          <Line values={answer.values} />
          <p id="answer">
            {answer.trades.toLocaleString("en-US")} trades, VPIN of the last bucket {answer.values.at(-1).toFixed(3)}, computed in{" "}
            {answer.milliseconds.toFixed(1)} ms by {backend}.
          </p>
        </>
      )}
    </>
  );
}
