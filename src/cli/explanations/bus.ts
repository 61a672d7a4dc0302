import type { Entry } from "./entry.js";

export const bus: readonly Entry[] = [
  [
    "E_BUS_TOPIC",
    "A topic is declared in a way that cannot be laid out in memory.",
    "The message names the field and its range.",
    "badData",
  ],
  [
    "E_BUS_COLUMN E_BUS_ROWS",
    "Columns or rows that were published are not those of the topic.",
    "Publish the columns that the topic declares, at most as many rows as a slot holds.",
  ],
  [
    "E_BUS_DECLARATION",
    "The file given to tickforge bus up does not declare topics.",
    "tickforge bus --help shows one; the message names the topic and field.",
    "badData",
  ],
  ["E_BUS_LAYOUT", "Two sides declare one topic differently.", "Declare the topic once and import it everywhere.", "badData"],
  ["E_BUS_CLAIM", "A slot was claimed twice, or committed without a claim.", "claim(), write, then commit() or abort()."],
  ["E_BUS_BATCH", "A batch was used after its time: it is a borrowed view.", "Copy what you need before asking for the next batch."],
  [
    "E_BUS_OPTION",
    "An option of the bus (batcher, codec, gap detector, metric, pace, placement, ring, router) is outside its range.",
    "Use a value in the range that the message names.",
    "usage",
  ],
  ["E_BUS_PORT", "The port for metrics is taken, or this user may not listen on it.", "Choose another port, or 0 for one that is free."],
  ["E_BUS_CLOSED", "The bus, publisher or subscription is closed.", "Open another one."],
  [
    "E_BUS_PUBLISHER E_BUS_FENCED",
    "A topic has one publisher at a time, and a named place one reader; another one has it, or has taken over.",
    "Close the other, or pass takeover if it is dead.",
  ],
  [
    "E_BUS_SUBSCRIBERS",
    "All places for subscribers are taken.",
    "Close some, call evictStalled(ms) if threads died, or create the ring with more places.",
  ],
  ["E_BUS_DICTIONARY", "The dictionary of symbols is full.", "Create the ring with more dictionaryBytes."],
  ["E_BUS_SYMBOLS", "Symbols of a recording and of the topic have different ids.", "Replay into a topic without other symbols.", "badData"],
  ["E_BUS_MEMORY", "The memory given to a ring is too small.", "Allocate at least the bytes that the message names."],
  ["E_BUS_FILE", "A recording cannot be opened or created.", "Check the path and the permissions."],
  [
    "E_BUS_WRITE",
    "A recording cannot be written any further: the disk is full, or has failed.",
    "Free some space, or see to the disk; rows that came later were not taken and are not lost.",
  ],
  [
    "E_BUS_MAGIC E_BUS_FRAME",
    "The file or memory is not what tickforge wrote, or was damaged since.",
    "Copy the file again, or record it again. Frames before the damaged one are good.",
    "badData",
  ],
  [
    "E_BUS_VERSION",
    "The recording or memory was made by a version with another layout.",
    "Read it with the version that wrote it.",
    "badData",
  ],
  [
    "E_BUS_REGION",
    "The memory of a ring says what nobody of the bus wrote there: a control block, cursor, place or symbol that cannot be.",
    "Find what else writes to the file. Close everything that uses the topic and open it again: the ring is then made anew.",
    "badData",
  ],
  [
    "E_BUS_GONE",
    "The file of a ring was removed or replaced while it was used. Those who have it open still meet each other, nobody else meets them.",
    "Close the bus and open another. Leave the files of rings to the bus, which removes them itself.",
  ],
  [
    "E_BUS_CUT",
    "The file of a ring was made shorter while it was used; who touches what is missing is ended by the system (SIGBUS).",
    "Close the bus, remove the file and open another bus. Nothing but the bus should write to its folder.",
  ],
  [
    "E_BUS_TRUNCATED",
    "The recording ends in the middle of a frame, as one does that was cut off while it was written.",
    "The frames before it are good; copy or record it again.",
    "badData",
  ],
  [
    "E_BUS_CRC",
    "A checksum is wrong: the recording, or the entry of a stream, was damaged.",
    "The frames before it are good; copy the recording again.",
    "badData",
  ],
  [
    "E_BUS_HASH",
    "The rows of a recording are not those that it held when it was closed: its last frame says another number of rows, or another checksum of a column.",
    "Each frame is whole, so frames were removed, repeated, put in another order or rewritten: take another copy. The message names the columns that differ.",
    "badData",
  ],
  [
    "E_BUS_ADDON",
    "The bus between processes needs the add-on, which is not loaded, or, on Windows, has no memory that processes share.",
    "tickforge doctor tells why. Within one process the ring needs no add-on, and between processes Redis needs none.",
    "noAddon",
  ],
  [
    "E_BUS_SPACE",
    "There is not enough shared memory for the ring.",
    "Free some, use fewer slots or rows, or pass a folder elsewhere; a container takes --shm-size=256m.",
  ],
  [
    "E_BUS_PERMISSION",
    "The folder or file of a ring may not be used by this user, or others could write in it.",
    "Run both sides as one user, or pass a folder that it owns, with chmod 700.",
  ],
  [
    "E_BUS_EXTERNAL",
    "This runtime does not allow memory from outside, which the bus between processes maps. Electron is one such.",
    "Run the bus in a Node process of its own and send on what you need.",
  ],
  ["E_BUS_SYSTEM", "The operating system refused something about a ring's file.", "The message is the system's own."],
  [
    "E_BUS_NAME",
    "There is no ring of this name: nobody publishes the topic, or it lies in another folder.",
    "Start what publishes it, or check folder and namespace.",
  ],
  [
    "E_BUS_TAKEOVER",
    "Too many publishers of one topic were replaced and still run.",
    "End them, or let them notice: their next commit throws.",
  ],
  [
    "E_BOOKS_FULL",
    "A topic into which order books are written stayed full: a subscription is not read.",
    "End it, or give the topic more slots; the message names the topic.",
  ],
];
