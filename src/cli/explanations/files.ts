import type { Entry } from "./index.js";

export const files: readonly Entry[] = [
  ["E_FILE_MISSING", "There is no file of this name.", "Check the path and the folder you are in."],
  ["E_FILE_PERMISSION", "The file may not be read by this user.", "chmod u+r FILE, or run as a user who may read it."],
  ["E_FILE_DIRECTORY", "A folder was named where a file is expected.", "Name the files in it, such as folder/*.csv.gz."],
  [
    "E_FILE_READ",
    "Reading failed in the middle: a disk error, or the file went away.",
    "Check the disk, and that the file is still there.",
  ],
  ["E_FILE_EMPTY", "The file, or what is packed in it, has no bytes.", "Download or write it again."],
  ["E_FILE_TRUNCATED", "The data end in the middle, packed or of a record: the file was cut off.", "Download or copy it again."],
  ["E_FILE_CORRUPT", "The packed data are damaged, or their checksum is wrong.", "Download or copy it again."],
  [
    "E_FILE_BINARY",
    "The file is not text: it has control bytes among its first.",
    "Check that it is the right file. Text, DBN, Arrow, Parquet, recordings of tickforge, and gzip, zip and zstd of text and DBN are read.",
  ],
  ["E_FILE_ENCODING", "The file is UTF-16 text.", "Save it as UTF-8: iconv -f UTF-16 -t UTF-8 FILE."],
  ["E_FILE_NESTED E_ZIP_NESTED", "An archive is packed inside another one.", "Unpack the outer one first."],
  ["E_ZIP_ENCRYPTED", "An entry of the zip needs a password.", "Unpack it with its password first."],
  [
    "E_ZIP_METHOD",
    "An entry of the zip is packed by a method that is not read here.",
    "Unpack it first, or pack it again with a common tool.",
  ],
  [
    "E_ZSTD_METHOD",
    "The zstd data needs a dictionary, or a window of more than 128 MiB, which are not read here; a damaged header may look so too.",
    "Unpack it first: zstd -d FILE, with -D DICTIONARY or --long=31 as it was packed.",
  ],
  [
    "E_FILE_RECORDING",
    "The file is a recording of the bus, and text was expected.",
    "tickforge replay FILE reads a recording by itself; it cannot be read together with text.",
  ],
  [
    "E_FORMAT_UNKNOWN",
    "The file is not one of the layouts that are recognized, and its columns have no names that tell what they hold.",
    "Name them: --time COL --price COL --size COL, and --side COL with --buy WORD --sell WORD where there is a side.",
  ],
  [
    "E_ZONE",
    "A time zone was given for times that name theirs or that are counts since 1970, or it is none that is known.",
    "Leave out --zone, or name one as the IANA database does: America/New_York.",
  ],
  [
    "E_DATE",
    "A date was given for times that have theirs, or it is no date.",
    "--date YYYY-MM-DD is for files of times since midnight, such as LOBSTER's messages.",
  ],
  [
    "E_INSTRUMENTS",
    "The files of one read are of different instruments: prices of one begin far from where the other ended, one names its instruments and the other does not, or --only is given for a file that names none.",
    "Read them apart. Files that name their instruments row by row may be read together.",
  ],
  [
    "E_NO_TRADES",
    "Of all rows or messages in the file, none is a trade that was asked for.",
    "The message counts what there is. Check the spelling of --only, and that it is the right file.",
  ],
  [
    "E_JSON_LISTS",
    "A JSON document holds several lists of records under different keys, which may be different instruments.",
    "Take out one of them, for instance with jq, as the message shows.",
  ],
  ["E_COLUMN_UNKNOWN", "A column that was named is not in the file.", "Use a name from the header, or a number counted from 0."],
  ["E_COLUMN_AMBIGUOUS", "Several columns could be meant.", "Name the column by its number, counted from 0."],
  ["E_COLUMN_TWICE", "One column was given two roles.", "Name each column once."],
  [
    "E_SIDE",
    "What the values of the side column mean is not clear: who was the aggressor?",
    "Pass --buy WORD and --sell WORD. Mind that some exchanges give the side of the maker, which is the other one.",
  ],
  [
    "E_SESSION",
    "Trading hours are not understood, overlap, or name a time zone that is not known here.",
    "Write HH:MM-HH:MM@Zone, such as 09:30-16:00@America/New_York; put a comma between the parts of a day with breaks.",
  ],
  [
    "E_MEASURE",
    "A measure is not known, is named twice, or has a window that its kernel does not take.",
    "Name some of those that the message lists, with commas between them; a window follows after a colon: kyle_lambda:100.",
  ],
  ["E_SEPARATOR", "The separator must be one ASCII character.", "Use a comma, semicolon, bar or tab."],
  [
    "E_TIME_UNIT",
    "The column that should hold times holds nothing that looks like a time since 1990.",
    "Name the right column with --time.",
  ],
  ["E_SYMBOLS", "Somebody else added symbols to the topic while the file was read.", "Let one importer write to a topic at a time."],
  [
    "E_DBN_VERSION",
    "The Databento file is of a version of its format that is not read here: versions 1 to 3 are.",
    "Update tickforge, or export the file in an older version.",
  ],
  [
    "E_DBN_METADATA",
    "What the Databento file says about itself before its first record cannot be: a length, a schema or a day is none, or a list runs out.",
    "The file is damaged or was cut off: download or copy it again.",
  ],
  [
    "E_DBN_SCHEMA",
    "The Databento file holds records in which there are no trades, such as bars, quotes at intervals, or definitions.",
    "Download schema trades, tbbo, mbp-1, mbp-10, mbo, cmbp-1 or tcbbo.",
  ],
  [
    "E_DBN_RECORD",
    "A record of the Databento file has a length that records of its kind never have, so where the next one begins is not known.",
    "The file is damaged from the byte that the message names: download or copy it again.",
  ],
  [
    "E_ARROW",
    "The file begins as an Arrow file or stream, and cannot be read as one.",
    "It is cut off or damaged, or its buffers are packed by a method other than zstd: write it again, such as with compression=None.",
  ],
  ["E_PARQUET", "The file begins as a Parquet file, and cannot be read as one.", "It is cut off or damaged: download or write it again."],
  [
    "E_TABLE_STUCK",
    "The reader of a Parquet or Arrow file made no step for as long as one can take, and was ended: its data lead it astray. The message names the row group or record batch, and the column.",
    "The file is damaged: download or write it again. If it is good and the machine very busy, try once more.",
  ],
  [
    "E_TABLE_MEMORY",
    "The reader of a Parquet or Arrow file took more memory than a file of its size needs, and was ended.",
    "The file is damaged: download or write it again. If it is good, write it in smaller row groups or record batches.",
  ],
  [
    "E_FILE_SEEK",
    "The file is of a form that is read from its end, and it is packed or comes from a pipe.",
    "Write it to a file of its own, not packed.",
  ],
  [
    "E_COLUMN_TYPE",
    "A column of the table is of a type that holds neither times nor numbers nor text, or columns of its own.",
    "Name another column, or write the table with plain ones.",
  ],
  ["E_TABLE_FILES", "An archive holds more than one file, and a table is one.", "Unpack it and name one of its files."],
  [
    "E_TABLE_HEADER",
    "A table has no line of column names, or more than one column without a name.",
    "Put the names in its first line, such as date,AAPL,MSFT.",
  ],
  [
    "E_TABLE_DATE",
    "No column of a table is found that holds its dates.",
    "Pass --date with the name of the column; dates are YYYY-MM-DD, YYYYMMDD, or counts since 1970.",
  ],
  ["E_DATE_ORDER", "Dates have their year last, and no day above 12 tells which number is the month.", "Write them as YYYY-MM-DD."],
  ["E_TABLE_EMPTY", "A table has column names and no rows.", "Download or write it again."],
  [
    "E_TABLE_VALUE",
    "Which column of a table holds the prices is not clear, or none holds numbers.",
    "Pass --value with the name of the column.",
  ],
  [
    "E_PRICE_MISSING",
    "A price that is needed is missing. Nothing is filled in unless that is asked for.",
    "--missing ffill carries the last price on, --missing drop leaves such dates out, --assets names the assets to keep.",
  ],
  ["E_PRICE_CONSTANT", "The price of an asset never changes: it has no risk to measure.", "Leave it out with --assets."],
  [
    "E_WEIGHTS",
    "The weights are not one number for each asset of the prices.",
    "Write asset,weight with a line for each asset, 0 for what is not held; or leave assets out with --assets.",
  ],
  [
    "E_DATE_REPEATED",
    "A table has a date, or an asset's date, twice.",
    "Keep one row for each date; in a table with a row for each asset and date, one for each pair.",
  ],
  [
    "E_ASSET_REPEATED",
    "A table without dates says two different things of one asset, such as two sectors.",
    "Keep one row for each asset, or give the rows a column of dates: the last one then holds.",
  ],
  [
    "E_SECTOR",
    "None of the assets of the panel has a sector, so no factor return could be estimated.",
    "Check that the panel and the table of sectors name assets alike; without --sectors all assets are in one.",
  ],
  [
    "E_COMPARE",
    "The series of --compare has no dates in common with the panel's factor returns, or dates of another frequency.",
    "Give market returns of the same days; the message names both spans.",
  ],
  [
    "E_BAD_PRICE",
    "A price is 0, negative or infinite: the table holds returns, or a wrong value.",
    "Give prices; leave the cell empty where there is none.",
  ],
  [
    "E_SINK_FULL",
    "The reader of a file had no room for more trades and no way to wait for some.",
    "Give the sink a room() method, or read faster.",
  ],
];
