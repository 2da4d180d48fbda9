/** Returns the beginning of a secret and its length: enough to compare two of them, and useless to an attacker. */
export function shorten(secret: string, visibleCharacters = 12): string {
  const visible = Math.min(visibleCharacters, Math.floor(secret.length / 4));
  return `${secret.slice(0, visible)}… (${secret.length} characters)`;
}
