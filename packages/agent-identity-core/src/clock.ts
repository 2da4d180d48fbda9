/** Returns the current time in milliseconds since the Unix epoch. The default is `Date.now` everywhere. */
export type Clock = () => number;
