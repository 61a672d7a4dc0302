import type { Entry } from "./entry.js";

export const gateway: readonly Entry[] = [
  ["E_PAGE", "The page's thread has failed for a reason that is not one of its own.", "The message has the reason.", "failed"],
  ["E_PAGE_BUNDLED", "The files that the page is made of are not beside the program.", "Leave tickforge out of the bundle (external)."],
  ["E_PAGE_EMPTY", "The folder to be shown holds no recording.", "Recordings end in .tfr.", "badData"],
  [
    "E_PAGE_TOKEN",
    "The page was to take acknowledgements of alarms, or its token was to come from the environment, and there is no token.",
    "Pass --token TEXT, set the variable that the system file names, or leave --control out.",
    "usage",
  ],
  ["E_PAGE_TOPIC", "Two recordings to be shown are of the same topic.", "Show one of them at a time.", "badData"],
  [
    "E_PORT",
    "The port of the gateway, or of the page, is taken, or this user may not listen on it.",
    "End what listens there, or choose another port, or 0 for one that is free.",
  ],
  [
    "E_GATEWAY_TOKEN",
    "A gateway that others can reach was given no token.",
    "Pass a long random text as the token, or listen on 127.0.0.1.",
    "usage",
  ],
  [
    "E_GATEWAY_OPTION",
    "An option of the gateway is unknown or outside its range.",
    "The message names the option and what it may be.",
    "usage",
  ],
  [
    "E_GATEWAY_MESSAGE",
    "A client sent something that is no message of the gateway.",
    'Send JSON such as {"subscribe":"toxicity"}; docs/gateway.md lists what there is.',
  ],
  ["E_GATEWAY_TOPIC E_GATEWAY_INSTRUMENT", "A client asked for a topic or an instrument that is not there.", "GET /topics lists both."],
  ["E_GATEWAY_LIMIT", "The gateway serves as many clients as it may.", "Close one, or raise limits.clients."],
];
