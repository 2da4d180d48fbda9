const credentialPatterns: readonly RegExp[] = [
  // Any JWT, whether in JSON, in a header or bare.
  /\beyJ[\w-]{4,}\.[\w-]+(?:\.[\w-]*)?/g,
  // The credentials of an Authorization header echoed back.
  /\b(?:AgentAssertion|Bearer|Basic)\s+[\w\-.~+/]+=*/gi,
  // PKCS#8 documents of Ed25519 keys, both versions (protocol section 2).
  /\bM(?:C4CAQAw|FECAQEw)[\w+/-]{8,}={0,2}/g,
  // API keys and tokens by their usual prefixes.
  /\b(?:sk|sess)-[\w-]{8,}/g,
  // JSON or form members that hold a secret by name.
  /("?\b(?:[\w-]*(?:token|secret|password|api_?key|private_key|signature)|authorization)"?\s*[:=]\s*)"?[^\s",&}]+"?/gi,
];

/**
 * Takes whatever looks like a credential out of text that came from outside, so that it can be kept in an error or a
 * log: JWTs, `Authorization` values, PKCS#8 keys, API keys, and members named like a secret.
 */
export function redactCredentials(text: string): string {
  return credentialPatterns.reduce(
    (clean, pattern) =>
      clean.replace(pattern, (_match, prefix) => `${typeof prefix === 'string' ? prefix : ''}[redacted]`),
    text,
  );
}
