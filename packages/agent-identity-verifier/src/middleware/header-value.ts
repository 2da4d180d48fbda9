import type { IncomingMessage } from 'node:http';

/** A request of Node's, or what stands for one. */
export type NodeHeaders = Pick<IncomingMessage, 'rawHeaders' | 'headers'>;

/**
 * The value of a header, all of its occurrences joined by commas as the Fetch standard has it. Node itself keeps the
 * first `Authorization` and drops the others, so that what is verified could be another than what a proxy in front read;
 * joined, they are no assertion any more.
 *
 * @param name In lower case.
 */
export function headerValue({ rawHeaders, headers }: NodeHeaders, name: string): string | undefined {
  const values = rawHeaders.filter((_value, i) => i % 2 === 1 && rawHeaders[i - 1]?.toLowerCase() === name);
  // Requests that never were on a wire, as adapters make them, may have no raw headers.
  return values.length === 0 ? headers[name]?.toString() : values.join(', ');
}
