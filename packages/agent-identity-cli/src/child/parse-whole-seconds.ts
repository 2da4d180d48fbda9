import { InvalidArgumentError } from 'commander';

/** Reads a number of seconds of an option. */
export function parseWholeSeconds(text: string): number {
  const seconds = Number(text);
  if (/^[1-9]\d{0,9}$/.test(text)) return seconds;
  throw new InvalidArgumentError('Expected a whole number of seconds.');
}
