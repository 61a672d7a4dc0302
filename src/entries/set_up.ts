/** What every entry does first: kernels find the backends, and the bus the fast checksum. */
import { install } from "../backends/index.js";
import { sumColumnsBy } from "../bus/redis/redis_entry.js";
import { checksum } from "../engines/checksum.js";

install();
sumColumnsBy(checksum);
