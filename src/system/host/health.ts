/** The board as engines are shown it. */
import type { EngineHealth } from "../kit/engine.js";
import type { Plan } from "../plan/plan.js";
import { type Board, quantileUs } from "./board.js";

export function healthOf({ engines, topics }: Plan, board: Board): () => readonly EngineHealth[] {
  const boards = engines.map((_, i) => board.of(i));
  /** Board of each topic's giver, and the topic's place on it. */
  const givers = new Map(
    topics.map(({ topic: { name }, giver }) => {
      const index = engines.findIndex((one) => one.name === giver);
      return [name, { of: boards[index], at: engines[index]?.gives.findIndex(({ topic }) => topic === name) ?? -1 }];
    }),
  );
  return () =>
    engines.map(({ name, takes }, i) => {
      const of = boards[i]!;
      let lag = 0;
      for (const [input, { topic }] of takes.entries()) {
        const giver = givers.get(topic);
        const position = of.positionOf(input);
        if (giver?.of && giver.at >= 0 && position !== undefined) lag += Math.max(0, giver.of.digestOf(giver.at).rows - position);
      }
      const latencies = of.latencies();
      return {
        ...{ name, state: of.state, lag, taken: of.get("taken"), given: of.get("given"), refused: of.get("refused"), lost: of.get("lost") },
        ...{ memoryBytes: of.get("memory"), begun: of.get("begun"), p50Us: quantileUs(latencies, 0.5), p99Us: quantileUs(latencies, 0.99) },
      };
    });
}
