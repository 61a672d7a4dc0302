/** What every code means and what to do; a test compares the list with the codes in the sources. */
export interface Explanation {
  what: string;
  fix: string;
}

const same = (codes: string, what: string, fix: string): [string, Explanation][] => codes.split(" ").map((code) => [code, { what, fix }]);

const commandLine = [
  ...same(
    "E_USAGE",
    "The command line has a command, flag or value that is not known, or flags that do not go together.",
    "Compare with tickforge COMMAND --help; the message names the word and, where one is near, what was probably meant.",
  ),
  ...same(
    "E_EXISTS",
    "A file that would be written exists already. Nothing is overwritten unless that is asked for.",
    "Give another name, or pass --force.",
  ),
  ...same(
    "E_WRITE",
    "A file could not be written: no space, no permission, no such folder, or a read-only disk. What was begun is removed.",
    "Free some space or choose another folder, then run the command again.",
  ),
  ...same(
    "E_PACKAGE_MISSING",
    "What was asked for needs an optional package that is not installed. tickforge itself works without it.",
    "Run the one command that the message names, or choose another format: --out vpin.csv needs no package.",
  ),
  ...same(
    "E_TWO_PASSES",
    "The source can be read only once (a pipe), but its total volume or its instruments must be known before the first bucket.",
    "Write it to a file first, or pass --bucket-volume.",
  ),
  ...same(
    "E_INTERNAL",
    "Something happened that tickforge does not expect: a fault of its own.",
    "Please report it with the lines that were printed and the output of tickforge doctor --json.",
  ),
  ...same(
    "E_WORKER",
    "The thread that reads the file ended before its work was done, most often for want of memory.",
    "Look at the memory of the machine; report it if that was not the reason.",
  ),
  ...same("E_NODE_OLD", "This Node is older than tickforge needs.", "Install Node 20.19 or later."),
] as const;

const addon = [
  ...same(
    "E_NATIVE_MISSING",
    "The native kernels could not be loaded: there is no binary for this platform, it wants a newer C library, it is for another architecture, or the file is damaged. Everything still works on the reference, about ten times slower.",
    "tickforge doctor tells the causes apart. Mostly: npm run build in the package's folder, with CMake and a C++20 compiler.",
  ),
  ...same(
    "E_BACKEND_MISSING",
    "The backend that was asked for by name cannot run this kernel here; the message lists every cause.",
    "tickforge doctor tells more. Without --backend the fastest one that loads is taken.",
  ),
  ...same(
    "E_BACKEND_UNKNOWN",
    "No backend has this name.",
    "The backends are native and reference; tfjs, in f32, for kernels that have a tensor form, after await useTfjs(); metal, for kernels that have a shader, on a Mac.",
  ),
  ...same(
    "E_DEVICE",
    "The GPU could not run a kernel that it has: it had no memory left, or gave the work up; the message says which.",
    "Give fewer rows at a time, or use another backend. tickforge doctor tells which device there is.",
  ),
  ...same("E_BACKEND_REQUIRED", "TICKFORGE_REQUIRE and TICKFORGE_BACKEND name different backends.", "Unset one of them."),
] as const;

const files = [
  ...same("E_FILE_MISSING", "There is no file of this name.", "Check the path and the folder you are in."),
  ...same("E_FILE_PERMISSION", "The file may not be read by this user.", "chmod u+r FILE, or run as a user who may read it."),
  ...same("E_FILE_DIRECTORY", "A folder was named where a file is expected.", "Name the files in it, such as folder/*.csv.gz."),
  ...same(
    "E_FILE_READ",
    "Reading failed in the middle: a disk error, or the file went away.",
    "Check the disk, and that the file is still there.",
  ),
  ...same("E_FILE_EMPTY", "The file, or what is packed in it, has no bytes.", "Download or write it again."),
  ...same("E_FILE_TRUNCATED", "The data end in the middle, packed or of a record: the file was cut off.", "Download or copy it again."),
  ...same("E_FILE_CORRUPT", "The packed data are damaged, or their checksum is wrong.", "Download or copy it again."),
  ...same(
    "E_FILE_BINARY",
    "The file is not text: it has control bytes among its first.",
    "Check that it is the right file. Text, DBN, Arrow, Parquet, recordings of tickforge, and gzip, zip and zstd of text and DBN are read.",
  ),
  ...same("E_FILE_ENCODING", "The file is UTF-16 text.", "Save it as UTF-8: iconv -f UTF-16 -t UTF-8 FILE."),
  ...same("E_FILE_NESTED E_ZIP_NESTED", "An archive is packed inside another one.", "Unpack the outer one first."),
  ...same("E_ZIP_ENCRYPTED", "An entry of the zip needs a password.", "Unpack it with its password first."),
  ...same(
    "E_ZIP_METHOD",
    "An entry of the zip is packed by a method that is not read here.",
    "Unpack it first, or pack it again with a common tool.",
  ),
  ...same(
    "E_ZSTD_METHOD",
    "The zstd data needs a dictionary, or a window of more than 128 MiB, which are not read here; a damaged header may look so too.",
    "Unpack it first: zstd -d FILE, with -D DICTIONARY or --long=31 as it was packed.",
  ),
  ...same(
    "E_FILE_RECORDING",
    "The file is a recording of the bus, and text was expected.",
    "tickforge replay FILE reads a recording by itself; it cannot be read together with text.",
  ),
  ...same(
    "E_FORMAT_UNKNOWN",
    "The file is not one of the layouts that are recognized, and its columns have no names that tell what they hold.",
    "Name them: --time COL --price COL --size COL, and --side COL with --buy WORD --sell WORD where there is a side.",
  ),
  ...same(
    "E_ZONE",
    "A time zone was given for times that name theirs or that are counts since 1970, or it is none that is known.",
    "Leave out --zone, or name one as the IANA database does: America/New_York.",
  ),
  ...same(
    "E_DATE",
    "A date was given for times that have theirs, or it is no date.",
    "--date YYYY-MM-DD is for files of times since midnight, such as LOBSTER's messages.",
  ),
  ...same(
    "E_INSTRUMENTS",
    "The files of one read are of different instruments: prices of one begin far from where the other ended, one names its instruments and the other does not, or --only is given for a file that names none.",
    "Read them apart. Files that name their instruments row by row may be read together.",
  ),
  ...same(
    "E_NO_TRADES",
    "Of all rows or messages in the file, none is a trade that was asked for.",
    "The message counts what there is. Check the spelling of --only, and that it is the right file.",
  ),
  ...same(
    "E_JSON_LISTS",
    "A JSON document holds several lists of records under different keys, which may be different instruments.",
    "Take out one of them, for instance with jq, as the message shows.",
  ),
  ...same("E_COLUMN_UNKNOWN", "A column that was named is not in the file.", "Use a name from the header, or a number counted from 0."),
  ...same("E_COLUMN_AMBIGUOUS", "Several columns could be meant.", "Name the column by its number, counted from 0."),
  ...same("E_COLUMN_TWICE", "One column was given two roles.", "Name each column once."),
  ...same(
    "E_SIDE",
    "What the values of the side column mean is not clear: who was the aggressor?",
    "Pass --buy WORD and --sell WORD. Mind that some exchanges give the side of the maker, which is the other one.",
  ),
  ...same(
    "E_SESSION",
    "Trading hours are not understood, overlap, or name a time zone that is not known here.",
    "Write HH:MM-HH:MM@Zone, such as 09:30-16:00@America/New_York; put a comma between the parts of a day with breaks.",
  ),
  ...same(
    "E_MEASURE",
    "A measure is not known, is named twice, or has a window that its kernel does not take.",
    "Name some of those that the message lists, with commas between them; a window follows after a colon: kyle_lambda:100.",
  ),
  ...same("E_SEPARATOR", "The separator must be one ASCII character.", "Use a comma, semicolon, bar or tab."),
  ...same(
    "E_TIME_UNIT",
    "The column that should hold times holds nothing that looks like a time since 1990.",
    "Name the right column with --time.",
  ),
  ...same("E_SYMBOLS", "Somebody else added symbols to the topic while the file was read.", "Let one importer write to a topic at a time."),
  ...same(
    "E_DBN_VERSION",
    "The Databento file is of a version of its format that is not read here: versions 1 to 3 are.",
    "Update tickforge, or export the file in an older version.",
  ),
  ...same(
    "E_DBN_METADATA",
    "What the Databento file says about itself before its first record cannot be: a length, a schema or a day is none, or a list runs out.",
    "The file is damaged or was cut off: download or copy it again.",
  ),
  ...same(
    "E_DBN_SCHEMA",
    "The Databento file holds records in which there are no trades, such as bars, quotes at intervals, or definitions.",
    "Download schema trades, tbbo, mbp-1, mbp-10, mbo, cmbp-1 or tcbbo.",
  ),
  ...same(
    "E_DBN_RECORD",
    "A record of the Databento file has a length that records of its kind never have, so where the next one begins is not known.",
    "The file is damaged from the byte that the message names: download or copy it again.",
  ),
  ...same(
    "E_ARROW",
    "The file begins as an Arrow file or stream, and cannot be read as one.",
    "It is cut off or damaged, or its buffers are packed by a method other than zstd: write it again, such as with compression=None.",
  ),
  ...same(
    "E_PARQUET",
    "The file begins as a Parquet file, and cannot be read as one.",
    "It is cut off or damaged: download or write it again.",
  ),
  ...same(
    "E_FILE_SEEK",
    "The file is of a form that is read from its end, and it is packed or comes from a pipe.",
    "Write it to a file of its own, not packed.",
  ),
  ...same(
    "E_COLUMN_TYPE",
    "A column of the table is of a type that holds neither times nor numbers nor text, or columns of its own.",
    "Name another column, or write the table with plain ones.",
  ),
  ...same("E_TABLE_FILES", "An archive holds more than one file, and a table is one.", "Unpack it and name one of its files."),
  ...same(
    "E_TABLE_HEADER",
    "A table has no line of column names, or more than one column without a name.",
    "Put the names in its first line, such as date,AAPL,MSFT.",
  ),
  ...same(
    "E_TABLE_DATE",
    "No column of a table is found that holds its dates.",
    "Pass --date with the name of the column; dates are YYYY-MM-DD, YYYYMMDD, or counts since 1970.",
  ),
  ...same("E_DATE_ORDER", "Dates have their year last, and no day above 12 tells which number is the month.", "Write them as YYYY-MM-DD."),
  ...same("E_TABLE_EMPTY", "A table has column names and no rows.", "Download or write it again."),
  ...same(
    "E_TABLE_VALUE",
    "Which column of a table holds the prices is not clear, or none holds numbers.",
    "Pass --value with the name of the column.",
  ),
  ...same(
    "E_PRICE_MISSING",
    "A price that is needed is missing. Nothing is filled in unless that is asked for.",
    "--missing ffill carries the last price on, --missing drop leaves such dates out, --assets names the assets to keep.",
  ),
  ...same("E_PRICE_CONSTANT", "The price of an asset never changes: it has no risk to measure.", "Leave it out with --assets."),
  ...same(
    "E_WEIGHTS",
    "The weights are not one number for each asset of the prices.",
    "Write asset,weight with a line for each asset, 0 for what is not held; or leave assets out with --assets.",
  ),
  ...same(
    "E_DATE_REPEATED",
    "A table has a date, or an asset's date, twice.",
    "Keep one row for each date; in a table with a row for each asset and date, one for each pair.",
  ),
  ...same(
    "E_ASSET_REPEATED",
    "A table without dates says two different things of one asset, such as two sectors.",
    "Keep one row for each asset, or give the rows a column of dates: the last one then holds.",
  ),
  ...same(
    "E_SECTOR",
    "None of the assets of the panel has a sector, so no factor return could be estimated.",
    "Check that the panel and the table of sectors name assets alike; without --sectors all assets are in one.",
  ),
  ...same(
    "E_COMPARE",
    "The series of --compare has no dates in common with the panel's factor returns, or dates of another frequency.",
    "Give market returns of the same days; the message names both spans.",
  ),
  ...same(
    "E_BAD_PRICE",
    "A price is 0, negative or infinite: the table holds returns, or a wrong value.",
    "Give prices; leave the cell empty where there is none.",
  ),
  ...same(
    "E_SINK_FULL",
    "The reader of a file had no room for more trades and no way to wait for some.",
    "Give the sink a room() method, or read faster.",
  ),
] as const;

const rows = [
  ...same(
    "E_BAD_VALUE",
    "A row holds a value that cannot be a trade: a price that is empty or not above 0, a negative size, a time that is no time, a side that is not known, NaN or infinity.",
    "Look at the line that the message shows. --on-bad skip leaves such rows out and counts them, --on-bad report also lists them.",
  ),
  ...same(
    "E_BAD_COLUMNS",
    "A line has more or fewer columns than the others.",
    "Often the last line of a file that was cut off. --on-bad skip leaves it out.",
  ),
  ...same(
    "E_BAD_JSON",
    "A line, or a record of a document, is not JSON, or ends in the middle.",
    "Often the last line of a file that was cut off. --on-bad skip leaves it out.",
  ),
  ...same("E_BAD_QUOTE", "A quoted field does not end where the field ends.", "Repair the line, or leave it out with --on-bad skip."),
  ...same(
    "E_LINE_LONG",
    "A line is longer than any trade could be; the file may not be text with one trade a line.",
    "Check that it is the right file.",
  ),
  ...same(
    "E_SYMBOLS_FULL",
    "The file names more symbols than the table holds.",
    "Split the file by symbol, or raise maxSymbols when reading by program.",
  ),
  ...same(
    "E_TIME_BACKWARDS",
    "A time lies before that of the row above. VPIN depends on the order of trades.",
    "Sort the file by time; name several files in order of time; or leave such rows out with --on-bad skip.",
  ),
  ...same(
    "E_TOO_MANY",
    "One row alone would make more than 16,777,216 output rows: a trade millions of times larger than a bucket.",
    "Check the value, and --bucket-volume.",
  ),
  ...same(
    "E_STUCK",
    "A kernel takes no row and gives none, though there is room: the bytes or rows from this place on mean nothing to it.",
    "The message names the place; what came before it is computed. Check the data there.",
  ),
] as const;

const calls = [
  ...same(
    "E_NOT_POSITIVE_DEFINITE",
    "A covariance is singular or indefinite: at the row that the message names, nothing is left of the variance once the rows before it are known.",
    "Leave out an asset that others replicate or that never moves, estimate from more observations or with ledoitWolf, or mend the matrix with nearestPositiveDefinite.",
  ),
  ...same("E_INPUT", "A kernel was not given an object of columns.", "Pass { time, price, size, ... } as its contract names them."),
  ...same("E_PORT_MISSING", "A column that the kernel needs was not given.", "The message names it and what it must be."),
  ...same(
    "E_PORT_UNKNOWN",
    "A column was given that the kernel does not have, often a misspelt one.",
    "The message names the columns there are.",
  ),
  ...same("E_PORTS_CHANGED", "A stream was given other columns than those it began with.", "Give the same columns throughout a stream."),
  ...same(
    "E_DTYPE",
    "A column is not the typed array that the kernel takes, or f64 and f32 are mixed.",
    "Use the type that the message names; all real columns of a call have one type.",
  ),
  ...same(
    "E_LENGTH",
    "Columns of one call have different lengths, or a buffer was detached.",
    "Give all columns one length; copy a buffer instead of transferring it.",
  ),
  ...same("E_SHAPE", "The lengths alone do not tell the shape of a matrix.", "Give the parameter that sets its width."),
  ...same("E_OPTION_MISSING", "An option without a default was not given.", "Give it; its meaning is in the message."),
  ...same(
    "E_OPTION_UNKNOWN",
    "An option was given that the kernel does not have, often a misspelt one.",
    "The message names the options there are.",
  ),
  ...same(
    "E_OPTION_RANGE",
    "An option is outside its range or of another type. Values are never clamped.",
    "Use a value in the range that the message names.",
  ),
  ...same("E_OPTIONS", "Options, or options and columns, do not go together.", "The message says which."),
  ...same(
    "E_TOO_FEW",
    "An input has fewer rows than the method needs.",
    "Give at least as many as the message says, or choose a method that needs less.",
  ),
  ...same("E_VALUE", "A kernel refused a row for a reason of its own.", "Look at the row that the message names."),
  ...same("E_ALIAS", "An output shares memory with an input or another output.", "Give each output memory of its own."),
  ...same(
    "E_OUTPUT_FULL",
    "The output arrays that were passed have no room for all results.",
    "Pass longer ones, or none: then they are made as long as needed.",
  ),
  ...same(
    "E_BIND E_SLOT E_ROWS",
    "A bound kernel was given slots that do not fit, or was called with a slot or rows that it was not bound to.",
    "Bind as many outputs as inputs, or one; call with slots and rows of that binding.",
  ),
  ...same(
    "E_DETACHED",
    "A buffer was detached or resized after the kernel was bound to it.",
    "Bind again, or copy the buffer instead of transferring it.",
  ),
  ...same(
    "E_STATE",
    "The memory given as state does not hold the state of this kernel with these options.",
    "Pass zeroed memory to start, or what the same kernel with the same options has used.",
  ),
  ...same("E_STREAM", "The kernel keeps no state, so rows cannot be pushed to it in pieces.", "Call it on whole columns."),
] as const;

const redis = [
  ...same(
    "E_BUS_REDIS_DOWN",
    "Redis cannot be reached: it does not run, the address is another, the link is dead, or it has not answered in time.",
    "redis-cli -h HOST -p PORT ping. What was accepted is kept by its publisher and sent, in order, when Redis is back.",
  ),
  ...same(
    "E_BUS_REDIS_AUTH",
    "Redis refuses the user or the password, or does not allow this user a command.",
    "Pass username and password; redis-cli ACL LIST shows what a user may do. The bus needs streams, scripts, hashes and sorted sets.",
  ),
  ...same(
    "E_BUS_REDIS_TLS",
    "The TLS connection failed: the certificate is not trusted, bears another name, or the port does not speak TLS.",
    "Pass tls: { ca } with the certificate of the authority, and rediss://NAME with the name in the certificate.",
  ),
  ...same(
    "E_BUS_REDIS_MEMORY",
    "Redis has reached maxmemory and takes no writes.",
    "Raise maxmemory, or lower slots or rows of the topics. What was accepted is sent once there is room.",
  ),
  ...same("E_BUS_REDIS_LOADING", "Redis has started and is still loading its data.", "Wait: what was accepted is sent when it is ready."),
  ...same(
    "E_BUS_REDIS_ANSWER",
    "An answer of Redis was damaged on its way: its form or its sum is wrong, so nothing that it says counts.",
    "Nothing is to be done once: the link is opened again and what has no answer is sent again. Where it goes on, look at the network between, or use TLS.",
  ),
  ...same(
    "E_BUS_REDIS_READONLY",
    "This Redis takes no writes: it is a replica, or a master that has lost its replicas.",
    "Point the bus at the master. After a failover it goes on by itself as soon as the new master takes writes.",
  ),
  ...same(
    "E_BUS_REDIS_DISK",
    "Redis cannot write its data to disk, and takes no writes until it can.",
    "Look at the disk and the log of the server.",
  ),
  ...same(
    "E_BUS_REDIS_CLUSTER",
    "The cluster cannot answer for a key: slots without a node, a failover under way, or the server is not in cluster mode.",
    "redis-cli --cluster check HOST:PORT. For a single server pass url instead of cluster.",
  ),
  ...same(
    "E_BUS_REDIS_STREAM",
    "The stream or group of a topic was deleted while it was used.",
    "Nothing is to be done: it is made again, and rows that only Redis had show as lost.",
  ),
  ...same(
    "E_BUS_REDIS_TYPE",
    "A key of the topic holds something that the bus did not put there.",
    "Choose another namespace, or delete that key.",
  ),
  ...same(
    "E_BUS_REDIS_COMMAND",
    "The server does not know a command that the bus needs.",
    "Use Redis 6.2 or later, or Valkey, with EVALSHA allowed.",
  ),
] as const;

const topology = [
  ...same(
    "E_BUS_TOPOLOGY",
    "No topology has this name, or one of its buses was not given.",
    "The topologies are single (main), dual (market, engine) and triple (market, engine, compute).",
  ),
  ...same(
    "E_BUS_TYPE",
    "On a topology a topic is named by its type of message, and no type has this name.",
    "tickforge bus up --topology single --json lists the types and their columns.",
  ),
  ...same(
    "E_VALIDATE_TIME",
    "A check of tickforge validate bus waited for something that did not come; it counts as failed.",
    "The message says what was waited for. Run it again where the machine was very busy; else see tickforge doctor, or the log of the server.",
  ),
  ...same(
    "E_VALIDATE_PROCESS",
    "A process that tickforge validate bus started ended by itself, so that its check counts as failed.",
    "The message says why, as that process told it; a system that kills processes for memory says so in its own log.",
  ),
] as const;

const bus = [
  ...same("E_BUS_TOPIC", "A topic is declared in a way that cannot be laid out in memory.", "The message names the field and its range."),
  ...same(
    "E_BUS_COLUMN E_BUS_ROWS",
    "Columns or rows that were published are not those of the topic.",
    "Publish the columns that the topic declares, at most as many rows as a slot holds.",
  ),
  ...same(
    "E_BUS_DECLARATION",
    "The file given to tickforge bus up does not declare topics.",
    "tickforge bus --help shows one; the message names the topic and field.",
  ),
  ...same("E_BUS_LAYOUT", "Two sides declare one topic differently.", "Declare the topic once and import it everywhere."),
  ...same("E_BUS_CLAIM", "A slot was claimed twice, or committed without a claim.", "claim(), write, then commit() or abort()."),
  ...same("E_BUS_BATCH", "A batch was used after its time: it is a borrowed view.", "Copy what you need before asking for the next batch."),
  ...same(
    "E_BUS_OPTION",
    "An option of the bus (batcher, cache, codec, gap detector, metric, pace, placement, router) is outside its range.",
    "Use a value in the range that the message names.",
  ),
  ...same(
    "E_BUS_PORT",
    "The port for metrics is taken, or this user may not listen on it.",
    "Choose another port, or 0 for one that is free.",
  ),
  ...same("E_BUS_CLOSED", "The bus, publisher or subscription is closed.", "Open another one."),
  ...same(
    "E_BUS_PUBLISHER E_BUS_FENCED",
    "A topic has one publisher at a time; another one has it, or has taken over.",
    "Close the other, or pass takeover if it is dead.",
  ),
  ...same(
    "E_BUS_SUBSCRIBERS",
    "All places for subscribers are taken.",
    "Close some, call evictStalled(ms) if threads died, or create the ring with more places.",
  ),
  ...same("E_BUS_DICTIONARY", "The dictionary of symbols is full.", "Create the ring with more dictionaryBytes."),
  ...same("E_BUS_SYMBOLS", "Symbols of a recording and of the topic have different ids.", "Replay into a topic without other symbols."),
  ...same("E_BUS_MEMORY", "The memory given to a ring is too small.", "Allocate at least the bytes that the message names."),
  ...same("E_BUS_FILE", "A recording cannot be opened or created.", "Check the path and the permissions."),
  ...same(
    "E_BUS_MAGIC E_BUS_FRAME",
    "The file or memory is not what tickforge wrote, or was damaged since.",
    "Copy the file again, or record it again. Frames before the damaged one are good.",
  ),
  ...same("E_BUS_VERSION", "The recording or memory was made by a version with another layout.", "Read it with the version that wrote it."),
  ...same(
    "E_BUS_TRUNCATED",
    "The recording ends in the middle of a frame, as one does that was cut off while it was written.",
    "The frames before it are good; copy or record it again.",
  ),
  ...same("E_BUS_CRC", "A checksum is wrong: the recording was damaged.", "The frames before it are good; copy it again."),
  ...same(
    "E_BUS_ADDON",
    "The bus between processes needs the add-on, which is not loaded or is older than the package.",
    "tickforge doctor tells why. Within one process the ring needs no add-on.",
  ),
  ...same(
    "E_BUS_SPACE",
    "There is not enough shared memory for the ring.",
    "Free some, use fewer slots or rows, or pass a folder elsewhere; a container takes --shm-size=256m.",
  ),
  ...same(
    "E_BUS_PERMISSION",
    "The folder or file of a ring may not be used by this user, or others could write in it.",
    "Run both sides as one user, or pass a folder that it owns, with chmod 700.",
  ),
  ...same(
    "E_BUS_EXTERNAL",
    "This runtime does not allow memory from outside, which the bus between processes maps. Electron is one such.",
    "Run the bus in a Node process of its own and send on what you need.",
  ),
  ...same("E_BUS_SYSTEM", "The operating system refused something about a ring's file.", "The message is the system's own."),
  ...same(
    "E_BUS_NAME",
    "There is no ring of this name: nobody publishes the topic, or it lies in another folder.",
    "Start what publishes it, or check folder and namespace.",
  ),
  ...same(
    "E_BUS_TAKEOVER",
    "Too many publishers of one topic were replaced and still run.",
    "End them, or let them notice: their next commit throws.",
  ),
] as const;

export const explanations: Readonly<Record<string, Explanation>> = Object.fromEntries([
  ...commandLine,
  ...addon,
  ...files,
  ...rows,
  ...calls,
  ...bus,
  ...redis,
  ...topology,
]);
