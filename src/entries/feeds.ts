/** tickforge/feeds: venues live, and order books of them from what they send. */
import "./set_up.js";

export { TickforgeError } from "../core/contract/errors.js";
export type { BookEvent, Digits } from "../feeds/books/book_changes.js";
export type { DepthOrder } from "../feeds/books/book_order.js";
export { BookTopics, bookTopic } from "../feeds/books/book_topics.js";
export { type BookSink, type BookStatus, Books, type BooksOptions, type DepthRows, venueBooks } from "../feeds/books/books.js";
export type { BookFault, FaultKind } from "../feeds/books/faults.js";
export { type Channel, type Feed, type FeedChannel, type FromFeedOptions, fromFeed } from "../feeds/from_feed.js";
