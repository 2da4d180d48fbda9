/**
 * For how many seconds an answer may be relied on, counted from when it was asked for: its `max-age`, but no more than
 * the bound, less the `Age` that it had already in a cache on the way (RFC 9111 section 4.2). Where nothing is said, the
 * bound; 0 for `no-store` and `no-cache`. `undefined` for an answer that came older than the bound: it is not to be used.
 */
export function answerLifetimeSeconds(headers: Headers, maxSeconds: number): number | undefined {
  const age = readSeconds(headers.get('age')) ?? 0;
  if (age > maxSeconds) return undefined;
  return Math.max(Math.min(saidSeconds(headers) ?? maxSeconds, maxSeconds) - age, 0);
}

function saidSeconds(headers: Headers): number | undefined {
  let seconds: number | undefined;
  for (const directive of (headers.get('cache-control') ?? '').toLowerCase().split(',')) {
    const [name, value] = directive.split('=', 2).map((part) => part.trim());
    if (name === 'no-store' || name === 'no-cache') return 0;
    // Of several the shortest, and none at all where it is no number.
    if (name === 'max-age') seconds = Math.min(seconds ?? Number.POSITIVE_INFINITY, readSeconds(value) ?? 0);
  }
  return seconds;
}

/** Digits, quoted or not. */
function readSeconds(text: string | null | undefined): number | undefined {
  const digits = /^"?(\d{1,10})"?$/.exec(text ?? '')?.[1];
  return digits === undefined ? undefined : Number(digits);
}
