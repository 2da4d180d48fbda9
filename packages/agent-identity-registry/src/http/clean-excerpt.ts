import { redactCredentials } from 'agent-identity-core/http';

/** How much of a text that came from outside is kept in an error (docs/protocol.md section 5). */
const maxExcerptLength = 512;

/**
 * The beginning of a text that came from outside, fit for an error or a log: the secrets that were sent and whatever
 * else looks like a credential are taken out before it is cut, and characters that control a
 * terminal or the direction of text become spaces.
 *
 * @param secrets What the request carried and must not come back in an error. Not part of the result.
 */
export function cleanExcerpt(text: string, secrets: readonly string[]): string {
  const withoutOurs = secrets
    .flatMap((secret) => [
      secret,
      JSON.stringify(secret).slice(1, -1),
      secret.replaceAll('/', '\\/'),
      encodeURIComponent(secret),
    ])
    .reduce((clean, secret) => clean.replaceAll(secret, '[redacted]'), text);
  return redactCredentials(withoutOurs)
    .replaceAll(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]+/gu, ' ')
    .slice(0, maxExcerptLength)
    .toWellFormed();
}
