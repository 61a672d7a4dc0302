/** tickforge/system: engines of a running system in code: declared, tried in memory, planned, started, looked at, ended. */
import "./set_up.js";

export type { Batch, Columns, Publisher, Slot, Symbols, Topic } from "../bus/bus.js";
export { topic } from "../bus/frame.js";
export { TickforgeError } from "../core/contract/errors.js";
export { Gateway, type GatewayOptions } from "../gateway/gateway.js";
export { type DrivenRow, type DriveOptions, driveEngine } from "../system/kit/drive_engine.js";
export {
  type AnyEngine,
  type ColumnCheck,
  type Context,
  defineEngine,
  type Engine,
  type EngineDefinition,
  type EngineHealth,
  type GivenTopic,
  type Settings,
  type TakenColumn,
  type TakenTopic,
} from "../system/kit/engine.js";
export type { EngineOption, EngineOptions, OptionValues } from "../system/kit/options.js";
export type { Plan } from "../system/plan/plan.js";
export { type Given as SystemGiven, readSystem } from "../system/plan/read_system.js";
export type { BusStatus, EngineStatus, SystemStatus, TopicStatus } from "../system/supervisor/status.js";
export { Supervisor } from "../system/supervisor/supervisor.js";
