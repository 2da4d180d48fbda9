/** Where an answer does not say how long it may be kept. */
const unsaidSeconds = 300;

/**
 * How long an answer may be kept, by its `Cache-Control` and `Age` (RFC 9111 section 4.2), within the bounds: `max-age`
 * less the age; the minimum for `no-store`, `no-cache` and a `max-age` that is no number; 300 s where nothing is said.
 */
export function cacheSeconds(headers: Headers, minSeconds: number, maxSeconds: number): number {
  return Math.min(Math.max(saidSeconds(headers), minSeconds), maxSeconds);
}

function saidSeconds(headers: Headers): number {
  const directives = (headers.get('cache-control') ?? '').toLowerCase().split(',');
  const ages: number[] = [];
  for (const directive of directives) {
    const [name, value] = directive.split('=', 2).map((part) => part.trim());
    if (name === 'no-store' || name === 'no-cache') return 0;
    if (name === 'max-age') ages.push(readSeconds(value));
  }
  if (ages.length === 0) return unsaidSeconds;
  return Math.min(...ages) - readSeconds(headers.get('age') ?? '0');
}

/** Digits, quoted or not; anything else counts as none. */
function readSeconds(text: string | undefined): number {
  const digits = /^"?(\d{1,10})"?$/.exec(text ?? '')?.[1];
  return digits === undefined ? 0 : Number(digits);
}
