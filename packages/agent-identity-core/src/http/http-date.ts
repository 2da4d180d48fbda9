const months = 'Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec';
const imfFixdate = new RegExp(`^\\w{3}, \\d\\d (?:${months}) \\d{4} \\d\\d:\\d\\d:\\d\\d GMT$`);
const rfc850Date = new RegExp(`^\\w{6,9}, \\d\\d-(?:${months})-\\d\\d \\d\\d:\\d\\d:\\d\\d GMT$`);
const asctimeDate = new RegExp(`^\\w{3} (?:${months}) [ \\d]\\d \\d\\d:\\d\\d:\\d\\d \\d{4}$`);

/**
 * Parses an HTTP date in the preferred form or one of the two obsolete forms that a recipient must accept (RFC 9110
 * section 5.6.7). `Date.parse` alone also takes numbers, bare years and local times.
 *
 * @returns epoch milliseconds, or `undefined` for anything else
 * @example
 * ```ts
 * import { parseHttpDate } from 'agent-identity-core/http';
 *
 * parseHttpDate('Thu, 23 Apr 2026 00:00:00 GMT'); // 1776902400000
 * ```
 */
export function parseHttpDate(text: string | null | undefined): number | undefined {
  if (text === null || text === undefined) return undefined;
  if (imfFixdate.test(text) || rfc850Date.test(text)) return finiteOrUndefined(Date.parse(text));
  return asctimeDate.test(text) ? finiteOrUndefined(Date.parse(`${text} GMT`)) : undefined;
}

function finiteOrUndefined(milliseconds: number): number | undefined {
  return Number.isNaN(milliseconds) ? undefined : milliseconds;
}
