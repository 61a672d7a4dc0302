export { pass as default } from "./engines.js";
