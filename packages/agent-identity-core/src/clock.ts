/** Tells the time: milliseconds since the Unix epoch, like `Date.now`, which is the default everywhere. */
export type Clock = () => number;
