/** The commands, in the order of the help. */
import { backtestCommand } from "./backtest/backtest_command.js";
import { busCommand } from "./bus/bus_command.js";
import { doctorCommand } from "./doctor/doctor_command.js";
import { explainCommand } from "./doctor/explain_command.js";
import { drillCommand } from "./drill/drill_command.js";
import { exportCommand } from "./export/export_command.js";
import { factorsCommand } from "./factors/factors_command.js";
import { recordCommand } from "./feeds/record_command.js";
import { venueCommand } from "./feeds/venue_command.js";
import type { Command } from "./kit/command.js";
import { pageCommand } from "./page/page_command.js";
import { portfolioCommand } from "./portfolio/portfolio_command.js";
import { replayCommand } from "./replay/replay_command.js";
import { riskCommand } from "./risk/risk_command.js";
import { downCommand } from "./system/down_command.js";
import { logsCommand } from "./system/logs_command.js";
import { statusCommand } from "./system/status_command.js";
import { upCommand } from "./system/up_command.js";
import { validateCommand } from "./validate/validate_command.js";

export const commands: readonly Command[] = [
  upCommand,
  statusCommand,
  downCommand,
  logsCommand,
  pageCommand,
  drillCommand,
  replayCommand,
  validateCommand,
  riskCommand,
  factorsCommand,
  portfolioCommand,
  backtestCommand,
  busCommand,
  recordCommand,
  exportCommand,
  venueCommand,
  doctorCommand,
  explainCommand,
];
