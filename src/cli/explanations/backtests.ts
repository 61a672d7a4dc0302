import type { Entry } from "./entry.js";

export const backtests: readonly Entry[] = [
  [
    "E_BACKTEST_AHEAD",
    "A run showed a hook, or was about to, what is later than the trader's clock. Every look at the market is held against it.",
    "This is a fault of tickforge: report it, with the recording and the strategy if you can.",
  ],
  [
    "E_BACKTEST_BALANCE",
    "Fills of a run do not add up to its position or its cash, at the venue or as the trader was told them, or are not what their orders asked for.",
    "This is a fault of tickforge: report it, with the recording and the strategy if you can.",
    "failed",
  ],
  [
    "E_BACKTEST_BOOK",
    "The book at which own orders were filled is not the one that was recorded, as it must be since own orders change nothing of it.",
    "This is a fault of tickforge: report it, with the recording and the strategy if you can.",
  ],
  [
    "E_BACKTEST_CLOCK",
    "A row of a recording is more than a minute before a row above it: its clock went back.",
    "Sort the rows by time, the oldest first, or record again.",
  ],
  [
    "E_BACKTEST_DEPTH",
    "The queue model needs a book, or orders by id, and the recording of the instrument has none.",
    "Add a recording of book_changes or quotes, or ask for fills by trades alone: queue 'trades'.",
  ],
  [
    "E_BACKTEST_EARLY",
    "An order was filled before it arrived at the venue, or arrived before it was sent.",
    "This is a fault of tickforge: report it, with the recording and the strategy if you can.",
  ],
  ["E_BACKTEST_EMPTY", "The files hold no row of a market in the time that was asked for.", "Check the files, and from and to."],
  [
    "E_BACKTEST_FILE",
    "A recording has no time or no instrument in its rows, so nobody knows when it was told and of what, or its rows are none of a market by orders.",
    "Give recordings of trades, quotes, book_changes, orders by id, or of what engines made of them by instrument.",
  ],
  [
    "E_BACKTEST_GRID",
    "A recorded price or size is off the tick or lot of its instrument, or has more decimals than any grid.",
    "Give the tick and the lot of the venue by the option instruments.",
  ],
  [
    "E_BACKTEST_LATENCY",
    "So many rows of the market were on their way to the trader at one time that they found no room.",
    "Give a shorter latency.feed, or check the receipts of the recording.",
  ],
  [
    "E_BACKTEST_RECEIVED",
    "Rows are to be told when they were received, and the recording has no column of that.",
    "Record with tickforge record, or give latency.feed as a time or as measured.",
  ],
  [
    "E_BACKTEST_OVERLAP",
    "Two files have rows of the same kind of the same instrument at the same time: each would be met twice.",
    "Give one of them, or cut them so that one begins where the other ends.",
  ],
  [
    "E_STRATEGY",
    "What was given is no strategy: it lacks a name, parameters, or a function begin that gives hooks.",
    "Export what defineStrategy gives as default.",
    "usage",
  ],
  [
    "E_STRATEGY_ASYNC",
    "A hook gave a promise: what comes of it would be later than its time.",
    "Answer at once; read what is needed in begin.",
    "failed",
  ],
  [
    "E_STRATEGY_DIED",
    "The thread in which a run of a sweep was ended with it: the strategy ended its process, or took more memory than there is.",
    "Take process.exit out of the strategy, and keep less in it; the other runs went on.",
    "failed",
  ],
  [
    "E_STRATEGY_FILE",
    "The strategy is none of those that ship, or its module is not there, does not load, or exports no strategy as default.",
    "Name a shipped one, or the file of a module (.js, .mjs, .ts where this Node reads it) that exports what defineStrategy gives as default.",
    "usage",
  ],
  [
    "E_STRATEGY_LATE",
    "The context was used outside of a hook, or behind the end of the run: its time was over.",
    "Call it while a hook runs; a timer wakes the strategy later.",
    "failed",
  ],
  [
    "E_STRATEGY_ORDER",
    "A request itself is wrong: a price or size off the grid, a size not above 0, an instrument or order that is not there.",
    "Round prices to the tick and sizes to the lot of context.instruments; side says whether it is bought or sold.",
    "failed",
  ],
  [
    "E_STRATEGY_THREW",
    "A hook of the strategy threw an error; the run ended there.",
    "The message says when, and the stack where.",
    "failed",
  ],
  [
    "E_STRATEGY_TIME",
    "A hook did not return within the time limit, or was asked without end at one time.",
    "Look for a loop that does not end and for timers that are not later than now; timeLimitSeconds is the limit.",
    "failed",
  ],
];
