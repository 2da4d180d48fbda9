import { redactCredentials } from 'agent-identity-core/http';

/** The most that an error keeps of text from outside (docs/protocol.md section 5). */
const maxExcerptLength = 512;

/**
 * Returns the beginning of a text from outside, safe for an error or a log. Redacts the given secrets and everything that
 * looks like a credential before it cuts, and replaces characters that control a terminal or the direction of text.
 *
 * @param secrets Secrets that the request contained. Never part of the result.
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
