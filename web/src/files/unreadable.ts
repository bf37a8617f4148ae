/** A file that cannot be opened; the message is one sentence for the person who dropped it. */
export class Unreadable extends Error {}
