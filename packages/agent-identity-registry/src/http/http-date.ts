const months = 'Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec';

/** The preferred form and the two obsolete ones that a recipient must still accept (RFC 9110 section 5.6.7). */
const imfDate = new RegExp(`^\\w{3}, \\d\\d (?:${months}) \\d{4} \\d\\d:\\d\\d:\\d\\d GMT$`);
const rfc850Date = new RegExp(`^\\w{6,9}, \\d\\d-(?:${months})-\\d\\d \\d\\d:\\d\\d:\\d\\d GMT$`);
const asctimeDate = new RegExp(`^\\w{3} (?:${months}) [ \\d]\\d \\d\\d:\\d\\d:\\d\\d \\d{4}$`);

/**
 * The epoch milliseconds of an HTTP date, or `undefined` for anything else: `Date.parse` alone also takes numbers,
 * bare years and local times.
 */
export function parseHttpDate(text: string | null): number | undefined {
  if (text === null) return undefined;
  if (imfDate.test(text) || rfc850Date.test(text)) return finite(Date.parse(text));
  return asctimeDate.test(text) ? finite(Date.parse(`${text} GMT`)) : undefined;
}

function finite(milliseconds: number): number | undefined {
  return Number.isNaN(milliseconds) ? undefined : milliseconds;
}
