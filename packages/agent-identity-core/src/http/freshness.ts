/** The content of the `Cache-Control` and `Age` headers of a response (RFC 9111 sections 4.2 and 5.2). */
export interface Freshness {
  /** The shortest `max-age`; 0 for `no-store` and `no-cache`; `undefined` if there is none of these. */
  readonly maxAgeSeconds: number | undefined;
  /** The age of the response on arrival; 0 if `Age` is absent or unreadable. */
  readonly ageSeconds: number;
}

/**
 * Reads how long a response may be cached. A `max-age` that is not a number counts as 0.
 *
 * @example
 * ```ts
 * import { readFreshness } from 'agent-identity-core/http';
 *
 * readFreshness(new Headers({ 'cache-control': 'max-age=60', age: '5' })); // { maxAgeSeconds: 60, ageSeconds: 5 }
 * ```
 */
export function readFreshness(headers: Headers): Freshness {
  return {
    maxAgeSeconds: readMaxAge(headers.get('cache-control') ?? ''),
    ageSeconds: readDeltaSeconds(headers.get('age')) ?? 0,
  };
}

function readMaxAge(cacheControl: string): number | undefined {
  let maxAge: number | undefined;
  for (const directive of cacheControl.toLowerCase().split(',')) {
    const [name, value] = directive.split('=', 2).map((part) => part.trim());
    if (name === 'no-store' || name === 'no-cache') return 0;
    if (name === 'max-age')
      maxAge = Math.min(maxAge ?? Number.POSITIVE_INFINITY, readDeltaSeconds(value) ?? 0);
  }
  return maxAge;
}

/** Digits, quoted or not. */
function readDeltaSeconds(text: string | null | undefined): number | undefined {
  const digits = /^"?(\d{1,10})"?$/.exec(text ?? '')?.[1];
  return digits === undefined ? undefined : Number(digits);
}
