/** The beginning of a secret and its length: enough to see that two are the same, and of no use to anybody. */
export function shorten(secret: string, visibleCharacters = 12): string {
  if (secret.length <= visibleCharacters * 2) return secret;
  return `${secret.slice(0, visibleCharacters)}… (${secret.length} characters)`;
}
