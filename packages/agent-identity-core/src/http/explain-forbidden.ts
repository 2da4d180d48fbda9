/** Why a server refuses a request before it authenticates it. */
export interface ForbiddenReason {
  readonly kind: 'challenge' | 'unsupported_region';
  /** Human-readable: the reason and what to do. */
  readonly message: string;
}

const challenge: ForbiddenReason = {
  kind: 'challenge',
  message:
    'the front door of the server asks for a browser challenge (cf-mitigated: challenge) before any authentication; set userAgent and originator to values that it accepts, or use another network',
};

const unsupportedRegion: ForbiddenReason = {
  kind: 'unsupported_region',
  message:
    'the server does not serve this country, region or territory (unsupported_country_region_territory); the credentials were not checked',
};

/**
 * Recognizes a 403 that says nothing about the credentials (docs/protocol.md sections 4 and 11): a challenge page, or a
 * country that the server does not serve.
 *
 * @param errorCode The code in the body, from `readErrorBody`.
 * @returns `undefined` for every other response
 * @example
 * ```ts
 * import { explainForbidden } from 'agent-identity-core/http';
 *
 * const response = new Response('<html>', { status: 403, headers: { 'cf-mitigated': 'challenge' } });
 * explainForbidden(response)?.kind; // 'challenge'
 * ```
 */
export function explainForbidden(
  { status, headers }: Pick<Response, 'status' | 'headers'>,
  errorCode?: string | null | undefined,
): ForbiddenReason | undefined {
  if (status !== 403) return undefined;
  if (headers.get('cf-mitigated')?.toLowerCase() === 'challenge') return challenge;
  return errorCode?.toLowerCase() === 'unsupported_country_region_territory' ? unsupportedRegion : undefined;
}
