export { beat as default } from "./engines.js";
