/** A point in time: milliseconds since the Unix epoch. */
export type EpochMilliseconds = number;
